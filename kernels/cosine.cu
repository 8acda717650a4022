// Minus the cosine of the angle between target and prediction: L = -ŷ · f̂, gradient = -(ŷ - (ŷ · f̂) f̂) / ‖f‖.
//
// With ŷ = y / ‖y‖ and f̂ = f / ‖f‖; a norm below 1e-7 counts as 1e-7, and there the gradient is -ŷ / 1e-7.
// totals += (samples · Σ weight · L · factor, samples), gradient times weight · factor; see loss.cu for the factor.
//
// Layout: contiguous rows of `columns` elements, each passed over three times by its team; later passes find it in the
// cache. `span` rows share a sample weight.
// Bytes an element at best: one read of y_true, one of y_pred, one write of gradient.
#include "losses.cuh"
#include "rows.cuh"
#include "storage.cuh"
#include "totals.cuh"

// Bytes: rows * columns * (real + 2 * storage)
template <typename Storage, bool Wide>
__global__ void __launch_bounds__(256, 2)
cosine_similarity(const RealOf<Storage>* y_true, const Storage* y_pred, const RealOf<Storage>* weight, Storage* gradient,
                  long long rows, long long columns, int lanes, long long span, double scale, const double* divisor, const double* loss_scale,
                  long long samples, double* partial, double* totals) {
    using Real = RealOf<Storage>;
    const double factor = factor_of_batch(scale, divisor);
    const auto slope_factor = factor_of_gradient<RealOf<Storage>>(factor, loss_scale);
    double sum = 0;
    for (Walk<Wide> walk(rows, lanes); walk.goes_on(); walk.step()) {
        const long long start = walk.row() * columns;
        const long long end = walk.has_row() ? columns : 0;
        Real of_target = 0, of_prediction = 0;
        for (long long column = walk.lane; column < end; column += walk.lanes) {
            const Real y = y_true[start + column];
            const Real f = load(y_pred + start + column);
            of_target += y * y;
            of_prediction += f * f;
        }
        const Real inverse_of_target = 1 / maximum(sqrt(walk.sum(of_target)), Real(EPSILON));
        const Real inverse = 1 / maximum(sqrt(walk.sum(of_prediction)), Real(EPSILON));
        Real cosine = 0;
        for (long long column = walk.lane; column < end; column += walk.lanes)
            cosine += y_true[start + column] * inverse_of_target * (load(y_pred + start + column) * inverse);
        cosine = walk.sum(cosine);
        const Real along = cosine * Real(inverse < Real(1 / EPSILON));
        const Real own_weight = weight == nullptr ? Real(1) : weight[walk.row() / span];
        for (long long column = walk.lane; column < end && gradient != nullptr; column += walk.lanes) {
            const Real direction = load(y_pred + start + column) * inverse;
            const Real slope = (direction * along - y_true[start + column] * inverse_of_target) * inverse;
            store(gradient + start + column, slope * own_weight * slope_factor);
        }
        if (walk.speaks()) sum -= static_cast<double>(own_weight) * cosine;
    }
    add_to_totals(sum * factor * samples, samples, partial, totals);
}
