// The sums behind the F-score: Σ w d y, Σ w d (1 - y), Σ w (1 - d) y and Σ w y for each column, with decisions d.
//
// Decisions are f > threshold, or, Largest, whether f is the largest of its row and not 0.
//
// Layout: contiguous rows, `columns` wide; one weight a row. See columns.cuh.
// Bytes an element at best: one read of y_true, one of y_pred.
#include "columns.cuh"
#include "rows.cuh"
#include "storage.cuh"

constexpr double TINY = 1e-9;  // a prediction this small is no decision for a class, even where it is the largest

// Bytes: rows * (columns * storage + 8)
template <typename Storage>
__global__ void __launch_bounds__(256)
largest_of_rows(const Storage* y_pred, long long rows, long long columns, int lanes, double* largest) {
    for (Walk<false> walk(rows, lanes); walk.goes_on(); walk.step()) {
        RealOf<Storage> of_row = log(RealOf<Storage>(0));
        for (long long column = walk.lane; column < columns; column += lanes)
            of_row = maximum(of_row, load(y_pred + walk.row() * columns + column));
        of_row = walk.largest(of_row);
        if (walk.speaks()) largest[walk.row()] = of_row;
    }
}

// Bytes: rows * columns * (real + storage) + (rows * 8 if largest is not None else 0)
template <typename Storage>
__global__ void __launch_bounds__(256)
f_score(const RealOf<Storage>* y_true, const Storage* y_pred, const RealOf<Storage>* weight, const double* largest,
        double threshold, long long rows, long long columns, int lanes, int parts, double* partial,
        double* true_positives, double* false_positives, double* false_negatives, double* intermediate_weights) {
    using Real = RealOf<Storage>;
    const auto terms = [=](long long row, long long column, double* sums) {
        const double y = y_true[row * columns + column];
        const Real f = load(y_pred + row * columns + column);
        const bool is_chosen =
            largest != nullptr ? f >= largest[row] && fabs(f) > Real(TINY) : f > static_cast<Real>(threshold);
        const double positive = is_chosen ? 1 : 0;
        const double own_weight = weight == nullptr ? 1.0 : static_cast<double>(weight[row]);
        sums[0] += positive * y * own_weight;
        sums[1] += positive * (1 - y) * own_weight;
        sums[2] += (1 - positive) * y * own_weight;
        sums[3] += y * own_weight;
    };
    sum_columns(terms, rows, columns, lanes, parts, partial,
                {true_positives, false_positives, false_negatives, intermediate_weights});
}
