// Clipping by norm: factor = limit / max(‖g‖₂, limit), of each parameter or of all together, in two fixed-order passes.
//
// Layout: the flat gradients of an arena, whose gaps are zero. Segment s is starts[s] … starts[s + 1]; without `starts`
// there is but one, the whole. Each is cut into `splits` parts, one block a part, and summed in double. A single part
// needs no second pass. A norm of NaN clips nothing.
// Bytes an element at best: one read.
#include "reduce.cuh"
#include "storage.cuh"

__device__ inline double clip_factor(double sum_of_squares, double limit) {
    const double norm = sqrt(sum_of_squares);
    return norm > limit ? limit / norm : 1;
}

// Bytes: size * real + blocks * 8 * (1 if starts is None else 3)
template <typename Storage>
__global__ void __launch_bounds__(256)
sum_squares(const RealOf<Storage>* gradients, long long size, const long long* starts, int splits, double limit,
            double* partial, double* factors) {
    constexpr int width = Pack<RealOf<Storage>>::size;
    const int segment = blockIdx.x / splits;
    const int split = blockIdx.x % splits;
    const long long start = starts == nullptr ? 0 : starts[segment];
    const long long packs = ((starts == nullptr ? size : starts[segment + 1]) - start) / width;
    const long long end = packs * (split + 1) / splits;
    double sum = 0;
    for (long long i = packs * split / splits + threadIdx.x; i < end; i += blockDim.x) {
        const Pack<RealOf<Storage>> pack = load_pack(gradients + start + i * width);
#pragma unroll
        for (int k = 0; k < width; ++k) sum += static_cast<double>(pack.element[k]) * pack.element[k];
    }
    sum = reduce_block(sum, Add());
    if (threadIdx.x != 0) return;
    if (splits > 1)
        partial[blockIdx.x] = sum;
    else
        factors[segment] = clip_factor(sum, limit);
}

// Bytes: blocks * (splits + 1) * 8
__global__ void __launch_bounds__(256) add_squares(const double* partial, int splits, double limit, double* factors) {
    const double* own = partial + static_cast<long long>(blockIdx.x) * splits;
    double sum = 0;
    for (int i = threadIdx.x; i < splits; i += blockDim.x) sum += own[i];
    sum = reduce_block(sum, Add());
    if (threadIdx.x == 0) factors[blockIdx.x] = clip_factor(sum, limit);
}
