// Functions of a row: softmax, log_softmax and sparsemax over the last axis, forward and backward.
//
// softmax: y = e^(z - m) / s with m = max z, s = Σ e^(z - m); dz = (dy - Σ dy y) y.
// log_softmax: y = z - m - log s; dz = dy - e^y Σ dy.
// sparsemax: y = max(0, z - t) with t such that Σ y = 1; dz = dy - (mean of dy over the support), 0 outside of it.
//
// Layout: contiguous rows of `classes` elements. A row belongs to `lanes` threads of a warp or, Wide, to a block. Each
// thread passes over its own elements only, so that a result may replace what it was made from. The largest score and
// the sum are found in one pass, the online method: when the largest so far grows, the sum so far shrinks (Milakov and
// Gimelshein, "Online normalizer calculation for softmax", 2018).
// Bytes an element at best: forward one read, one write; backward two reads, one write. Later passes find a row in the
// cache.
#include "rows.cuh"
#include "storage.cuh"

template <typename Real>
struct Normalizer {
    Real largest, sum;
};

// e^(score - largest), and 1 where both are the same infinity.
template <typename Real>
__device__ Real share(Real score, Real largest) {
    return score == largest ? Real(1) : exp(score - largest);
}

// The largest of the scores and Σ e^(score - largest), which is NaN where the largest is infinite.
template <typename Storage, bool Wide>
__device__ Normalizer<RealOf<Storage>> normalizer(const Walk<Wide>& walk, const Storage* x, long long classes) {
    using Real = RealOf<Storage>;
    Real largest = log(Real(0)), sum = 0;
    for (long long i = walk.lane; i < classes; i += walk.lanes) {
        const Real score = load(x + i);
        const Real before = largest;
        largest = maximum(score, largest);
        sum = largest == before ? sum + share(score, largest) : sum * share(before, largest) + 1;
    }
    const Real of_row = walk.largest(largest);
    return {of_row, walk.sum(sum * share(largest, of_row)) + (of_row - of_row)};
}

// Bytes: 2 * rows * classes * storage
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256)
softmax(const Storage* x, Storage* out, long long rows, long long classes, int lanes) {
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long end = walk.has_row() ? classes : 0;
        const auto scale = normalizer(walk, x + start, end);
        for (long long i = walk.lane; i < end; i += walk.lanes)
            store(out + start + i, exp(load(x + start + i) - scale.largest) / scale.sum);
    }
}

// Bytes: 3 * rows * classes * storage
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256)
softmax_backward(const Storage* y, const Storage* gradient, Storage* out, long long rows, long long classes,
                 int lanes) {
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long end = walk.has_row() ? classes : 0;
        RealOf<Storage> mean = 0;
        for (long long i = walk.lane; i < end; i += walk.lanes)
            mean += load(gradient + start + i) * load(y + start + i);
        mean = walk.sum(mean);
        for (long long i = walk.lane; i < end; i += walk.lanes)
            store(out + start + i, (load(gradient + start + i) - mean) * load(y + start + i));
    }
}

// Bytes: 2 * rows * classes * storage
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256)
log_softmax(const Storage* x, Storage* out, long long rows, long long classes, int lanes) {
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long end = walk.has_row() ? classes : 0;
        const auto scale = normalizer(walk, x + start, end);
        const RealOf<Storage> logarithm = log(scale.sum);
        for (long long i = walk.lane; i < end; i += walk.lanes)
            store(out + start + i, load(x + start + i) - scale.largest - logarithm);
    }
}

// Bytes: 3 * rows * classes * storage
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256)
log_softmax_backward(const Storage* y, const Storage* gradient, Storage* out, long long rows, long long classes,
                     int lanes) {
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long end = walk.has_row() ? classes : 0;
        RealOf<Storage> total = 0;
        for (long long i = walk.lane; i < end; i += walk.lanes) total += load(gradient + start + i);
        total = walk.sum(total);
        for (long long i = walk.lane; i < end; i += walk.lanes)
            store(out + start + i, load(gradient + start + i) - exp(load(y + start + i)) * total);
    }
}

// t by Michelot's method instead of sorting: t = (Σ z - 1) / n over the scores above t, until no more of them fall out.
// Scores count from the largest; what lies 1 or more below it gets 0, so t starts at -1. NaN is above anything.
// Source: Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex", 1986.
// Bytes: 2 * rows * classes * storage
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256, 2)
sparsemax(const Storage* x, Storage* out, long long rows, long long classes, int lanes) {
    using Real = RealOf<Storage>;
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long end = walk.has_row() ? classes : 0;
        Real largest = log(Real(0));
        for (long long i = walk.lane; i < end; i += walk.lanes) largest = maximum(largest, load(x + start + i));
        largest = walk.largest(largest);
        Real threshold = -1;
        for (int before = -1;;) {
            Real sum = 0;
            int count = 0;
            for (long long i = walk.lane; i < end; i += walk.lanes) {
                const Real score = load(x + start + i) - largest;
                if (score <= threshold) continue;
                sum += score;
                ++count;
            }
            sum = walk.sum(sum);
            count = walk.sum(count);
            const bool shrank = count != before;
            // The rows of a warp go on together; a block has one.
            if (Wide ? !shrank : __ballot_sync(ALL_LANES, shrank) == 0) break;
            threshold = maximum(threshold, (sum - 1) / count);
            before = count;
        }
        for (long long i = walk.lane; i < end; i += walk.lanes)
            store(out + start + i, maximum(load(x + start + i) - largest - threshold, Real(0)));
    }
}

// Bytes: 3 * rows * classes * storage
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256)
sparsemax_backward(const Storage* y, const Storage* gradient, Storage* out, long long rows, long long classes,
                   int lanes) {
    using Real = RealOf<Storage>;
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long end = walk.has_row() ? classes : 0;
        Real mean = 0, support = 0;
        for (long long i = walk.lane; i < end; i += walk.lanes) {
            const Real supported = load(y + start + i) > 0 ? 1 : 0;
            mean += load(gradient + start + i) * supported;
            support += supported;
        }
        mean = walk.sum(mean) / walk.sum(support);
        for (long long i = walk.lane; i < end; i += walk.lanes) {
            const Real supported = load(y + start + i) > 0 ? 1 : 0;
            store(out + start + i, (load(gradient + start + i) - mean) * supported);
        }
    }
}
