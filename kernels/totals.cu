// Sums over a batch: those that a loss must know beforehand, and the one that it leaves behind, in a fixed order.
//
// Beforehand: Σ weight, the number of labels that count, the number of labels that are neither 0 nor 1. Each block leaves
// a partial sum, of which there are always as many; who needs the sum adds them up (totals.cuh).
// Behind: totals += (Σ partial sums, samples).
#include "storage.cuh"
#include "totals.cuh"

template <typename Measure>
__device__ void measure(Measure at, long long size, double* parts) {
    double sum = 0;
    for (long long i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x) sum += at(i);
    sum = reduce_block(sum, Add());
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// Bytes: size * real + blocks * 8
template <typename Storage>
__global__ void __launch_bounds__(256, 2) sum_weights(const RealOf<Storage>* weight, long long size, double* parts) {
    measure([=](long long i) { return static_cast<double>(weight[i]); }, size, parts);
}

// Bytes: size * 8 + blocks * 8
__global__ void __launch_bounds__(256, 2)
count_kept_labels(const long long* labels, long long size, long long ignored, double* parts) {
    measure([=](long long i) { return labels[i] == ignored ? 0.0 : 1.0; }, size, parts);
}

// Bytes: size * real + blocks * 8
template <typename Storage>
__global__ void __launch_bounds__(256, 2) count_not_binary(const RealOf<Storage>* labels, long long size, double* parts) {
    measure([=](long long i) { return labels[i] == 0 || labels[i] == 1 ? 0.0 : 1.0; }, size, parts);
}

// Bytes: count * 8 + 32
__global__ void __launch_bounds__(256, 2) add_totals(const double* partial, int count, long long samples, double* totals) {
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) sum += partial[i];
    add_to_totals(sum, samples, nullptr, totals);
}
