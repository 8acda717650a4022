// Sums, largest values and the like over a warp and over a block, always in the same order.
#pragma once

constexpr unsigned int ALL_LANES = 0xffffffffu;

struct Add {
    template <typename T>
    __device__ T operator()(T a, T b) const {
        return a + b;
    }
};

// Every lane gets the result over its group of `lanes` neighbours, a power of two up to 32.
template <typename T, typename Combine>
__device__ T reduce_lanes(T value, int lanes, Combine combine) {
    for (int offset = lanes / 2; offset > 0; offset /= 2)
        value = combine(value, __shfl_xor_sync(ALL_LANES, value, offset));
    return value;
}

// Every thread of the block gets the result over the block, whose size is a multiple of 32.
template <typename T, typename Combine>
__device__ T reduce_block(T value, Combine combine) {
    __shared__ T of_warp[32];
    value = reduce_lanes(value, 32, combine);
    if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = value;
    __syncthreads();
    value = of_warp[0];
    for (unsigned int warp = 1; warp < blockDim.x / 32; ++warp) value = combine(value, of_warp[warp]);
    __syncthreads();  // of_warp may be needed again
    return value;
}
