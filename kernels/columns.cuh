// Sums over the rows of a matrix, up to four for each column.
//
// Layout: contiguous rows. A tile of `lanes` columns, a power of two up to the block, belongs to `parts` blocks, whose
// threads take every so many rows; what the threads of a column have added up is added in their order.
#pragma once
#include "sums.cuh"

constexpr int COLUMN_BLOCK = 256;

// `terms(row, column, sums)` adds to the sums of a column.
template <typename Terms>
__device__ void sum_columns(const Terms& terms, long long rows, long long columns, int lanes, int parts,
                            double* partial, const States& states) {
    __shared__ double of_thread[STATES][COLUMN_BLOCK];
    const int part = blockIdx.x % parts, lane = threadIdx.x % lanes;
    const int group = threadIdx.x / lanes, groups = blockDim.x / lanes;
    const long long column = static_cast<long long>(blockIdx.x / parts) * lanes + lane;
    double sums[STATES] = {0, 0, 0, 0};
    for (long long row = static_cast<long long>(part) * groups + group; row < rows && column < columns;
         row += static_cast<long long>(parts) * groups)
        terms(row, column, sums);
    for (int state = 0; state < STATES; ++state) of_thread[state][threadIdx.x] = sums[state];
    __syncthreads();
    if (group > 0 || column >= columns) return;
    for (int other = 1; other < groups; ++other)
        for (int state = 0; state < STATES; ++state) sums[state] += of_thread[state][other * lanes + lane];
    add_to_states(sums, column, columns, part, parts, partial, states);
}
