// Mixed precision: parameters narrowed to the 16 bits that products read, gradients freed from the loss scale.
//
// Layout: flat buffers of an arena, whose sizes are multiples of 256 bytes. The state of the loss scale is three
// doubles: the scale, the steps since it changed, and whether the last gradients were finite.
// Source: Micikevicius et al., "Mixed precision training", ICLR 2018.
#include "reduce.cuh"
#include "storage.cuh"

struct Both {
    __device__ int operator()(int a, int b) const { return a & b; }
};

// Bytes: size * (real + storage)
template <typename Storage>
__global__ void __launch_bounds__(256) narrow(const RealOf<Storage>* values, Storage* operands, long long size) {
    const long long start = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * Pack<Storage>::size;
    if (start >= size) return;
    alignas(16) RealOf<Storage> wide[Pack<Storage>::size];
    for (int i = 0; i < Pack<Storage>::size; i += Pack<RealOf<Storage>>::size)
        *reinterpret_cast<Pack<RealOf<Storage>>*>(wide + i) = load_pack(values + start + i);
    Pack<Storage> narrowed;
    for (int i = 0; i < Pack<Storage>::size; ++i) store(narrowed.element + i, wide[i]);
    store_pack(operands + start, narrowed);
}

// gradients ← gradients / scale; of each block whether all that it has seen was finite.
// Bytes: 2 * size * 4 + blocks * 8 + blocks * 32
__global__ void __launch_bounds__(256) unscale(float* gradients, long long size, const double* scale, double* finite) {
    const float divisor = static_cast<float>(scale[0]);
    const long long stride = static_cast<long long>(gridDim.x) * blockDim.x;
    int all_finite = 1;
    for (long long pack = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; pack < size / 4;
         pack += stride) {
        Pack<float> values = load_pack(gradients + 4 * pack);
        for (int i = 0; i < 4; ++i) {
            values.element[i] /= divisor;
            all_finite &= isfinite(values.element[i]) ? 1 : 0;
        }
        store_pack(gradients + 4 * pack, values);
    }
    all_finite = reduce_block(all_finite, Both());
    if (threadIdx.x == 0) finite[blockIdx.x] = all_finite;
}

// Bytes: count * 8 + 32
__global__ void __launch_bounds__(256) note_finite(const double* finite, int count, double* scale) {
    int all_finite = 1;
    for (int block = threadIdx.x; block < count; block += blockDim.x) all_finite &= finite[block] != 0.0 ? 1 : 0;
    all_finite = reduce_block(all_finite, Both());
    if (threadIdx.x == 0) scale[2] = all_finite;
}

// Halve the scale after a step that overflowed, double it after `steps` that didn't.
// Bytes: 5 * 8
__global__ void __launch_bounds__(32) adapt_loss_scale(double* scale, double steps) {
    if (threadIdx.x > 0) return;
    const double since = scale[1] + 1;
    const bool finite = scale[2] != 0.0, grows = finite && since >= steps;
    scale[0] *= finite ? (grows ? 2.0 : 1.0) : 0.5;
    scale[1] = finite && !grows ? since : 0.0;
}
