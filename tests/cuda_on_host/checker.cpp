// The checker: g++ -fsanitize=thread calls the hooks below at every access; its own library is not linked.
//
// Found are accesses outside of every argument, misaligned ones, writes to constant data, reads of shared memory that the
// block has not written, and races: two threads at one place, at least one of them writing, without a barrier between.
// Each cell of memory remembers its last write and its last read, and whether there were other readers beside that one.
#include <link.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "runtime.h"

bool checking;

namespace {

struct Access {
    uint32_t thread = 0, block, epoch, warp_epoch;  // thread: its number + 1, 0 if there was none
};

struct Cell {
    Access write, read;
    bool atomic = false, other_readers = false, other_blocks = false;
};

// A piece of memory that a kernel may use.
struct Region {
    uintptr_t low, high;
    int granule;  // bytes of a cell
    bool shared, constant, sparse, program;  // program: the module itself
    char name[40];
    std::vector<Cell> cells;
    std::unordered_map<uintptr_t, Cell> few;  // for a sparse region

    Cell& cell(uintptr_t index) { return sparse ? few[index] : cells[index]; }
};

std::vector<Region> regions;
size_t last_used;
char* module_shared;
size_t module_shared_size;
const void* module_address;

enum class Kind { read, write, atomic };

Access now() {
    const Thread& thread = *on_host_current;
    return {static_cast<uint32_t>(thread.number) + 1, block_number, barrier_epoch, warp_epoch[thread.warp]};
}

// Whether a barrier, the end of its warp's step or the program order puts an earlier access before this one.
bool ordered(const Access& before, const Access& access) {
    if (before.block != access.block) return false;
    return before.thread == access.thread || before.epoch != access.epoch ||
           ((before.thread - 1) / WARP == (access.thread - 1) / WARP && before.warp_epoch != access.warp_epoch);
}

Region* find(uintptr_t address, int size) {
    const auto within = [&](const Region& r) { return address >= r.low && address + size <= r.high; };
    if (last_used < regions.size() && within(regions[last_used])) return &regions[last_used];
    for (size_t i = 0; i < regions.size(); ++i)
        if (within(regions[i])) return &regions[last_used = i];
    return nullptr;
}

[[noreturn]] void fail_outside(uintptr_t address, int size, Kind kind, const void* where) {
    const Region* nearest = nullptr;
    long distance = 0;
    for (const Region& region : regions) {
        const long away = address < region.low ? region.low - address : address + size - region.high;
        if (!nearest || away < distance) nearest = &region, distance = away;
    }
    fail("%s of %d bytes, %ld bytes outside %s [at %p]", kind == Kind::read ? "read" : "write", size, distance,
         nearest ? nearest->name : "everything", where);
    fail_thread();
}

void check_race(Region& region, Cell& cell, const Access& access, Kind kind, uintptr_t address, const void* where) {
    const bool stale = region.shared && cell.write.block != access.block;  // left by an earlier block
    const bool written = cell.write.thread && !stale;
    if (region.shared && !written && kind != Kind::write) {
        fail("read of uninitialised shared memory, byte %ld [at %p]", long(address - region.low), where);
        fail_thread();
    }
    const Access* other = nullptr;
    if (written && !ordered(cell.write, access) && !(kind == Kind::atomic && cell.atomic)) other = &cell.write;
    if (!other && kind != Kind::read && cell.read.thread && !(region.shared && cell.read.block != access.block)) {
        const bool same_epoch = cell.read.block == access.block && cell.read.epoch == access.epoch;
        const bool unseen = (cell.other_readers && same_epoch) || (cell.other_blocks && !region.shared);
        if (!ordered(cell.read, access) || unseen) other = &cell.read;
    }
    if (!other) return;
    fail("race on %s, byte %ld: thread %u of block %u %s it without a barrier between [at %p]", region.name,
         long(address - region.low), other->thread - 1, other->block, other == &cell.write ? "writes" : "reads", where);
    fail_thread();
}

void remember(Cell& cell, const Access& access, Kind kind) {
    if (kind != Kind::read) {
        cell.write = access;
        cell.atomic = kind == Kind::atomic;
        return;
    }
    if (cell.read.thread) {
        if (cell.read.block != access.block) {
            cell.other_blocks = true;
            cell.other_readers = false;
        } else if (cell.read.epoch != access.epoch) {
            cell.other_readers = false;
        } else if (cell.read.thread != access.thread && !ordered(cell.read, access)) {
            cell.other_readers = true;
        }
    }
    cell.read = access;
}

void check(uintptr_t address, int size, Kind kind, const void* where) {
    if (!(checking || counting) || failed || running_fiber->holds(address) || is_runtime_data(address)) return;
    Region* region = find(address, size);
    if (counting && region && !region->program)
        count_access(address, size, kind != Kind::read, region->shared, where);
    if (!checking) return;
    if (!region) fail_outside(address, size, kind, where);
    if (address % (size & -size)) {
        fail("misaligned access of %d bytes to %s [at %p]", size, region->name, where);
        fail_thread();
    }
    if (region->constant) {
        if (kind == Kind::read) return;
        fail("write to %s, which is constant [at %p]", region->name, where);
        fail_thread();
    }
    const Access access = now();
    const uintptr_t offset = address - region->low;
    for (uintptr_t i = offset / region->granule; i <= (offset + size - 1) / region->granule; ++i) {
        Cell& cell = region->cell(i);
        check_race(*region, cell, access, kind, address, where);
        remember(cell, access, kind);
    }
}

Region& add_region(void* start, size_t size, int granule, bool shared, bool constant, bool sparse, const char* name) {
    Region region;
    region.low = reinterpret_cast<uintptr_t>(start);
    region.high = region.low + size;
    region.granule = granule;
    region.shared = shared;
    region.constant = constant;
    region.sparse = sparse;
    region.program = false;
    if (!constant && !sparse) region.cells.resize(size / granule + 1);
    std::snprintf(region.name, sizeof region.name, "%s", name);
    regions.push_back(std::move(region));
    return regions.back();
}

// Find the module's thread-local storage, which is its shared memory, and its constant data.
int visit_module(dl_phdr_info* module, size_t, void*) {
    const auto probe = reinterpret_cast<uintptr_t>(module_address);
    const auto* headers = module->dlpi_phdr;
    const bool ours = std::any_of(headers, headers + module->dlpi_phnum, [&](const auto& h) {
        return h.p_type == PT_LOAD && probe - (module->dlpi_addr + h.p_vaddr) < h.p_memsz;
    });
    if (!ours) return 0;
    for (int i = 0; i < module->dlpi_phnum; ++i) {
        const auto& header = headers[i];
        if (header.p_type == PT_TLS && module->dlpi_tls_data) {
            module_shared = static_cast<char*>(module->dlpi_tls_data);
            module_shared_size = header.p_memsz;
        } else if (header.p_type == PT_LOAD && !(header.p_flags & PF_W)) {
            void* start = reinterpret_cast<void*>(module->dlpi_addr + header.p_vaddr);
            add_region(start, header.p_memsz, 1, false, true, false, "the program").program = true;
        }
    }
    return 1;
}

}  // namespace

