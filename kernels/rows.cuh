// Rows that are reduced one by one, and the targets of such a row.
#pragma once
#include "activations.cuh"
#include "reduce.cuh"

// A walk over rows. A row belongs to a team: to `lanes` threads of a warp, a power of two up to 32, or, Wide, to the whole
// block. All teams of a block go on together, for they reduce together; a team beyond the last row finds it to be empty.
template <bool Wide>
struct Walk {
    const long long rows;
    const int lanes, lane, team;
    long long first;

    __device__ Walk(long long rows, int lanes)
        : rows(rows),
          lanes(Wide ? blockDim.x : lanes),
          lane(threadIdx.x % this->lanes),
          team(threadIdx.x / this->lanes),
          first(static_cast<long long>(blockIdx.x) * (blockDim.x / this->lanes)) {}

    __device__ bool goes_on() const { return first < rows; }
    __device__ void step() { first += static_cast<long long>(gridDim.x) * (blockDim.x / lanes); }
    __device__ bool has_row() const { return first + team < rows; }
    __device__ long long row() const { return has_row() ? first + team : rows - 1; }
    __device__ bool speaks() const { return has_row() && lane == 0; }  // for the team

    template <typename T, typename Combine>
    __device__ T reduce(T value, Combine combine) const {
        if constexpr (Wide) return reduce_block(value, combine);
        return reduce_lanes(value, lanes, combine);
    }
    template <typename T>
    __device__ T sum(T value) const {
        return reduce(value, Add());
    }
    template <typename T>
    __device__ T largest(T value) const {
        return reduce(value, [](T a, T b) { return maximum(a, b); });
    }
};

// What a row is to be: probabilities of classes, smoothed, or a class. Rows of the class `ignored` have the factor 0.
template <typename Number>
struct Target {
    const Number* probabilities;  // null for a class
    long long label;
    Number keep, share, factor;

    __device__ Target(const Number* y_true, const long long* labels, long long row, long long classes, double smoothing,
                      long long ignored)
        : probabilities(labels == nullptr ? y_true + row * classes : nullptr),
          label(labels == nullptr ? 0 : labels[row]),
          keep(1 - smoothing),
          share(smoothing / classes),
          factor(labels != nullptr && label == ignored ? 0 : 1) {}
    __device__ Number operator()(long long column) const {
        return probabilities == nullptr ? Number(column == label) : probabilities[column] * keep + share;
    }
    // A class picks its own score: the others don't matter, be they infinite.
    __device__ Number times(long long column, Number score) const {
        if (probabilities == nullptr) return column == label ? score : Number(0);
        return (*this)(column) * score;
    }
};
