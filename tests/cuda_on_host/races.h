// Races: two threads use one cell of memory, at least one of them writes, and no barrier lies between.
//
// Each cell remembers the last access and how wide the circle is of those that no barrier has put in order since.
// Anything older is ordered before one of these, and so before whatever is ordered after them: nothing else need be
// known.
#pragma once
#include <cstdint>

#include "runtime.h"

namespace on_host {

enum class Kind { read, write, atomic };

struct Access {
    uint32_t block;              // of those that are run
    uint32_t epoch, warp_epoch;  // how many barriers of the block, __syncwarp of the warp, came before
    uint16_t thread;
    bool atomic;

    explicit Access(Kind kind)
        : block(block_number - launch.first_block),
          epoch(barrier_epoch),
          warp_epoch(on_host::warp_epoch[current->warp()]),
          thread(current->number),
          atomic(kind == Kind::atomic) {}
};

// The accesses of one kind, reads or writes, to one cell. All bits zero: there were none.
class History {
  public:
    unsigned int thread() const { return thread_; }
    uint64_t block() const { return launch.first_block + block_; }
    bool of_block(uint32_t number) const { return circle_ != Circle::nobody && block_ == number; }

    // Whether an access races with one of these. Atomics don't race with atomics.
    bool races_with(const Access& access) const {
        if (before(access)) return false;
        const bool all_atomic = circle_ == Circle::grid || block_ != access.block ? !any_plain_ : circle_atomic_;
        return !(access.atomic && all_atomic);
    }

    void add(const Access& access) {
        const bool same_step = of_block(access.block) && epoch_ == access.epoch && warp_epoch_ == access.warp_epoch;
        circle_atomic_ = access.atomic && (circle_atomic_ || (before(access) && !same_step));
        any_plain_ |= !access.atomic;
        if (before(access))
            circle_ = Circle::thread;
        else if (circle_ == Circle::grid || block_ != access.block)
            circle_ = Circle::grid;
        else
            circle_ = circle_ != Circle::block && thread_ / WARP == access.thread / WARP ? Circle::warp : Circle::block;
        block_ = access.block;
        epoch_ = access.epoch;
        warp_epoch_ = access.warp_epoch;
        thread_ = access.thread;
    }

  private:
    enum class Circle : uint8_t { nobody, thread, warp, block, grid };

    // Whether all of these come before an access: by program order, a barrier, or __syncwarp.
    bool before(const Access& access) const {
        if (circle_ == Circle::nobody) return true;
        if (circle_ == Circle::grid || block_ != access.block) return false;
        if (epoch_ != access.epoch) return true;
        if (circle_ == Circle::block) return false;
        const bool one_warp = thread_ / WARP == access.thread / WARP;
        const bool same_thread = circle_ == Circle::thread && thread_ == access.thread;
        return same_thread || (one_warp && warp_epoch_ != access.warp_epoch);
    }

    uint32_t block_, epoch_, warp_epoch_;
    uint16_t thread_;
    Circle circle_;
    bool circle_atomic_ : 1, any_plain_ : 1;
};

struct Cell {
    History writes, reads;
};

}  // namespace on_host
