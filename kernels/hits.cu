// How often the right class is predicted: total += Σ w hit, count += Σ w over the rows, scaled as in mean.cuh.
//
// The class of a row is labels[row], y_true[row], or the place of the largest of its one_hot targets; two are null.
// Of equal numbers the first is the largest; NaN is larger than any number, as in NumPy.
//
// Layout: contiguous rows of `classes` predictions, walked over by their teams (rows.cuh). `span` rows share a weight.
// Bytes an element at best: one read.
#include "mean.cuh"
#include "rows.cuh"
#include "storage.cuh"

template <typename Storage>
__device__ long long argmax(const Walk<false>& walk, const Storage* row, long long classes) {
    RealOf<Storage> largest = log(RealOf<Storage>(0));
    long long place = classes;
    for (long long column = walk.lane; column < classes; column += walk.lanes) {
        const RealOf<Storage> value = load(row + column);
        const bool is_larger = value > largest || (value != value && largest == largest);
        if (place < classes && !is_larger) continue;
        largest = value;
        place = column;
    }
    const RealOf<Storage> of_row = walk.largest(largest);
    const bool is_largest = largest == of_row || largest != largest;
    return walk.reduce(is_largest ? place : classes, [](long long a, long long b) { return a < b ? a : b; });
}

template <typename Real>
__device__ double right_class(const Walk<false>& walk, const Real* one_hot, const Real* y_true, const long long* labels,
                              long long classes) {
    if (one_hot != nullptr) return argmax(walk, one_hot + walk.row() * classes, classes);
    return y_true != nullptr ? static_cast<double>(y_true[walk.row()]) : static_cast<double>(labels[walk.row()]);
}

// `hit` tells whether the row of a walk is one; all threads of its team ask together.
template <typename Real, typename Hit>
__device__ void mean_of_hits(const Hit& hit, const Real* weight, long long rows, int lanes, long long span,
                             double samples, double values, double* partial, double* total, double* count) {
    double sum = 0, weights = 0;
    for (Walk<false> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const double value = hit(walk) ? 1 : 0;
        if (!walk.speaks()) continue;
        const double own_weight = weight == nullptr ? 1.0 : static_cast<double>(weight[walk.row() / span]);
        sum += value * own_weight;
        weights += own_weight;
    }
    add_to_mean(sum, weights, samples, values, partial, total, count);
}

// The largest prediction is that of the right class.
// Bytes: rows * (classes * storage + (8 if labels is not None else real if y_true is not None else classes * real))
template <typename Storage>
__global__ void __launch_bounds__(256, 2)
largest_hits(const RealOf<Storage>* one_hot, const RealOf<Storage>* y_true, const long long* labels,
             const Storage* y_pred, const RealOf<Storage>* weight, long long rows, long long classes, int lanes,
             long long span, double samples, double values, double* partial, double* total, double* count) {
    const auto hit = [=](const Walk<false>& walk) -> bool {
        const double predicted = argmax(walk, y_pred + walk.row() * classes, classes);
        return predicted == right_class(walk, one_hot, y_true, labels, classes);
    };
    mean_of_hits(hit, weight, rows, lanes, span, samples, values, partial, total, count);
}

// The prediction for the right class is among the k largest: more than classes - k don't exceed it, itself included.
// NaN doesn't, nor is what is no class a hit.
// Bytes: rows * (classes * storage + (8 if labels is not None else real if y_true is not None else classes * real))
template <typename Storage>
__global__ void __launch_bounds__(256, 2)
top_k_hits(const RealOf<Storage>* one_hot, const RealOf<Storage>* y_true, const long long* labels,
           const Storage* y_pred, const RealOf<Storage>* weight, long long rows, long long classes, long long k,
           int lanes, long long span, double samples, double values, double* partial, double* total, double* count) {
    const auto hit = [=](const Walk<false>& walk) -> bool {
        const Storage* const row = y_pred + walk.row() * classes;
        const long long right = static_cast<long long>(right_class(walk, one_hot, y_true, labels, classes));
        const bool is_class = right >= 0 && right < classes;
        const RealOf<Storage> chosen = load(row + (is_class ? right : 0));
        long long others = 0;
        for (long long column = walk.lane; column < classes; column += walk.lanes)
            others += load(row + column) <= chosen ? 1 : 0;
        return walk.sum(others) > classes - k && is_class;
    };
    mean_of_hits(hit, weight, rows, lanes, span, samples, values, partial, total, count);
}

// Predictions are classes themselves, the likeliest first: the right one is among the first k.
// Bytes: rows * (min(k, classes) * storage + (8 if labels is not None else real))
template <typename Storage>
__global__ void __launch_bounds__(256, 2)
sorted_hits(const RealOf<Storage>* y_true, const long long* labels, const Storage* y_pred,
            const RealOf<Storage>* weight, long long rows, long long classes, long long k, int lanes, long long span,
            double samples, double values, double* partial, double* total, double* count) {
    const RealOf<Storage>* const one_hot = nullptr;
    const auto hit = [=](const Walk<false>& walk) -> bool {
        const double right = right_class(walk, one_hot, y_true, labels, classes);
        int found = 0;
        for (long long column = walk.lane; column < classes && column < k; column += walk.lanes)
            found += load(y_pred + walk.row() * classes + column) == right ? 1 : 0;
        return walk.sum(found) > 0;
    };
    mean_of_hits(hit, weight, rows, lanes, span, samples, values, partial, total, count);
}
