// Barriers: they complete when every thread of the block waits at the same place, stricter than the hardware.
#include "runtime.h"

namespace on_host {

namespace {

int waiting, true_predicates, last_true_predicates;

}  // namespace

void start_barriers() { waiting = true_predicates = 0; }

bool complete_barrier() {
    if (!waiting || waiting + finished != thread_count) return false;
    const char* place = nullptr;
    for (int i = 0; i < thread_count; ++i) {
        if (threads[i].state != State::at_barrier) continue;
        if (!place) place = threads[i].place;
        make_current(threads[i]);
        if (!same_place(threads[i].place, place)) {
            fail("divergent barrier: this thread waits at %s, others at %s", threads[i].place, place);
            return false;
        }
    }
    if (finished) {
        fail("divergent barrier: this thread waits at %s, %d of %d threads have returned", place, finished,
             thread_count);
        return false;
    }
    for (int i = 0; i < thread_count; ++i) threads[i].state = State::ready;
    last_true_predicates = true_predicates;
    start_barriers();
    ++barrier_epoch;
    return true;
}

void report_deadlock() {
    int at_operation = 0;
    const char *barrier = "nowhere", *operation = "nowhere";
    for (int i = 0; i < thread_count; ++i) {
        if (threads[i].state == State::at_barrier) barrier = threads[i].place;
        if (threads[i].state == State::at_warp_operation) ++at_operation, operation = threads[i].place;
    }
    fail("deadlock: %d threads wait at a barrier (%s), %d at a warp operation (%s), %d have returned", waiting, barrier,
         at_operation, operation, finished);
}

}  // namespace on_host

using namespace on_host;

extern "C" {

void on_host_barrier(const char* place) {
    ++waiting;
    wait(State::at_barrier, place);
}

int on_host_barrier_count(const char* place, bool predicate) {
    true_predicates += predicate;
    on_host_barrier(place);
    return last_true_predicates;
}

}  // extern "C"
