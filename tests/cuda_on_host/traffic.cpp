// Traffic: the 32-byte sectors of global memory that blocks touch, and the conflicts in shared memory's banks.
//
// A sector counts once a block, as if the nearest cache held all that a block needs. The n-th time that each lane of a
// warp comes to an instruction is one request of the warp. A request to shared memory must be repeated for as long as
// one bank is asked for another word; 8 bytes are served half a warp at a time, 16 bytes a quarter. What the compiler
// moves in pieces counts as its pieces.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "runtime.h"

namespace on_host {

namespace {

constexpr int SECTOR = 32, BANKS = 32;
constexpr uint32_t WHOLE_SECTOR = 0xffffffff;

// What options.py and traffic.py know in this order.
struct Counts {
    uint64_t read_sectors, full_reads, written_sectors, full_writes, bank_conflicts, requests;
} counts;

using Sectors = std::unordered_map<uintptr_t, uint32_t>;  // which bytes of each were used
Sectors read_sectors, written_sectors;

struct SharedAccess {
    int lane, size;
    uintptr_t address;
};
struct Instruction {
    std::array<uint32_t, WARP> times{};  // that each lane came here
    std::vector<std::vector<SharedAccess>> requests;
};
std::unordered_map<uintptr_t, Instruction> global_instructions, shared_instructions;  // of each warp

void add_sectors(Sectors& sectors, uintptr_t address, int size) {
    for (const uintptr_t end = address + size; address < end;) {
        const int first = address % SECTOR, bytes = std::min<int>(SECTOR - first, end - address);
        sectors[address / SECTOR] |= (bytes == SECTOR ? WHOLE_SECTOR : (1u << bytes) - 1) << first;
        address += bytes;
    }
}

void sum(Sectors& sectors, uint64_t& all, uint64_t& full) {
    all += sectors.size();
    for (const auto& sector : sectors) full += sector.second == WHOLE_SECTOR;
    sectors.clear();
}

int conflicts(const std::vector<SharedAccess>& request) {
    int repeats = 0;
    const int lanes = request[0].size <= 4 ? 32 : request[0].size == 8 ? 16 : 8;  // served at once
    for (int first = 0; first < WARP; first += lanes) {
        std::array<std::vector<uintptr_t>, BANKS> words;
        size_t busiest = 1;
        for (const SharedAccess& access : request) {
            if (access.lane < first || access.lane >= first + lanes) continue;
            for (uintptr_t word = access.address / 4; word <= (access.address + access.size - 1) / 4; ++word) {
                auto& bank = words[word % BANKS];
                if (std::find(bank.begin(), bank.end(), word) == bank.end()) bank.push_back(word);
                busiest = std::max(busiest, bank.size());
            }
        }
        repeats += busiest - 1;
    }
    return repeats;
}

}  // namespace

void start_counting() { counts = {}; }

void count_access(uintptr_t address, int size, bool written, bool shared, const void* where) {
    if (!shared) add_sectors(written ? written_sectors : read_sectors, address, size);
    auto& instructions = shared ? shared_instructions : global_instructions;
    Instruction& instruction = instructions[reinterpret_cast<uintptr_t>(where) * WARP + current->warp()];
    const uint32_t time = instruction.times[current->lane()]++;
    if (!shared) return;
    if (instruction.requests.size() <= time) instruction.requests.resize(time + 1);
    instruction.requests[time].push_back({current->lane(), size, address});
}

void finish_block_count() {
    sum(read_sectors, counts.read_sectors, counts.full_reads);
    sum(written_sectors, counts.written_sectors, counts.full_writes);
    for (const auto& [_, instruction] : global_instructions)
        counts.requests += *std::max_element(instruction.times.begin(), instruction.times.end());
    for (const auto& [_, instruction] : shared_instructions)
        for (const auto& request : instruction.requests) counts.bank_conflicts += conflicts(request);
    global_instructions.clear();
    shared_instructions.clear();
}

}  // namespace on_host

extern "C" void on_host_traffic(on_host::Counts* result) { *result = on_host::counts; }
