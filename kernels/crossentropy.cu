// Cross-entropies, from logits together with the activation before them, or from probabilities.
//
// softmax: m = max z, s = Σ e^(z - m), p = e^(z - m) / s, L = Σ y log s - Σ y (z - m), slope = p Σ y - y.
// sigmoid: p = 1 / (1 + e^-z), L = 1/K Σ (max(0, z) - y z + log(1 + e^-|z|)), slope = 1/K (p - y).
// probabilities: q = p / Σ p, clipped to [1e-7, 1 - 1e-7], L = -Σ y log q, u = y / q inside and 0 outside,
// slope = (Σ u q - u) / Σ p.
// All: totals += (samples · Σ weight · L · factor, samples), gradient = slope · weight · factor; see loss.cu for the factor.
//
// Layout: contiguous rows of `classes` elements. Targets are y_true, probabilities shaped like the predictions, or labels,
// one class index a row; the other one is null. `span` rows share a sample weight.
// Bytes an element at best: one read of the logits (and of y_true), one write of predictions, one write of gradient.
#include "elements.cuh"
#include "rows.cuh"
#include "totals.cuh"

template <typename Number>
struct SigmoidCrossentropy : BinaryCrossentropy<Number> {
    using BinaryCrossentropy<Number>::BinaryCrossentropy;
    __device__ Outcome<Number> operator()(Number y, Number z) const {
        const Number target = this->smoothed(y);
        const Number p = Sigmoid<Number>().forward(z);
        // The difference comes first: for a right answer it leaves an exact 0 for the small tail.
        return {maximum(z, Number(0)) - target * z + log1p(exp(-fabs(z))), (p - target) / this->outputs, p};
    }
};

// Bytes: size * (real + 3 * storage)
template <typename Storage, bool Vectorized>
__global__ void __launch_bounds__(256, 2)
sigmoid_crossentropy(const RealOf<Storage>* y_true, const Storage* logits, const RealOf<Storage>* weight,
                     Storage* predictions, Storage* gradient, long long size, long long span, long long outputs,
                     double smoothing, double scale, const double* divisor, const double* loss_scale, long long samples, double* partial,
                     double* totals) {
    const SigmoidCrossentropy<RealOf<Storage>> loss(outputs, smoothing);
    const double factor = factor_of_batch(scale, divisor);
    const auto slope_factor = factor_of_gradient<RealOf<Storage>>(factor, loss_scale);
    const double sum =
        sum_elements<Vectorized>(loss, y_true, logits, weight, predictions, gradient, size, span, slope_factor);
    add_to_totals(sum * factor * samples, samples, partial, totals);
}

constexpr int held = 4;  // scores that a thread holds in registers

// Rows of up to held * lanes classes: element i of a thread is column i * lanes + lane.
// Bytes: rows * classes * 3 * storage + (rows * 8 if y_true is None else rows * classes * real)
template <typename Storage>
__global__ void __launch_bounds__(256, 2)
softmax_crossentropy(const RealOf<Storage>* y_true, const long long* labels, const Storage* logits,
                     const RealOf<Storage>* weight, Storage* predictions, Storage* gradient, long long rows,
                     long long classes, int lanes, long long span, double smoothing, long long ignored, double scale,
                     const double* divisor, const double* loss_scale, long long samples, double* partial, double* totals) {
    using Real = RealOf<Storage>;
    const double factor = factor_of_batch(scale, divisor);
    const auto slope_factor = factor_of_gradient<RealOf<Storage>>(factor, loss_scale);
    double sum = 0;
    for (Walk<false> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const int columns = walk.has_row() ? classes : 0;
        const Target<Real> target(y_true, labels, walk.row(), classes, smoothing, ignored);
        Real score[held];
        Real largest = log(Real(0));
        for (int i = 0; i < held; ++i) {
            const int column = i * lanes + walk.lane;
            if (column >= columns) break;
            score[i] = load(logits + start + column);
            largest = maximum(largest, score[i]);
        }
        largest = walk.largest(largest);
        Real total = 0, mass = 0, aimed = 0;
        for (int i = 0; i < held; ++i) {
            const int column = i * lanes + walk.lane;
            if (column >= columns) break;
            score[i] -= largest;
            mass += target(column);
            aimed += target.times(column, score[i]);
            score[i] = exp(score[i]);
            total += score[i];
        }
        total = walk.sum(total);
        mass = walk.sum(mass);
        aimed = walk.sum(aimed);
        const Real own_weight = target.factor * (weight == nullptr ? Real(1) : weight[walk.row() / span]);
        const Real inverse = 1 / total;
        for (int i = 0; i < held; ++i) {
            const int column = i * lanes + walk.lane;
            if (column >= columns) break;
            const Real p = score[i] * inverse;
            if (predictions != nullptr) store(predictions + start + column, p);
            if (gradient != nullptr)
                store(gradient + start + column, (p * mass - target(column)) * own_weight * slope_factor);
        }
        if (walk.speaks()) sum += static_cast<double>(own_weight) * (mass * log(total) - aimed);
    }
    add_to_totals(sum * factor * samples, samples, partial, totals);
}

