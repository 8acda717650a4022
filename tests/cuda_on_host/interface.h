// What a kernel asks of the runtime. A place is a text such as "reduce.cuh:29".
#pragma once
#include <cstdint>

struct Dimensions {
    unsigned int x, y, z;
};

enum class WarpOperation { shuffle, shuffle_up, shuffle_down, shuffle_xor, ballot, sync };

extern "C" {
void on_host_barrier(const char* place);
int on_host_barrier_count(const char* place, bool predicate);
uint64_t on_host_warp(WarpOperation operation, const char* place, unsigned int mask, uint64_t value, int parameter,
                      int width);
void* on_host_dynamic_shared();
void on_host_atomic(const void* address, int size, const void* where);
bool on_host_run(void (*kernel)(void*), void* arguments, const void* inside_module);
}
