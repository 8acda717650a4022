// The sums behind R²: Σ w y², Σ w y, Σ w (y - f)² and Σ w for each column, and the number of targets.
//
// Layout: contiguous rows, `columns` wide; one weight a row. See columns.cuh.
// Bytes an element at best: one read of y_true, one of y_pred.
#include "columns.cuh"
#include "storage.cuh"

// Bytes: rows * columns * (real + storage)
template <typename Storage>
__global__ void __launch_bounds__(256)
r2_score(const RealOf<Storage>* y_true, const Storage* y_pred, const RealOf<Storage>* weight, long long rows,
         long long columns, int lanes, int parts, double* partial, double* squared_sum, double* sum, double* total_mse,
         double* count, double* num_samples) {
    const auto terms = [=](long long row, long long column, double* sums) {
        const double y = y_true[row * columns + column];
        const double error = y - load(y_pred + row * columns + column);
        const double own_weight = weight == nullptr ? 1.0 : static_cast<double>(weight[row]);
        sums[0] += y * (y * own_weight);
        sums[1] += y * own_weight;
        sums[2] += error * error * own_weight;
        sums[3] += own_weight;
    };
    sum_columns(terms, rows, columns, lanes, parts, partial, {squared_sum, sum, total_mse, count});
    if (blockIdx.x == 0 && threadIdx.x == 0) *num_samples += rows * columns;
}
