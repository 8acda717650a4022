// Losses that are sums over the outputs of a row: one functor per class of gpunet/losses, of the same name.
//
// A functor is made with the number K of outputs and with the option of the Python class. It gives the value of one
// element and its slope with respect to the prediction f; `share` is what the sum of the values is multiplied by: 1 / K
// for a mean. The formulas are the Python ones, with the same values for NaN and infinity: what multiplies by 0 or 1
// there does so here.
#pragma once
#include "activations.cuh"

constexpr double EPSILON = 1e-7;

template <typename Number>
struct Outcome {
    Number value, slope;
    Number prediction;  // where the loss computes it, too
};

template <typename Number>
struct SumOverOutputs {
    static constexpr double share = 1;
    __device__ SumOverOutputs(double, double) {}
};

template <typename Number>
struct MeanOverOutputs {
    double share;
    Number outputs;
    __device__ MeanOverOutputs(double outputs, double) : share(1 / outputs), outputs(outputs) {}
};

template <typename Number>
__device__ Number sign(Number x) {
    return x > 0 ? Number(1) : x < 0 ? Number(-1) : x;
}

// ---- squared differences --------------------------------------------------------------------------------------------

template <typename Real>
struct MeanSquaredError {
    double share;
    Real twice;
    __device__ MeanSquaredError(double outputs, double) : share(1 / outputs), twice(2 / outputs) {}
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real error = f - y;
        return {error * error, error * twice};
    }
};

template <typename Real>
struct HalfMeanSquaredError {
    static constexpr double share = 0.5;
    __device__ HalfMeanSquaredError(double, double) {}
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real error = f - y;
        return {error * error, error};
    }
};

template <typename Real>
struct MeanSquaredLogarithmicError {
    double share;
    Real twice;
    __device__ MeanSquaredLogarithmicError(double outputs, double) : share(1 / outputs), twice(2 / outputs) {}
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real clipped = maximum(f, Real(EPSILON));
        const Real error = log1p(clipped) - log1p(maximum(y, Real(EPSILON)));
        return {error * error, error * Real(clipped == f) / (clipped + 1) * twice};
    }
};

// ---- absolute differences -------------------------------------------------------------------------------------------

template <typename Real>
struct MeanAbsoluteError : MeanOverOutputs<Real> {
    using MeanOverOutputs<Real>::MeanOverOutputs;
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real error = f - y;
        return {fabs(error), sign(error) / this->outputs};
    }
};

template <typename Real>
struct MeanAbsolutePercentageError {
    double share;
    Real percent;
    __device__ MeanAbsolutePercentageError(double outputs, double) : share(100 / outputs), percent(100 / outputs) {}
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real error = f - y;
        const Real scale = maximum(fabs(y), Real(EPSILON));
        return {fabs(error) / scale, sign(error) / scale * percent};
    }
};

// ---- quadratic near the target, linear far from it ------------------------------------------------------------------

template <typename Real>
struct Huber : MeanOverOutputs<Real> {
    Real delta;
    __device__ Huber(double outputs, double delta) : MeanOverOutputs<Real>(outputs, delta), delta(delta) {}
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real error = f - y;
        const Real clipped = clip(error, -delta, delta);
        return {clipped * (error - clipped / 2), clipped / this->outputs};
    }
};

template <typename Real>
struct LogCosh : MeanOverOutputs<Real> {
    using MeanOverOutputs<Real>::MeanOverOutputs;
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real error = f - y;
        const Real size = fabs(error);
        return {size + log1p(expm1(-2 * size) / 2), tanh(error) / this->outputs};
    }
};

// ---- distances between distributions --------------------------------------------------------------------------------

template <typename Real>
struct KLDivergence : SumOverOutputs<Real> {
    using SumOverOutputs<Real>::SumOverOutputs;
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real target = clip(y, Real(EPSILON), Real(1));
        const Real clipped = clip(f, Real(EPSILON), Real(1));
        const Real ratio = target / clipped;
        return {target * log(ratio), -(ratio * Real(clipped == f))};
    }
};

template <typename Real>
struct Poisson : MeanOverOutputs<Real> {
    using MeanOverOutputs<Real>::MeanOverOutputs;
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real rate = f + Real(EPSILON);
        return {f - y * log(rate), (1 - y / rate) / this->outputs};
    }
};

// ---- margins; the option tells whether all labels of the batch are 0 or 1, to be read as -1 and 1 ---------------------

template <typename Real>
struct Hinge : MeanOverOutputs<Real> {
    Real binary;
    __device__ Hinge(double outputs, double binary) : MeanOverOutputs<Real>(outputs, binary), binary(binary) {}
    __device__ Real label(Real y) const { return y + binary * (y - 1); }
    __device__ Real margin(Real y, Real f) const { return maximum(1 - label(y) * f, Real(0)); }
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real inside = margin(y, f);
        return {inside, label(y) * Real(inside > 0) / -this->outputs};
    }
};

template <typename Real>
struct SquaredHinge : Hinge<Real> {
    Real twice;
    __device__ SquaredHinge(double outputs, double binary) : Hinge<Real>(outputs, binary), twice(-2 / outputs) {}
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real inside = this->margin(y, f);
        return {inside * inside, this->label(y) * inside * twice};
    }
};

// ---- yes-or-no questions, from probabilities --------------------------------------------------------------------------

template <typename Real>
struct BinaryCrossentropy : MeanOverOutputs<Real> {
    Real keep, share_of_no;
    __device__ BinaryCrossentropy(double outputs, double label_smoothing)
        : MeanOverOutputs<Real>(outputs, label_smoothing), keep(1 - label_smoothing), share_of_no(label_smoothing / 2) {}
    __device__ Real smoothed(Real y) const { return y * keep + share_of_no; }
    __device__ Outcome<Real> operator()(Real y, Real f) const {
        const Real target = smoothed(y);
        const Real p = clip(f, Real(EPSILON), Real(1 - EPSILON));
        const Real slope = (p - target) / (p * (1 - p)) * Real(p == f) / this->outputs;
        return {-(target * log(p) + (1 - target) * log1p(-p)), slope};
    }
};
