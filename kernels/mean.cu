// Means over batches: the second pass over the sums of blocks, and the way from a loss to a metric.
#include "mean.cuh"
#include "storage.cuh"

// Bytes: blocks_before * 16 + 32
__global__ void __launch_bounds__(256)
add_means(const double* partial, int blocks_before, double samples, double values, double* total, double* count) {
    double sum = 0, weight = 0;
    for (int block = threadIdx.x; block < blocks_before; block += blockDim.x) {
        sum += partial[2 * block];
        weight += partial[2 * block + 1];
    }
    add_to_mean(sum, weight, samples, values, nullptr, total, count);
}

// What a loss has left in `totals`, (rows · L, rows), becomes part of a mean; with weights those are counted, not the
// rows. `span` of the `size` values share a weight; values whose label is `ignored` have none.
// Bytes: (size // span * real + (size * 8 if labels is not None else 0) if weight is not None else 0) + 48
template <typename Storage>
__global__ void __launch_bounds__(256)
add_loss(const double* totals, double sign, const RealOf<Storage>* weight, const long long* labels, long long ignored,
         long long size, long long span, double* partial, double* total, double* count) {
    const bool first = blockIdx.x == 0 && threadIdx.x == 0;
    double weights = first && weight == nullptr ? totals[1] : 0;
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < size && weight != nullptr;
         i += step)
        weights += labels != nullptr && labels[i] == ignored ? 0.0 : static_cast<double>(weight[i / span]) / span;
    add_to_mean(first ? sign * totals[0] : 0, weights, 1, 1, partial, total, count);
}
