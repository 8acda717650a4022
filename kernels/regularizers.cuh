// Regularizers that are sums over the elements of a parameter: one functor per class of gpunet/regularizers, of the same
// name, made with the factors of the absolute values and of the squares. What has the factor 0 isn't looked at, be it NaN.
#pragma once

template <typename Number>
struct Penalty {
    Number value, slope;
};

template <typename Real>
struct L1 {
    Real l1;
    __device__ L1(double l1, double) : l1(l1) {}
    __device__ Penalty<Real> operator()(Real w) const {
        if (l1 == 0) return {0, 0};
        const Real sign = w > 0 ? Real(1) : w < 0 ? Real(-1) : w;
        return {l1 * fabs(w), l1 * sign};
    }
};

template <typename Real>
struct L2 {
    Real l2, twice;
    __device__ L2(double, double l2) : l2(l2), twice(2 * l2) {}
    __device__ Penalty<Real> operator()(Real w) const {
        if (l2 == 0) return {0, 0};
        return {l2 * (w * w), twice * w};
    }
};

template <typename Real>
struct L1L2 {
    L1<Real> first;
    L2<Real> second;
    __device__ L1L2(double l1, double l2) : first(l1, l2), second(l1, l2) {}
    __device__ Penalty<Real> operator()(Real w) const {
        const Penalty<Real> a = first(w), b = second(w);
        return {a.value + b.value, a.slope + b.slope};
    }
};
