// What kernels and the runtime share: where a thread stands, and what it can ask of the runtime.
#pragma once
#include <cstddef>
#include <cstdint>

struct Dimensions {
    unsigned int x, y, z;
};

struct Thread {
    Dimensions index;
    int number, lane, warp;  // within the block, within the warp, of the warp
};

enum class WarpOperation { shuffle, shuffle_up, shuffle_down, shuffle_xor, ballot, sync };

extern "C" {
extern Thread* on_host_current;
extern Dimensions on_host_block_index, on_host_block_dimensions, on_host_grid_dimensions;
void on_host_barrier(int line);
int on_host_barrier_count(int line, int predicate);
uint64_t on_host_warp(WarpOperation operation, int line, unsigned int mask, uint64_t value, int parameter, int width);
void* on_host_dynamic_shared();
void on_host_atomic(const void* address, int size);
int on_host_run(void (*kernel)(void*), void* arguments, size_t size, const void* inside_module);
}
