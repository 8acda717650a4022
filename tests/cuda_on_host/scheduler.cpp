// The scheduler: runs the threads of a block as fibers, block after block, and completes barriers and warp operations.
//
// A fiber that meets no barrier goes on with the next fresh thread, so that kernels without barriers hardly switch. Barriers
// and warp operations complete only when every thread that takes part waits at the same line: stricter than the hardware.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <vector>

#include "runtime.h"

// What kernels read through threadIdx and its like lies in a section of its own, which the checker lets pass.
#define SEEN_BY_KERNELS __attribute__((section("on_host_seen")))
extern "C" {
SEEN_BY_KERNELS Thread* on_host_current = nullptr;
SEEN_BY_KERNELS Dimensions on_host_block_index = {}, on_host_block_dimensions = {}, on_host_grid_dimensions = {};
extern char __start_on_host_seen[] __attribute__((visibility("hidden")));
extern char __stop_on_host_seen[] __attribute__((visibility("hidden")));
}
SEEN_BY_KERNELS RunningThread threads[MAX_THREADS] = {};

uint32_t block_number, barrier_epoch, warp_epoch[MAX_THREADS / WARP];
Fiber* running_fiber;
alignas(256) char dynamic_shared[232448];
unsigned int dynamic_shared_size;
bool failed;

