// Scores of single predictions: one functor per class of gpunet/metrics that is a mean of them, of the same name.
#pragma once

template <typename Real>
struct Accuracy {
    __device__ explicit Accuracy(double) {}
    __device__ double operator()(Real y, Real f) const { return y == f ? 1 : 0; }
};

// A prediction equal to the threshold counts as 0.
template <typename Real>
struct BinaryAccuracy {
    Real threshold;
    __device__ explicit BinaryAccuracy(double threshold) : threshold(threshold) {}
    __device__ double operator()(Real y, Real f) const { return y == (f > threshold ? Real(1) : Real(0)) ? 1 : 0; }
};

// The root is taken at the end.
template <typename Real>
struct RootMeanSquaredError {
    __device__ explicit RootMeanSquaredError(double) {}
    __device__ double operator()(Real y, Real f) const {
        const double error = static_cast<double>(f) - static_cast<double>(y);
        return error * error;
    }
};
