// Means of the scores of single predictions: total += Σ w score(y, f), count += Σ w, scaled as in mean.cuh.
//
// Layout: contiguous, any shape. `span` elements share a weight.
// Bytes an element at best: one read of y_true, one of y_pred.
#include "mean.cuh"
#include "scores.cuh"
#include "storage.cuh"

// Bytes: size * (real + storage)
template <typename Storage, template <typename> class Score>
__global__ void __launch_bounds__(256)
mean_of_scores(const RealOf<Storage>* y_true, const Storage* y_pred, const RealOf<Storage>* weight, long long size,
               long long span, double option, double samples, double values, double* partial, double* total,
               double* count) {
    const Score<RealOf<Storage>> score(option);
    const long long step = static_cast<long long>(gridDim.x) * blockDim.x;
    double sum = 0, weights = 0;
    for (long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += step) {
        const double own_weight = weight == nullptr ? 1.0 : static_cast<double>(weight[i / span]);
        sum += score(y_true[i], load(y_pred + i)) * own_weight;
        weights += own_weight;
    }
    add_to_mean(sum, weights, samples, values, partial, total, count);
}
