// What the parts of the runtime know of each other.
#pragma once
#include <cstdint>
#include <cstring>

#include "fibers.h"
#include "interface.h"

namespace on_host {

constexpr int MAX_THREADS = 1024, WARP = 32;

enum class State { fresh, ready, at_barrier, at_warp_operation, done };

// A thread of the block that runs, and what it waits for.
struct Thread {
    Dimensions index;
    int number;  // within the block
    State state;
    Fiber* fiber;
    const char* place;
    WarpOperation operation;
    unsigned int mask;
    uint64_t value;
    int parameter, width;

    int warp() const { return number / WARP; }
    int lane() const { return number % WARP; }
};

inline bool same_place(const char* a, const char* b) { return a == b || !std::strcmp(a, b); }

enum class Order : int { forward, reverse, random };

// What Python asks for; options.py has the same.
struct Launch {
    Dimensions grid, block;
    unsigned int shared_memory;
    uint64_t first_block, last_block;  // those from first_block on, before last_block
    Order order;
    unsigned int seed;
    int checked, counted;
};

// ---- scheduler.cpp
extern Launch launch;
extern Thread threads[MAX_THREADS];
extern int thread_count, finished;
extern Thread* current;
extern uint64_t block_number;
extern uint32_t barrier_epoch, warp_epoch[MAX_THREADS / WARP];  // how many barriers there were
extern char dynamic_shared[];
void make_current(Thread& thread);
void wait(State state, const char* place);  // until the scheduler says "ready"

// ---- failures.cpp
extern bool failed;
void forget_failure();
void fail(const char* format, ...);                                         // take note of the first failure
[[noreturn]] void fail_thread(const void* where, const char* format, ...);  // and leave the kernel for good

// ---- barriers.cpp, warps.cpp: complete what may go on, and tell whether there was any
void start_barriers();
bool complete_barrier();
void report_deadlock();
bool complete_warp_operations();

// ---- checker.cpp
void start_checking(const void* inside_module);
void stop_checking();

// ---- traffic.cpp
void start_counting();
void count_access(uintptr_t address, int size, bool written, bool shared, const void* where);
void finish_block_count();

}  // namespace on_host
