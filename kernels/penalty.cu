// Penalties on a parameter: totals[0] += rows · R(W), gradient += ∂R/∂W, in the one pass that reads the weights.
//
// See regularizers.cuh for R and its slope.
//
// Layout: contiguous, a thread owns packs of elements. gradient is null where it isn't wanted.
// Bytes an element at best: one read of the value, one read and one write of the gradient.
#include "regularizers.cuh"
#include "storage.cuh"
#include "totals.cuh"

// Bytes: 3 * size * storage
template <typename Storage, template <typename> class Regularizer, bool Vectorized>
__global__ void __launch_bounds__(256, 2)
penalty(const Storage* value, Storage* gradient, long long size, double l1, double l2, double factor, long long samples,
        double* partial, double* totals) {
    using Real = RealOf<Storage>;
    constexpr int width = Pack<Storage>::size;
    const Regularizer<Real> regularizer(l1, l2);
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x * width;
    double sum = 0;
    for (long long first = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * width; first < size;
         first += step) {
        const Pack<Storage> values = load_part<Vectorized>(value + first, size - first);
        Pack<Storage> slopes;
        if (gradient != nullptr) slopes = load_part<Vectorized>(gradient + first, size - first);
        for (int i = 0; i < width; ++i) {
            const Penalty<Real> own = regularizer(load(&values.element[i]));  // 0 for the zeros that fill a short pack
            sum += own.value;
            if (gradient != nullptr) store(&slopes.element[i], load(&slopes.element[i]) + own.slope);
        }
        if (gradient != nullptr) store_part<Vectorized>(gradient + first, slopes, size - first);
    }
    add_to_totals(sum * factor, samples, partial, totals);
}