template <typename Number>
constexpr Number lowest = -3.402823466e+38f;
template <>
constexpr double lowest<double> = -1.7976931348623157e+308;

// Rows of any number of classes. Largest score and sum are found in one pass, the online method: when the largest so far
// grows, the sum so far shrinks (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018). The second pass
// finds the row in the cache.
// Bytes: rows * classes * 3 * storage + (rows * 8 if y_true is None else rows * classes * real)
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256, 2)
online_softmax_crossentropy(const RealOf<Storage>* y_true, const long long* labels, const Storage* logits,
                            const RealOf<Storage>* weight, Storage* predictions, Storage* gradient, long long rows,
                            long long classes, int lanes, long long span, double smoothing, long long ignored,
                            double scale, const double* divisor, const double* loss_scale, long long samples, double* partial, double* totals) {
    using Real = RealOf<Storage>;
    const double factor = factor_of_batch(scale, divisor);
    const auto slope_factor = factor_of_gradient<RealOf<Storage>>(factor, loss_scale);
    double sum = 0;
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long columns = walk.has_row() ? classes : 0;
        const Target<Real> target(y_true, labels, walk.row(), classes, smoothing, ignored);
        Real largest = lowest<Real>, total = 0, mass = 0;
        for (long long first = walk.lane; first < columns; first += held * walk.lanes) {
            Real score[held];
            const Real before = largest;
            for (int i = 0; i < held; ++i) {
                const long long column = first + i * walk.lanes;
                if (column >= columns) break;
                score[i] = load(logits + start + column);
                mass += target(column);
                largest = maximum(largest, score[i]);
            }
            total *= exp(before - largest);
            for (int i = 0; i < held; ++i) {
                if (first + i * walk.lanes >= columns) break;
                total += exp(score[i] - largest);
            }
        }
        const Real of_thread = largest;
        largest = walk.largest(of_thread);
        total = walk.sum(total * exp(of_thread - largest));
        mass = walk.sum(mass);
        const Real own_weight = target.factor * (weight == nullptr ? Real(1) : weight[walk.row() / span]);
        const Real inverse = 1 / total;
        Real aimed = 0;
        for (long long column = walk.lane; column < columns; column += walk.lanes) {
            const Real score = load(logits + start + column) - largest;
            const Real p = exp(score) * inverse;
            aimed += target.times(column, score);
            if (predictions != nullptr) store(predictions + start + column, p);
            if (gradient != nullptr)
                store(gradient + start + column, (p * mass - target(column)) * own_weight * slope_factor);
        }
        aimed = walk.sum(aimed);
        if (walk.speaks()) sum += static_cast<double>(own_weight) * (mass * log(total) - aimed);
    }
    add_to_totals(sum * factor * samples, samples, partial, totals);
}

// Bytes: rows * classes * 2 * storage + (rows * 8 if y_true is None else rows * classes * real)
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256, 2)
probability_crossentropy(const RealOf<Storage>* y_true, const long long* labels, const Storage* y_pred,
                         const RealOf<Storage>* weight, Storage* gradient, long long rows, long long classes, int lanes,
                         long long span, double smoothing, long long ignored, double scale, const double* divisor, const double* loss_scale,
                         long long samples, double* partial, double* totals) {
    using Real = RealOf<Storage>;
    const double factor = factor_of_batch(scale, divisor);
    const auto slope_factor = factor_of_gradient<RealOf<Storage>>(factor, loss_scale);
    double sum = 0;
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * classes;
        const long long columns = walk.has_row() ? classes : 0;
        const Target<Real> target(y_true, labels, walk.row(), classes, smoothing, ignored);
        Real total = 0;
        for (long long column = walk.lane; column < columns; column += walk.lanes) total += load(y_pred + start + column);
        total = walk.sum(total);
        Real value = 0, pull = 0;
        for (long long column = walk.lane; column < columns; column += walk.lanes) {
            const Real q = load(y_pred + start + column) / total;
            const Real clipped = clip(q, Real(EPSILON), Real(1 - EPSILON));
            value -= target.times(column, log(clipped));
            pull += target.times(column, q / clipped * Real(clipped == q));
        }
        value = walk.sum(value);
        pull = walk.sum(pull);
        const Real own_weight = target.factor * (weight == nullptr ? Real(1) : weight[walk.row() / span]);
        for (long long column = walk.lane; column < columns && gradient != nullptr; column += walk.lanes) {
            const Real q = load(y_pred + start + column) / total;
            const Real clipped = clip(q, Real(EPSILON), Real(1 - EPSILON));
            const Real slope = (pull - target.times(column, Real(clipped == q) / clipped)) / total;
            store(gradient + start + column, slope * own_weight * slope_factor);
        }
        if (walk.speaks()) sum += static_cast<double>(own_weight) * value;
    }
    add_to_totals(sum * factor * samples, samples, partial, totals);
}