void start_checking(const void* inside_module) {
    last_used = 0;
    module_shared = nullptr;
    module_shared_size = 0;
    module_address = inside_module;
    dl_iterate_phdr(visit_module, nullptr);
    if (module_shared_size) add_region(module_shared, module_shared_size, 1, true, false, false, "static shared memory");
    if (dynamic_shared_size) add_region(dynamic_shared, dynamic_shared_size, 1, true, false, false, "dynamic shared memory");
}

void stop_checking() {
    checking = counting = false;
    regions.clear();
}

void start_block_checks() {
    if (module_shared_size) std::memset(module_shared, 0xff, module_shared_size);  // as floats: NaN
    if (dynamic_shared_size) std::memset(dynamic_shared, 0xff, dynamic_shared_size);
}

extern "C" {

void on_host_region(void* start, size_t size, int granule, int constant, int sparse, const char* name) {
    add_region(start, size, granule, false, constant, sparse, name);
}

void on_host_atomic(const void* address, int size) {
    check(reinterpret_cast<uintptr_t>(address), size, Kind::atomic, __builtin_return_address(0));
}

#define CALLER __builtin_return_address(0)
#define HOOK(name, size, kind) \
    void name(void* address) { check(reinterpret_cast<uintptr_t>(address), size, kind, CALLER); }
#define HOOKS(size)                                                \
    HOOK(__tsan_read##size, size, Kind::read)                      \
    HOOK(__tsan_write##size, size, Kind::write)                    \
    HOOK(__tsan_unaligned_read##size, size, Kind::read)            \
    HOOK(__tsan_unaligned_write##size, size, Kind::write)
HOOKS(1) HOOKS(2) HOOKS(4) HOOKS(8) HOOKS(16)

void __tsan_read_range(void* start, size_t size) { check(reinterpret_cast<uintptr_t>(start), size, Kind::read, CALLER); }
void __tsan_write_range(void* start, size_t size) { check(reinterpret_cast<uintptr_t>(start), size, Kind::write, CALLER); }
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void*, void*) {}
void __tsan_vptr_read(void*) {}

// g++ -fsanitize=undefined calls these; its own library is not linked either.
#define UNDEFINED(name, text)                        \
    void __ubsan_handle_##name##_abort(void*, ...) { \
        fail(text " [at %p]", CALLER);               \
        fail_thread();                               \
    }
UNDEFINED(type_mismatch_v1, "misaligned access")
UNDEFINED(out_of_bounds, "array index out of bounds")
UNDEFINED(shift_out_of_bounds, "shift by too many bits")
UNDEFINED(divrem_overflow, "division by zero")
UNDEFINED(add_overflow, "signed overflow")
UNDEFINED(sub_overflow, "signed overflow")
UNDEFINED(mul_overflow, "signed overflow")
UNDEFINED(negate_overflow, "signed overflow")

}  // extern "C"
