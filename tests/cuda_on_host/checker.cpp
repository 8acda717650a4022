// The checker: g++ -fsanitize=thread calls the hooks below at every access; its own library is not linked.
//
// Found are accesses outside of everything, writes to constants, reads of shared memory that the block has not written,
// and races. The hooks of -fsanitize=undefined find the rest: wrong alignment, indices, shifts, overflow.
#include "memory.h"

namespace on_host {

namespace {

bool active;

void check_cell(const Region& region, Cell& cell, const Access& access, Kind kind, size_t byte, const void* where) {
    if (region.shared && !cell.writes.of_block(access.block)) {
        if (kind != Kind::write)
            fail_thread(where, "read of uninitialised %s, byte %zu", region.name.c_str(), byte);
        cell = {};  // what an earlier block did is of no interest
    }
    const History* raced = nullptr;
    if (cell.writes.races_with(access)) raced = &cell.writes;
    if (kind != Kind::read && cell.reads.races_with(access)) raced = &cell.reads;
    if (raced)
        fail_thread(where, "race on %s, byte %zu: thread %u of block %llu %s it, with no barrier between",
                    region.name.c_str(), byte, raced->thread(), static_cast<unsigned long long>(raced->block()),
                    raced == &cell.reads ? "read" : "wrote");
    (kind == Kind::read ? cell.reads : cell.writes).add(access);
}

void check(const void* pointer, size_t size, Kind kind, const void* where) {
    const auto address = reinterpret_cast<uintptr_t>(pointer);
    if (!active || current->fiber->holds(address)) return;
    const char* verb = kind == Kind::read ? "read" : "write";
    const Region* region = find_region(address, size);
    if (!region) fail_thread(where, "%s of %zu bytes, %s", verb, size, nearest_region(address, size).c_str());
    if (region->constant && kind != Kind::read)
        fail_thread(where, "write to %s, which is constant", region->name.c_str());
    const size_t byte = address - region->low;
    if (launch.counted) count_access(region->origin + byte, size, kind != Kind::read, region->shared, where);
    if (!region->cells) return;
    Cells& cells = *region->cells;
    const Access access(kind);
    const size_t last = (region->offset + byte + size - 1) / cells.granule;
    for (size_t i = (region->offset + byte) / cells.granule; i <= last; ++i)
        check_cell(*region, cells[i], access, kind, byte, where);
}

}  // namespace

void start_checking(const void* inside_module) {
    add_module_regions(inside_module);
    active = true;
}

void stop_checking() {
    active = false;
    forget_regions();
}

}  // namespace on_host

using namespace on_host;

extern "C" {

void on_host_atomic(const void* address, int size, const void* where) { check(address, size, Kind::atomic, where); }

#define CALLER __builtin_return_address(0)
#define HOOKS(size)                                                                            \
    void __tsan_read##size(void* address) { check(address, size, Kind::read, CALLER); }        \
    void __tsan_write##size(void* address) { check(address, size, Kind::write, CALLER); }      \
    void __tsan_unaligned_read##size(void* address) { check(address, size, Kind::read, CALLER); } \
    void __tsan_unaligned_write##size(void* address) { check(address, size, Kind::write, CALLER); }
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)
void __tsan_read_range(void* start, size_t size) { check(start, size, Kind::read, CALLER); }
void __tsan_write_range(void* start, size_t size) { check(start, size, Kind::write, CALLER); }
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}

#define UNDEFINED(name, text) \
    void __ubsan_handle_##name##_abort(void*, ...) { fail_thread(CALLER, text); }
UNDEFINED(type_mismatch_v1, "misaligned access")
UNDEFINED(out_of_bounds, "array index out of bounds")
UNDEFINED(shift_out_of_bounds, "shift by too many bits, or of a sign bit")
UNDEFINED(divrem_overflow, "division by zero, or of the smallest number by -1")
UNDEFINED(add_overflow, "signed overflow")
UNDEFINED(sub_overflow, "signed overflow")
UNDEFINED(mul_overflow, "signed overflow")
UNDEFINED(negate_overflow, "signed overflow")

}  // extern "C"
