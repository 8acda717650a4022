// The confusion matrix at a few thresholds: sums of weights of decisions f > threshold against targets 0 or not.
//
// With top_k only the k largest predictions of a row can be above, of equal ones the first; NaN is larger than none.
//
// Layout: contiguous rows of `classes`; counted are `size` elements, from `offset` on every `step` (one class, or all).
// `span` elements share a weight. Each of `parts` blocks passes over its elements for one threshold.
// Bytes an element at best: one read of y_true, one of y_pred for each threshold.
#include "reduce.cuh"
#include "storage.cuh"
#include "sums.cuh"

// Whether fewer than k of a row come before the one at `place` when they are sorted, the largest first.
template <typename Storage>
__device__ bool is_in_top(const Storage* row, long long classes, long long place, long long k) {
    const RealOf<Storage> value = load(row + place);
    long long before = 0;
    for (long long column = 0; column < classes && before < k; ++column) {
        const RealOf<Storage> other = load(row + column);
        before += other > value || (other == value && column < place) ? 1 : 0;
    }
    return before < k;
}

// Bytes: thresholds * (size * (min(step * real, 32) + min(step * storage, 32)) + 8)
template <typename Storage>
__global__ void __launch_bounds__(256, 2)
confusion(const RealOf<Storage>* y_true, const Storage* y_pred, const RealOf<Storage>* weight, const double* limits,
          long long thresholds, long long size, long long step, long long offset, long long classes, long long top_k,
          long long span, int parts, double* partial, double* true_positives, double* false_positives,
          double* false_negatives, double* true_negatives) {
    const long long threshold = blockIdx.x / parts;
    const int part = blockIdx.x % parts;
    const RealOf<Storage> limit = limits[threshold];  // compared in the type of predictions
    double sums[STATES] = {0, 0, 0, 0};
    for (long long i = static_cast<long long>(part) * blockDim.x + threadIdx.x; i < size;
         i += static_cast<long long>(parts) * blockDim.x) {
        const long long place = i * step + offset;
        bool above = load(y_pred + place) > limit;
        if (above && top_k > 0)
            above = is_in_top(y_pred + place / classes * classes, classes, place % classes, top_k);
        const bool is_true = y_true[place] != 0;
        const double own_weight = weight == nullptr ? 1.0 : static_cast<double>(weight[place / span]);
        sums[0] += above && is_true ? own_weight : 0.0;
        sums[1] += above && !is_true ? own_weight : 0.0;
        sums[2] += !above && is_true ? own_weight : 0.0;
        sums[3] += !above && !is_true ? own_weight : 0.0;
    }
    for (int state = 0; state < STATES; ++state) sums[state] = reduce_block(sums[state], Add());
    if (threadIdx.x == 0)
        add_to_states(sums, threshold, thresholds, part, parts, partial,
                      {true_positives, false_positives, false_negatives, true_negatives});
}
