// Elementwise losses: totals += (samples · L, samples), gradient = ∂L/∂f.
//
// L = factor · Σ weight · share · Σₖ value(yₖ, fₖ), with the factor of the reduction: `scale`, divided by `divisor` where
// that had to be measured. See losses.cuh for values and slopes.
//
// Layout: contiguous, y_true as it is computed with, y_pred and gradient as they are stored. Rows don't matter, save for
// their weights.
// Bytes an element at best: one read of y_true, one of y_pred, one write of gradient.
#include "elements.cuh"
#include "totals.cuh"

// Sample weights come on top. `not_binary` is what count_not_binary found; for the losses that ask, else null.
// Bytes: size * (real + 2 * storage)
template <typename Storage, template <typename> class Loss, bool Vectorized>
__global__ void __launch_bounds__(256, 2)
elementwise_loss(const RealOf<Storage>* y_true, const Storage* y_pred, const RealOf<Storage>* weight, Storage* gradient,
                 long long size, long long span, long long outputs, double option, const double* not_binary, double scale,
                 const double* divisor, const double* loss_scale, long long samples, double* partial, double* totals) {
    if (not_binary != nullptr) option = measured(not_binary) == 0;
    const Loss<RealOf<Storage>> loss(outputs, option);
    const double factor = factor_of_batch(scale, divisor);
    const auto slope_factor = factor_of_gradient<RealOf<Storage>>(factor, loss_scale);
    Storage* const predictions = nullptr;
    const double sum =
        sum_elements<Vectorized>(loss, y_true, y_pred, weight, predictions, gradient, size, span, slope_factor);
    add_to_totals(sum * factor * samples, samples, partial, totals);
}