namespace {

enum Order { forward, reverse, random_order };

int count, finished, waiting, true_predicates, last_true_predicates;
int order[MAX_THREADS], position;
Order chosen_order = forward;
uint32_t random_state = 1;
std::vector<Fiber*> idle;
void (*kernel)(void*);
void* kernel_arguments;
size_t kernel_arguments_size;
char message[1024];
Dimensions grid, block;
uint64_t first_block, last_block;
bool check_wanted, count_wanted;

RunningThread& current() { return *reinterpret_cast<RunningThread*>(on_host_current); }

// Wait until the scheduler says "ready". After a failure nobody ever does.
void wait() {
    RunningThread& self = current();
    do self.fiber->suspend();
    while (failed);
    on_host_current = &self.thread;
}

void run_threads() {
    for (;;) {
        kernel(kernel_arguments);
        current().state = State::done;
        ++finished;
        while (position < count && threads[order[position]].state != State::fresh) ++position;
        if (position < count && !failed) {
            RunningThread& next = threads[order[position++]];
            next.state = State::ready;
            next.fiber = running_fiber;
            on_host_current = &next.thread;
            continue;
        }
        idle.push_back(running_fiber);
        running_fiber->suspend();
    }
}

Fiber* take_fiber() {
    if (idle.empty()) return new Fiber(run_threads);
    Fiber* fiber = idle.back();
    idle.pop_back();
    return fiber;
}

bool takes_part(const RunningThread& one, const RunningThread& other) {
    return other.state == State::at_warp_operation && other.operation == one.operation && other.mask == one.mask &&
           other.line == one.line;
}

uint64_t shuffled(RunningThread* warp, int lanes, int lane) {
    const RunningThread& self = warp[lane];
    const int first = lane & ~(self.width - 1), end = first + self.width;
    int source = lane;
    switch (self.operation) {
        case WarpOperation::shuffle: source = first + (self.parameter & (self.width - 1)); break;
        case WarpOperation::shuffle_up: source = lane - self.parameter < first ? lane : lane - self.parameter; break;
        case WarpOperation::shuffle_down: source = lane + self.parameter >= end ? lane : lane + self.parameter; break;
        case WarpOperation::shuffle_xor: source = (lane ^ self.parameter) >= end ? lane : lane ^ self.parameter; break;
        default: break;
    }
    if (source >= lanes || warp[source].state == State::done || !(self.mask >> source & 1)) {
        on_host_current = &warp[lane].thread;
        fail("line %d: the shuffle of lane %d reads lane %d, which does not take part", self.line, lane, source);
        return 0;
    }
    return warp[source].value;
}

// Complete what every lane of a mask waits for.
bool complete_warp_operations(int number) {
    RunningThread* warp = threads + number * WARP;
    const int lanes = std::min(WARP, count - number * WARP);
    bool any = false;
    for (int lane = 0; lane < lanes; ++lane) {
        const RunningThread first = warp[lane];
        if (first.state != State::at_warp_operation) continue;
        bool complete = true;
        unsigned int ballot = 0;
        for (int other = 0; other < lanes; ++other) {
            if (!(first.mask >> other & 1)) continue;
            complete &= warp[other].state == State::done || takes_part(first, warp[other]);
            if (warp[other].state == State::at_warp_operation && warp[other].value) ballot |= 1u << other;
        }
        if (!complete) continue;
        uint64_t results[WARP];
        for (int other = 0; other < lanes; ++other)
            if (first.mask >> other & 1 && warp[other].state == State::at_warp_operation)
                results[other] = first.operation == WarpOperation::ballot ? ballot
                                 : first.operation == WarpOperation::sync ? 0
                                                                          : shuffled(warp, lanes, other);
        for (int other = 0; other < lanes; ++other)
            if (first.mask >> other & 1 && warp[other].state == State::at_warp_operation) {
                warp[other].value = results[other];
                warp[other].state = State::ready;
            }
        if (first.operation == WarpOperation::sync) ++warp_epoch[number];
        any = true;
    }
    return any;
}

bool complete_barrier() {
    if (!waiting || waiting + finished != count) return false;
    int line = 0;
    for (int i = 0; i < count; ++i) {
        if (threads[i].state != State::at_barrier) continue;
        if (line && threads[i].line != line) {
            fail("divergent barrier: some threads wait at line %d, others at line %d", line, threads[i].line);
            return true;
        }
        line = threads[i].line;
    }
    if (finished) {
        fail("divergent barrier at line %d: %d of %d threads have returned", line, finished, count);
        return true;
    }
    for (int i = 0; i < count; ++i) threads[i].state = State::ready;
    last_true_predicates = true_predicates;
    true_predicates = waiting = 0;
    ++barrier_epoch;
    return true;
}

void report_deadlock() {
    int at_barrier = 0, at_operation = 0, barrier_line = 0, operation_line = 0;
    for (int i = 0; i < count; ++i) {
        if (threads[i].state == State::at_barrier) ++at_barrier, barrier_line = threads[i].line;
        if (threads[i].state == State::at_warp_operation) ++at_operation, operation_line = threads[i].line;
    }
    fail("deadlock: %d threads wait at a barrier (line %d), %d at a warp operation (line %d), %d have returned", at_barrier,
         barrier_line, at_operation, operation_line, finished);
}

void arrange() {
    std::iota(order, order + count, 0);
    if (chosen_order == reverse) std::reverse(order, order + count);
    if (chosen_order == random_order)
        for (int i = count - 1; i > 0; --i) {
            random_state = random_state * 1664525u + 1013904223u;
            std::swap(order[i], order[(random_state >> 8) % (i + 1)]);
        }
}

void run_block() {
    finished = waiting = true_predicates = 0;
    ++barrier_epoch;
    for (int i = 0; i < count; ++i) threads[i].state = State::fresh;
    arrange();
    while (finished < count && !failed) {
        bool moved = false;
        position = 0;
        for (int i = 0; i < count && !failed; ++i) {
            RunningThread& thread = threads[order[i]];
            if (thread.state == State::fresh) {
                position = i + 1;
                thread.state = State::ready;
                thread.fiber = take_fiber();
            } else if (thread.state != State::ready) {
                continue;
            } else if (!position) {
                position = count;  // a fiber that is resumed starts no fresh threads
            }
            on_host_current = &thread.thread;
            running_fiber = thread.fiber;
            running_fiber->resume();
            moved = true;
        }
        if (failed) return;
        bool released = false;
        for (int warp = 0; warp * WARP < count; ++warp) released |= complete_warp_operations(warp);
        released |= complete_barrier();
        if (!moved && !released && finished < count && !failed) report_deadlock();
    }
}

}  // namespace

