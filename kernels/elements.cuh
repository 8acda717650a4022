// The walk of an elementwise loss over a batch: value, gradient and, where wanted, predictions in one pass.
#pragma once
#include "losses.cuh"
#include "storage.cuh"

// Returns the sum of this thread's values, each times the weight of its sample; `span` elements share a weight. Slopes are
// multiplied by `factor`, too. A thread owns packs of elements. What isn't there or isn't wanted is null.
template <bool Vectorized, typename Storage, typename Formula>
__device__ double sum_elements(const Formula& formula, const RealOf<Storage>* y_true, const Storage* y_pred,
                               const RealOf<Storage>* weight, Storage* predictions, Storage* gradient, long long size,
                               long long span, RealOf<Storage> factor) {
    using Real = RealOf<Storage>;
    constexpr int width = Pack<Storage>::size;
    constexpr int part = Pack<Real>::size;
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x * width;
    double sum = 0;
    for (long long first = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * width; first < size;
         first += step) {
        const long long count = size - first;
        const Pack<Storage> inputs = load_part<Vectorized>(y_pred + first, count);
        Pack<Real> targets[width / part];
        for (int i = 0; i < width; i += part)
            targets[i / part] = load_part<Vectorized>(y_true + first + i, count - i);
        long long sample = weight == nullptr ? 0 : first / span;
        long long passed = first - sample * span;  // elements of the sample that come before
        Pack<Storage> slopes, probabilities;
        for (int i = 0; i < width; ++i) {
            if (i >= count) break;
            const Outcome<Real> outcome = formula(targets[i / part].element[i % part], load(&inputs.element[i]));
            const Real own_weight = weight == nullptr ? Real(1) : weight[sample];
            sum += static_cast<double>(own_weight) * outcome.value;
            store(&slopes.element[i], outcome.slope * own_weight * factor);
            store(&probabilities.element[i], outcome.prediction);
            if (++passed == span) {
                passed = 0;
                ++sample;
            }
        }
        if (gradient != nullptr) store_part<Vectorized>(gradient + first, slopes, count);
        if (predictions != nullptr) store_part<Vectorized>(predictions + first, probabilities, count);
    }
    return sum * formula.share;
}
