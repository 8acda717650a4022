// What the parts of the runtime know of each other: the scheduler, the checker, the traffic count.
#pragma once
#include <cstdint>

#include "fibers.h"
#include "thread.h"

constexpr int MAX_THREADS = 1024, WARP = 32;

enum class State { fresh, ready, at_barrier, at_warp_operation, done };

struct RunningThread {
    Thread thread;  // first: the kernel sees a pointer to it
    State state;
    int line;  // where it waits
    Fiber* fiber;
    WarpOperation operation;
    unsigned int mask;
    uint64_t value;
    int parameter, width;
};

// -- scheduler.cpp
extern RunningThread threads[MAX_THREADS];
extern uint32_t block_number, barrier_epoch, warp_epoch[MAX_THREADS / WARP];
extern Fiber* running_fiber;
extern char dynamic_shared[];
extern unsigned int dynamic_shared_size;
extern bool failed;
void fail(const char* format, ...);          // take note of the first error
[[noreturn]] void fail_thread();             // leave the kernel for good
bool is_runtime_data(uintptr_t address);     // threadIdx and its like, launch arguments

// -- checker.cpp
extern bool checking;
void start_checking(const void* inside_module);
void stop_checking();
void start_block_checks();

// -- traffic.cpp
extern bool counting;
void start_counting();
void count_access(uintptr_t address, int size, bool written, bool shared, const void* where);
void finish_block_count();
