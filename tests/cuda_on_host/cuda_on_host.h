// CUDA C++ as C++17: what a kernel's source needs to be compiled by g++ and run thread by thread.
//
// Shared memory becomes thread-local storage of the module, which the runtime finds and watches. A barrier is known by
// its place in the source: the compiler may duplicate a call, but not a line.
#pragma once
#include <cstring>
#include <type_traits>

#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "interface.h"

#define __CUDA_ARCH__ 900
#define __global__
#define __device__
#define __host__
#define __constant__ const
#define __shared__ thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

// The runtime changes these whenever it switches threads. For the thread that runs they are constant, and g++ doesn't
// call the checker where a constant is read.
extern "C" {
extern const Dimensions on_host_thread_index, on_host_block_index, on_host_block_dimensions, on_host_grid_dimensions;
}
#define threadIdx on_host_thread_index
#define blockIdx on_host_block_index
#define blockDim on_host_block_dimensions
#define gridDim on_host_grid_dimensions
static constexpr int warpSize = 32;

// ---- barriers and warps ---------------------------------------------------------------------------------------------

#define ON_HOST_TEXT(x) #x
#define ON_HOST_LINE(line) ON_HOST_TEXT(line)
#define ON_HOST_PLACE __FILE__ ":" ON_HOST_LINE(__LINE__)

#define __syncthreads() on_host_barrier(ON_HOST_PLACE)
#define __syncthreads_count(p) on_host_barrier_count(ON_HOST_PLACE, p)
#define __syncthreads_or(p) (on_host_barrier_count(ON_HOST_PLACE, p) != 0)
#define __syncthreads_and(p) (on_host_barrier_count(ON_HOST_PLACE, !(p)) == 0)
#define __syncwarp(...) on_host_syncwarp(ON_HOST_PLACE __VA_OPT__(, ) __VA_ARGS__)
#define __shfl_sync(...) on_host_shuffle(WarpOperation::shuffle, ON_HOST_PLACE, __VA_ARGS__)
#define __shfl_up_sync(...) on_host_shuffle(WarpOperation::shuffle_up, ON_HOST_PLACE, __VA_ARGS__)
#define __shfl_down_sync(...) on_host_shuffle(WarpOperation::shuffle_down, ON_HOST_PLACE, __VA_ARGS__)
#define __shfl_xor_sync(...) on_host_shuffle(WarpOperation::shuffle_xor, ON_HOST_PLACE, __VA_ARGS__)
#define __ballot_sync(mask, p) on_host_ballot(ON_HOST_PLACE, mask, p)
#define __any_sync(mask, p) (on_host_ballot(ON_HOST_PLACE, mask, p) != 0)
#define __all_sync(mask, p) (on_host_ballot(ON_HOST_PLACE, mask, !(p)) == 0)

inline void on_host_syncwarp(const char* place, unsigned int mask = 0xffffffffu) {
    on_host_warp(WarpOperation::sync, place, mask, 0, 0, warpSize);
}
inline unsigned int on_host_ballot(const char* place, unsigned int mask, bool predicate) {
    return static_cast<unsigned int>(on_host_warp(WarpOperation::ballot, place, mask, predicate, 0, warpSize));
}
template <typename T>
T on_host_shuffle(WarpOperation operation, const char* place, unsigned int mask, T value, int parameter,
                  int width = warpSize) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable<T>::value, "a type that can be shuffled");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = on_host_warp(operation, place, mask, bits, parameter, width);
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}

// Threads run one after the other: what one writes, the others see.
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}

// ---- atomics: no thread comes between reading and writing -----------------------------------------------------------

#define ON_HOST_UNCHECKED __attribute__((no_sanitize("thread", "undefined"), noinline))
#define ON_HOST_ATOMIC(name, result)                                             \
    template <typename T>                                                        \
    ON_HOST_UNCHECKED T name(T* address, std::common_type_t<T> value) {          \
        static_assert(std::is_integral<T>::value, "no floating-point atomics");  \
        on_host_atomic(address, sizeof(T), __builtin_return_address(0));         \
        const T old = *address;                                                  \
        *address = static_cast<T>(result);                                       \
        return old;                                                              \
    }
ON_HOST_ATOMIC(atomicAdd, old + value)
ON_HOST_ATOMIC(atomicSub, old - value)
ON_HOST_ATOMIC(atomicExch, value)
ON_HOST_ATOMIC(atomicMax, old > value ? old : value)
ON_HOST_ATOMIC(atomicMin, old < value ? old : value)
ON_HOST_ATOMIC(atomicAnd, old & value)
ON_HOST_ATOMIC(atomicOr, old | value)
ON_HOST_ATOMIC(atomicXor, old ^ value)

template <typename T>
ON_HOST_UNCHECKED T atomicCAS(T* address, std::common_type_t<T> expected, std::common_type_t<T> value) {
    static_assert(std::is_integral<T>::value, "no floating-point atomics");
    on_host_atomic(address, sizeof(T), __builtin_return_address(0));
    const T old = *address;
    if (old == expected) *address = value;
    return old;
}

#include "functions.h"
#include "vectors.h"
