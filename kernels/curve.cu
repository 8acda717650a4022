// The confusion matrix at many rising thresholds, by a histogram: the bin of a prediction is how many are below it.
//
// Predictions are clipped to [0, 1]; NaN exceeds every threshold, as in NumPy. A bin holds two sums of weights, that of
// targets 0 and that of the others.
//
// Layout: `size` elements of each column are counted, `step` apart from one another; the columns follow each other from
// `offset` on. Each of `parts` blocks makes the histogram of its elements in `partial`; there a thread owns every so
// many sums and adds to them in the order of the elements. `span` elements share a weight; each of `classes` has one.
// Bytes an element at best: one read of y_true, one of y_pred; what stands beside it in a sector of 32 bytes is read
// again for each column.
#include "activations.cuh"
#include "storage.cuh"

constexpr int CHUNK = 256;  // elements that a block has at hand: one a thread

template <typename Real>
__device__ int bin_of(Real value, const double* thresholds, int count) {
    if (value != value) return count;
    value = clip(value, Real(0), Real(1));
    int low = 0, high = count;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (static_cast<Real>(thresholds[middle]) < value)  // compared in the type of predictions
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Bytes: blocks // parts * size * (min(step * real, 32) + min(step * storage, 32)) + 4 * blocks * (thresholds + 1) * 8
template <typename Storage>
__global__ void __launch_bounds__(256)
histogram(const RealOf<Storage>* y_true, const Storage* y_pred, const RealOf<Storage>* weight,
          const double* class_weights, const double* limits, int thresholds, long long size, long long step,
          long long offset, long long classes, long long span, bool from_logits, int parts, double* partial) {
    using Real = RealOf<Storage>;
    __shared__ int sum_of[CHUNK];
    __shared__ double amount[CHUNK];
    const int sums = 2 * (thresholds + 1);
    const long long column = blockIdx.x / parts;
    double* const histogram = partial + static_cast<long long>(blockIdx.x) * sums;
    for (int sum = threadIdx.x; sum < sums; sum += blockDim.x) histogram[sum] = 0;
    for (long long first = static_cast<long long>(blockIdx.x % parts) * CHUNK; first < size;
         first += static_cast<long long>(parts) * CHUNK) {
        const long long i = first + threadIdx.x;
        sum_of[threadIdx.x] = -1;
        if (i < size) {
            const long long place = i * step + column + offset;
            const Real value = load(y_pred + place);
            const int bin = bin_of(from_logits ? Sigmoid<Real>().forward(value) : value, limits, thresholds);
            double own_weight = weight == nullptr ? 1.0 : static_cast<double>(weight[place / span]);
            if (class_weights != nullptr) own_weight *= class_weights[place % classes];
            sum_of[threadIdx.x] = 2 * bin + (y_true[place] != 0 ? 1 : 0);
            amount[threadIdx.x] = own_weight;
        }
        __syncthreads();
        for (int sum = threadIdx.x; sum < sums; sum += blockDim.x) {
            double value = histogram[sum];
            for (int k = 0; k < CHUNK; ++k)
                if (sum_of[k] == sum) value += amount[k];
            histogram[sum] = value;
        }
        __syncthreads();
    }
}
// From histograms to the state, `columns` wide, of which these blocks do one column each: what is in a bin up to that
// of a threshold is below it.
// Bytes: blocks * ((thresholds + 1) * 2 * 8 * (parts + 1) + thresholds * 8 * min(8 * columns, 32))
__global__ void __launch_bounds__(256)
add_histograms(double* partial, int parts, int thresholds, long long columns, long long offset, double* true_positives,
               double* false_positives, double* true_negatives, double* false_negatives) {
    const int sums = 2 * (thresholds + 1);
    double* const histogram = partial + static_cast<long long>(blockIdx.x) * parts * sums;
    for (int sum = threadIdx.x; sum < sums; sum += blockDim.x) {
        double value = 0;
        for (int part = 0; part < parts; ++part) value += histogram[static_cast<long long>(part) * sums + sum];
        histogram[sum] = value;
    }
    __syncthreads();
    for (int threshold = threadIdx.x; threshold < thresholds; threshold += blockDim.x) {
        double below_false = 0, below_true = 0, above_false = 0, above_true = 0;
        for (int bin = 0; bin <= threshold; ++bin) {
            below_false += histogram[2 * bin];
            below_true += histogram[2 * bin + 1];
        }
        for (int bin = threshold + 1; bin <= thresholds; ++bin) {
            above_false += histogram[2 * bin];
            above_true += histogram[2 * bin + 1];
        }
        const long long element = threshold * columns + blockIdx.x + offset;
        true_positives[element] += above_true;
        false_positives[element] += above_false;
        true_negatives[element] += below_false;
        false_negatives[element] += below_true;
    }
}
