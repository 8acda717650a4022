// Traffic: how many 32-byte sectors of global memory the blocks touch, and how shared memory's banks are used.
//
// Sectors are counted once a block, as if the nearest cache held all that a block needs, and summed over blocks. A bank
// conflict is counted for each access of a warp to shared memory (the n-th time at one instruction) by how often the busiest
// bank must be asked for different words, less one; 8 bytes are served half a warp at a time, 16 a quarter. What the compiler
// moves in pieces counts as its pieces.
#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "runtime.h"

bool counting;

namespace {

constexpr int SECTOR = 32, BANKS = 32;

struct Counts {
    uint64_t read, read_fully, written, written_fully, conflicts;
} counts;

using Sectors = std::unordered_map<uintptr_t, uint32_t>;  // the bytes of each that were used
Sectors read_sectors, written_sectors;

struct SharedAccess {
    int lane, size;
    uintptr_t address;
};
using Instruction = std::pair<int, const void*>;  // the warp and where
std::map<Instruction, std::vector<std::vector<SharedAccess>>> shared_accesses;
std::map<std::pair<int, const void*>, int> times;  // by thread

void add_sectors(Sectors& sectors, uintptr_t address, int size) {
    for (uintptr_t byte = address; byte < address + size; ++byte) sectors[byte / SECTOR] |= 1u << byte % SECTOR;
}

void sum(const Sectors& sectors, uint64_t& all, uint64_t& full) {
    all += sectors.size();
    full += std::count_if(sectors.begin(), sectors.end(), [](const auto& s) { return s.second == 0xffffffffu; });
}

int conflicts_of(const std::vector<SharedAccess>& accesses) {
    int conflicts = 0;
    const int lanes = accesses[0].size <= 4 ? 32 : accesses[0].size == 8 ? 16 : 8;  // served at once
    for (int first = 0; first < WARP; first += lanes) {
        std::array<std::set<uintptr_t>, BANKS> words;
        size_t busiest = 1;
        for (const SharedAccess& access : accesses)
            if (access.lane >= first && access.lane < first + lanes)
                for (uintptr_t word = access.address / 4; word <= (access.address + access.size - 1) / 4; ++word) {
                    words[word % BANKS].insert(word);
                    busiest = std::max(busiest, words[word % BANKS].size());
                }
        conflicts += busiest - 1;
    }
    return conflicts;
}

}  // namespace

void start_counting() { counts = {}; }

void count_access(uintptr_t address, int size, bool written, bool shared, const void* where) {
    if (!shared) return add_sectors(written ? written_sectors : read_sectors, address, size);
    const Thread& thread = *on_host_current;
    const size_t time = times[{thread.number, where}]++;
    auto& steps = shared_accesses[{thread.warp, where}];
    if (steps.size() <= time) steps.resize(time + 1);
    steps[time].push_back({thread.lane, size, address});
}

void finish_block_count() {
    sum(read_sectors, counts.read, counts.read_fully);
    sum(written_sectors, counts.written, counts.written_fully);
    for (const auto& instruction : shared_accesses)
        for (const auto& step : instruction.second)
            if (!step.empty()) counts.conflicts += conflicts_of(step);
    read_sectors.clear();
    written_sectors.clear();
    shared_accesses.clear();
    times.clear();
}

extern "C" void on_host_traffic(uint64_t* result) {
    const uint64_t values[] = {counts.read, counts.read_fully, counts.written, counts.written_fully, counts.conflicts};
    std::copy(std::begin(values), std::end(values), result);
}
