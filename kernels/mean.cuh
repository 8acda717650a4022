// Where a metric that is a mean keeps its sums: total += Σ w v · samples / values, count += Σ w · samples / values.
#pragma once
#include "reduce.cuh"

// Adds the sums of a block's threads to the state. Several blocks leave them in `partial`, for add_means.
__device__ inline void add_to_mean(double sum, double weight, double samples, double values, double* partial,
                                   double* total, double* count) {
    sum = reduce_block(sum, Add());
    weight = reduce_block(weight, Add());
    if (threadIdx.x != 0) return;
    if (partial != nullptr) {
        partial[2 * blockIdx.x] = sum;
        partial[2 * blockIdx.x + 1] = weight;
    } else {
        *total += sum * samples / values;
        *count += weight * samples / values;
    }
}
