// The scheduler: runs the threads of a block as fibers, block after block.
//
// A thread that meets no barrier is followed on its fiber by the next fresh thread, so that kernels without barriers
// hardly switch. When all threads wait or are done, barriers and warp operations are completed.
#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "runtime.h"

extern "C" {  // what kernels see as constants
Dimensions on_host_thread_index, on_host_block_index, on_host_block_dimensions, on_host_grid_dimensions;
}

namespace on_host {

Launch launch;
Thread threads[MAX_THREADS];
int thread_count, finished;
Thread* current;
uint64_t block_number;
uint32_t barrier_epoch, warp_epoch[MAX_THREADS / WARP];
alignas(256) char dynamic_shared[227 << 10];

namespace {

std::vector<std::unique_ptr<Fiber>> fibers;
std::vector<Fiber*> idle;
int order[MAX_THREADS], position;  // the threads in the order that they start in, and how many have started
void (*kernel)(void*);
void* kernel_arguments;
uint32_t random_state;

uint32_t random_below(uint64_t limit) {
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

// What every fiber does.
void run_threads() {
    for (;;) {
        Fiber* fiber = current->fiber;
        kernel(kernel_arguments);
        current->state = State::done;
        ++finished;
        while (position < thread_count && threads[order[position]].state != State::fresh) ++position;
        if (position < thread_count) {
            Thread& next = threads[order[position++]];
            next.state = State::ready;
            next.fiber = fiber;
            make_current(next);
        } else {
            idle.push_back(fiber);
            fiber->suspend();
        }
    }
}

Fiber* take_fiber() {
    if (idle.empty()) {
        fibers.push_back(std::make_unique<Fiber>(run_threads));
        return fibers.back().get();
    }
    Fiber* fiber = idle.back();
    idle.pop_back();
    return fiber;
}

void arrange_threads() {
    std::iota(order, order + thread_count, 0);
    if (launch.order == Order::reverse) std::reverse(order, order + thread_count);
    if (launch.order == Order::random)
        for (int i = thread_count - 1; i > 0; --i) std::swap(order[i], order[random_below(i + 1)]);
}

// Let every thread run until it waits or is done.
bool run_ready_threads() {
    bool any = false;
    position = 0;
    for (int i = 0; i < thread_count && !failed; ++i) {
        Thread& thread = threads[order[i]];
        if (thread.state == State::fresh) {
            position = i + 1;
            thread.state = State::ready;
            thread.fiber = take_fiber();
        } else if (thread.state != State::ready) {
            continue;
        } else {
            position = thread_count;  // what is resumed is followed by no fresh thread
        }
        make_current(thread);
        thread.fiber->resume();
        any = true;
    }
    return any;
}

void run_block() {
    for (int i = 0; i < thread_count; ++i) threads[i].state = State::fresh;
    finished = 0;
    ++barrier_epoch;
    start_barriers();
    arrange_threads();
    while (finished < thread_count && !failed) {
        const bool ran = run_ready_threads();
        if (failed) return;
        const bool completed = complete_warp_operations() | complete_barrier();
        if (!ran && !completed && !failed) report_deadlock();
    }
}

// Blocks in order, backwards, or in steps that reach each of them once.
void run_blocks() {
    const uint64_t blocks = launch.last_block - launch.first_block;
    uint64_t start = 0, stride = 1;
    if (launch.order == Order::reverse) start = stride = blocks - 1;
    if (launch.order == Order::random) {
        start = random_below(blocks);
        do stride = 1 + random_below(blocks);
        while (std::gcd(stride, blocks) != 1);
    }
    for (uint64_t i = 0; i < blocks && !failed; ++i) {
        block_number = launch.first_block + (start + i * stride) % blocks;
        const uint64_t row = block_number / launch.grid.x;
        on_host_block_index = {static_cast<unsigned int>(block_number % launch.grid.x),
                               static_cast<unsigned int>(row % launch.grid.y),
                               static_cast<unsigned int>(row / launch.grid.y)};
        run_block();
        if (launch.counted) finish_block_count();
    }
}

}  // namespace

void make_current(Thread& thread) {
    current = &thread;
    on_host_thread_index = thread.index;
}

void wait(State state, const char* place) {
    Thread& self = *current;
    self.state = state;
    self.place = place;
    self.fiber->suspend();
}

}  // namespace on_host

using namespace on_host;

extern "C" {

void* on_host_dynamic_shared() { return dynamic_shared; }

void on_host_prepare(const Launch* wanted) { launch = *wanted; }

bool on_host_run(void (*function)(void*), void* arguments, const void* inside_module) {
    forget_failure();
    kernel = function;
    kernel_arguments = arguments;
    random_state = launch.seed;
    on_host_grid_dimensions = launch.grid;
    on_host_block_dimensions = launch.block;
    thread_count = launch.block.x * launch.block.y * launch.block.z;
    barrier_epoch = 0;
    std::fill(std::begin(warp_epoch), std::end(warp_epoch), 0);
    for (int i = 0; i < thread_count; ++i) {
        const unsigned int number = i, row = number / launch.block.x;
        threads[i].number = i;
        threads[i].index = {number % launch.block.x, row % launch.block.y, row / launch.block.y};
    }
    if (launch.checked) start_checking(inside_module);
    if (launch.counted) start_counting();
    run_blocks();
    stop_checking();
    if (failed) {  // what threads were doing when one failed is of no interest
        idle.clear();
        for (const auto& fiber : fibers) fiber->restart(), idle.push_back(fiber.get());
    }
    return failed;
}

}  // extern "C"
