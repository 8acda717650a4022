// Where the sum of a loss or penalty goes, and what it is scaled by.
#pragma once
#include "reduce.cuh"

constexpr int MEASURING_BLOCKS = 32;  // as many partial sums as a warp has lanes

// What the kernels of totals.cu measured. Called by whole warps, each of which adds up the partial sums for itself.
__device__ inline double measured(const double* parts) {
    return reduce_lanes(parts[threadIdx.x % MEASURING_BLOCKS], MEASURING_BLOCKS, Add());
}

// The factor of all values of a batch: `scale`, divided by what was measured, where anything was.
__device__ inline double factor_of_batch(double scale, const double* divisor) {
    if (divisor == nullptr) return scale;
    const double total = measured(divisor);
    return total == 0 ? 0 : scale / total;
}

// What slopes are multiplied by: for gradients in float16 there is a loss scale besides.
template <typename Real>
__device__ Real factor_of_gradient(double factor, const double* loss_scale) {
    return static_cast<Real>(loss_scale == nullptr ? factor : factor * *loss_scale);
}

// Adds the sums of a block's threads, and the samples they are for, to the totals; several blocks leave that to add_totals.
__device__ inline void add_to_totals(double sum, long long samples, double* partial, double* totals) {
    sum = reduce_block(sum, Add());
    if (threadIdx.x != 0) return;
    if (gridDim.x > 1) {
        partial[blockIdx.x] = sum;
    } else {
        totals[0] += sum;
        totals[1] += samples;
    }
}