void fail(const char* format, ...) {
    if (failed) return;
    failed = true;
    const Dimensions &b = on_host_block_index, &t = on_host_current->index;
    int length = std::snprintf(message, sizeof message, "block (%u,%u,%u) thread (%u,%u,%u): ", b.x, b.y, b.z, t.x, t.y, t.z);
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message + length, sizeof message - length, format, arguments);
    va_end(arguments);
}

void fail_thread() {
    for (;;) running_fiber->suspend();
}

bool is_runtime_data(uintptr_t address) {
    return (address >= reinterpret_cast<uintptr_t>(__start_on_host_seen) &&
            address < reinterpret_cast<uintptr_t>(__stop_on_host_seen)) ||
           address - reinterpret_cast<uintptr_t>(kernel_arguments) < kernel_arguments_size ||
           address - reinterpret_cast<uintptr_t>(&kernel_arguments) < sizeof kernel_arguments;
}

extern "C" {

void on_host_barrier(int line) {
    current().state = State::at_barrier;
    current().line = line;
    ++waiting;
    wait();
}

int on_host_barrier_count(int line, int predicate) {
    true_predicates += predicate;
    on_host_barrier(line);
    return last_true_predicates;
}

uint64_t on_host_warp(WarpOperation operation, int line, unsigned int mask, uint64_t value, int parameter, int width) {
    RunningThread& self = current();
    if (!(mask >> self.thread.lane & 1)) {
        fail("line %d: lane %d is not in the mask %#x that it gives", line, self.thread.lane, mask);
        fail_thread();
    }
    self.state = State::at_warp_operation;
    self.operation = operation;
    self.line = line;
    self.mask = mask;
    self.value = value;
    self.parameter = parameter;
    self.width = width;
    wait();
    return self.value;
}

void* on_host_dynamic_shared() { return dynamic_shared; }

// -- for Python

void on_host_configure(int thread_order, unsigned int seed, int check, int count_traffic) {
    chosen_order = static_cast<Order>(thread_order);
    random_state = seed * 2654435761u + 1;
    check_wanted = check;
    count_wanted = count_traffic;
}

void on_host_shape(const unsigned int* sizes, unsigned int shared, uint64_t first, uint64_t last) {
    grid = {sizes[0], sizes[1], sizes[2]};
    block = {sizes[3], sizes[4], sizes[5]};
    dynamic_shared_size = shared;
    first_block = first;
    last_block = last;
}

const char* on_host_error() { return message; }

int on_host_run(void (*function)(void*), void* arguments, size_t size, const void* inside_module) {
    failed = false;
    message[0] = 0;
    kernel = function;
    kernel_arguments = arguments;
    kernel_arguments_size = size;
    on_host_grid_dimensions = grid;
    on_host_block_dimensions = block;
    count = block.x * block.y * block.z;
    barrier_epoch = 0;
    std::memset(warp_epoch, 0, sizeof warp_epoch);
    for (unsigned int i = 0; i < static_cast<unsigned int>(count); ++i) {
        const int number = i;
        threads[i].thread = {{i % block.x, i / block.x % block.y, i / (block.x * block.y)}, number, number % WARP, number / WARP};
    }
    checking = check_wanted;
    counting = count_wanted;
    start_checking(inside_module);
    if (counting) start_counting();
    for (uint64_t step = first_block; step < last_block && !failed; ++step) {
        const uint64_t number = chosen_order == reverse ? last_block - 1 - (step - first_block) : step;
        block_number = number - first_block;
        on_host_block_index = {static_cast<unsigned int>(number % grid.x), static_cast<unsigned int>(number / grid.x % grid.y),
                               static_cast<unsigned int>(number / (static_cast<uint64_t>(grid.x) * grid.y))};
        start_block_checks();
        run_block();
        if (counting) finish_block_count();
    }
    if (failed) idle.clear();  // the stacks of threads that never came back are lost
    stop_checking();
    return failed;
}

}  // extern "C"
