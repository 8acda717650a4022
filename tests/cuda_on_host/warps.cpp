// Warp operations: shuffles, ballots and __syncwarp complete when every lane of the mask waits at the same one.
#include <algorithm>

#include "runtime.h"

namespace on_host {

namespace {

// The lanes of a warp.
struct Warp {
    Thread* lane;
    int lanes;

    bool takes_part(int number, unsigned int mask) const {
        return mask >> number & 1 && lane[number].state == State::at_warp_operation;
    }

    // Whether every lane of the mask that hasn't returned waits for the same.
    bool complete(const Thread& one) const {
        for (int i = 0; i < lanes; ++i) {
            const Thread& other = lane[i];
            if (!(one.mask >> i & 1) || other.state == State::done) continue;
            if (other.state != State::at_warp_operation || other.operation != one.operation || other.mask != one.mask ||
                !same_place(other.place, one.place))
                return false;
        }
        return true;
    }

    uint64_t ballot(unsigned int mask) const {
        uint64_t bits = 0;
        for (int i = 0; i < lanes; ++i)
            if (takes_part(i, mask) && lane[i].value) bits |= uint64_t(1) << i;
        return bits;
    }

    uint64_t shuffled(int number) const {
        const Thread& self = lane[number];
        const int first = number & ~(self.width - 1), end = first + self.width;
        int source = number;
        if (self.operation == WarpOperation::shuffle) source = first + (self.parameter & (self.width - 1));
        if (self.operation == WarpOperation::shuffle_up) source = number - self.parameter;
        if (self.operation == WarpOperation::shuffle_down) source = number + self.parameter;
        if (self.operation == WarpOperation::shuffle_xor) source = number ^ self.parameter;
        if (source >= end || (source < first && self.operation == WarpOperation::shuffle_up)) source = number;
        if (source < lanes && takes_part(source, self.mask)) return lane[source].value;
        make_current(lane[number]);
        fail("the shuffle at %s reads lane %d, which does not take part", self.place, source);
        return 0;
    }

    void go_on(const Thread one) {
        uint64_t results[WARP] = {};
        if (one.operation == WarpOperation::ballot) std::fill(results, results + WARP, ballot(one.mask));
        else if (one.operation != WarpOperation::sync)
            for (int i = 0; i < lanes; ++i)
                if (takes_part(i, one.mask)) results[i] = shuffled(i);
        for (int i = 0; i < lanes; ++i) {
            if (!takes_part(i, one.mask)) continue;
            lane[i].value = results[i];
            lane[i].state = State::ready;
        }
        if (one.operation == WarpOperation::sync) ++warp_epoch[one.warp()];
    }
};

}  // namespace

bool complete_warp_operations() {
    bool any = false;
    for (int first = 0; first < thread_count; first += WARP) {
        Warp warp{threads + first, std::min(WARP, thread_count - first)};
        for (int i = 0; i < warp.lanes; ++i) {
            if (warp.lane[i].state != State::at_warp_operation || !warp.complete(warp.lane[i])) continue;
            warp.go_on(warp.lane[i]);
            any = true;
        }
    }
    return any;
}

}  // namespace on_host

using namespace on_host;

extern "C" uint64_t on_host_warp(WarpOperation operation, const char* place, unsigned int mask, uint64_t value,
                                 int parameter, int width) {
    Thread& self = *current;
    if (!(mask >> self.lane() & 1))
        fail_thread(nullptr, "lane %d is not in the mask %#x that it gives at %s", self.lane(), mask, place);
    self.operation = operation;
    self.mask = mask;
    self.value = value;
    self.parameter = parameter;
    self.width = width;
    wait(State::at_warp_operation, place);
    return self.value;
}
