// Activations: one functor per elementwise class of gpunet/activations, of the same name, for both directions.
//
// forward(z) is g(z). derivative(v) is g'(z), from the output, v = g(z), or where needs_input from the input, v = z.
// The options are up to three doubles in the order of the Python class. The formulas are the Python ones, with the same
// values for NaN and infinity: what multiplies by 0 or 1 there does so here.
#pragma once

// NaN if one of the two is NaN, as NumPy's.
template <typename Real>
__device__ Real maximum(Real a, Real b) {
    return a > b || a != a ? a : b;
}
template <typename Real>
__device__ Real minimum(Real a, Real b) {
    return a < b || a != a ? a : b;
}
template <typename Real>
__device__ Real clip(Real z, Real low, Real high) {
    return minimum(maximum(z, low), high);
}

struct FromOutput {
    static constexpr bool needs_input = false;
    __device__ FromOutput(double = 0, double = 0, double = 0) {}
};
struct FromInput {
    static constexpr bool needs_input = true;
    __device__ FromInput(double = 0, double = 0, double = 0) {}
};

// ---- identity and exponential function ------------------------------------------------------------------------------

template <typename Real>
struct Linear : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return z; }
    __device__ Real derivative(Real) const { return 1; }
};

template <typename Real>
struct Exponential : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return exp(z); }
    __device__ Real derivative(Real y) const { return y; }
};

// ---- rectifiers -----------------------------------------------------------------------------------------------------

// Without a limit max_value is NaN, and no y is above it or equal to it.
template <typename Real>
struct ReLU : FromOutput {
    Real negative_slope, max_value, threshold;
    __device__ ReLU(double negative_slope, double max_value, double threshold)
        : negative_slope(negative_slope), max_value(max_value), threshold(threshold) {}
    __device__ Real forward(Real z) const {
        const Real below = negative_slope != 0 ? negative_slope * (z - threshold) : Real(0);
        const Real y = z <= threshold ? below : z;
        return y > max_value ? max_value : y;
    }
    __device__ Real derivative(Real y) const {
        const Real slope = y > 0 ? Real(1) : y <= 0 ? negative_slope : Real(0);
        return y >= max_value ? Real(0) : slope;
    }
};

template <typename Real>
struct LeakyReLU : ReLU<Real> {
    __device__ LeakyReLU(double negative_slope, double, double) : ReLU<Real>(negative_slope, nan(""), 0) {}
};

template <typename Real>
struct Threshold : FromInput {
    Real threshold, default_value;
    __device__ Threshold(double threshold, double default_value, double)
        : threshold(threshold), default_value(default_value) {}
    __device__ Real forward(Real z) const { return z > threshold ? z : default_value; }
    __device__ Real derivative(Real z) const { return Real(z > threshold); }
};

// ---- exponential linear units ---------------------------------------------------------------------------------------

template <typename Real>
struct ELU : FromOutput {
    Real alpha;
    __device__ ELU(double alpha, double, double) : alpha(alpha) {}
    __device__ Real forward(Real z) const { return z > 0 ? z : alpha * expm1(z); }
    __device__ Real derivative(Real y) const { return y > 0 ? Real(1) : alpha + y; }
};

template <typename Real>
struct SELU : FromOutput {
    using FromOutput::FromOutput;
    static constexpr double scale = 1.0507009873554805;
    static constexpr double alpha = 1.6732632423543772;
    __device__ Real forward(Real z) const { return z > 0 ? Real(scale) * z : Real(scale * alpha) * expm1(z); }
    __device__ Real derivative(Real y) const { return y > 0 ? Real(scale) : Real(scale * alpha) + y; }
};

template <typename Real>
struct CELU : FromOutput {
    Real alpha;
    __device__ CELU(double alpha, double, double) : alpha(alpha) {}
    __device__ Real forward(Real z) const { return z > 0 ? z : alpha * expm1(z / alpha); }
    __device__ Real derivative(Real y) const { return y > 0 ? Real(1) : y / alpha + 1; }
};

// ---- functions with two finite limits -------------------------------------------------------------------------------

template <typename Real>
__device__ Real logistic(Real z) {
    return 1 / (1 + exp(-z));
}

template <typename Real>
struct Sigmoid : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return logistic(z); }
    __device__ Real derivative(Real y) const { return (1 - y) * y; }
};

template <typename Real>
struct Tanh : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return tanh(z); }
    __device__ Real derivative(Real y) const { return 1 - y * y; }
};

template <typename Real>
struct Softsign : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return z / (1 + fabs(z)); }
    __device__ Real derivative(Real y) const {
        const Real rest = 1 - fabs(y);
        return rest * rest;
    }
};

template <typename Real>
struct HardSigmoid : FromOutput {
    using FromOutput::FromOutput;
    static constexpr double slope = 1.0 / 6;
    __device__ Real forward(Real z) const { return clip(z * Real(slope) + Real(0.5), Real(0), Real(1)); }
    __device__ Real derivative(Real y) const { return y > 0 && y < 1 ? Real(slope) : Real(0); }
};

template <typename Real>
struct SparseSigmoid : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return clip(z / 2 + Real(0.5), Real(0), Real(1)); }
    __device__ Real derivative(Real y) const { return y > 0 && y < 1 ? Real(0.5) : Real(0); }
};

template <typename Real>
struct HardTanh : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return clip(z, Real(-1), Real(1)); }
    __device__ Real derivative(Real y) const { return Real(fabs(y) < 1); }
};

// ---- smooth rectifiers ----------------------------------------------------------------------------------------------

template <typename Real>
struct Softplus : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return maximum(z, Real(0)) + log1p(exp(-fabs(z))); }
    __device__ Real derivative(Real y) const { return -expm1(-y); }
};

template <typename Real>
struct LogSigmoid : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const { return minimum(z, Real(0)) - log1p(exp(-fabs(z))); }
    __device__ Real derivative(Real y) const { return -expm1(y); }
};

template <typename Real>
struct Squareplus : FromOutput {
    Real quarter, root;  // b / 4 and √b
    __device__ Squareplus(double b, double, double) : quarter(b / 4), root(sqrt(b)) {}
    __device__ Real forward(Real z) const {
        const Real larger = (hypot(z, root) + fabs(z)) / 2;
        return z < 0 ? quarter / larger : larger;
    }
    __device__ Real derivative(Real y) const {
        const Real ratio = root / 2 / y;
        return 1 / (ratio * ratio + 1);
    }
};

template <typename Real>
struct SparsePlus : FromOutput {
    using FromOutput::FromOutput;
    __device__ Real forward(Real z) const {
        const Real bend = clip(z, Real(-1), Real(1)) + 1;
        return maximum(z, Real(1)) - 1 + bend * bend / 4;
    }
    __device__ Real derivative(Real y) const { return sqrt(minimum(y, Real(1))); }
};

// ---- gated units ----------------------------------------------------------------------------------------------------

template <typename Real>
struct SiLU : FromInput {
    using FromInput::FromInput;
    __device__ Real forward(Real z) const { return z / (1 + exp(-z)); }
    __device__ Real derivative(Real z) const {
        const Real gate = logistic(z);
        return ((1 - gate) * z + 1) * gate;
    }
};

// e^(-z²/2) / √(2π) for z >= 0. What the square loses to rounding is made good: in an exponent it would count z²/2
// times.
template <typename Real>
__device__ Real normal_density(Real z) {
    const Real square = z * z;
    const Real rest = fma(z, z, -square);
    return exp(square / -2) * (1 - rest / 2) * Real(0.3989422804014327);
}

// Φ(-z) = erfc(z / √2) / 2 for z >= 0. The rest of the quotient is made good likewise, by erfc'(q) ≈ -2q · erfc(q).
template <typename Real>
__device__ Real normal_tail(Real z) {
    const double root = 0.7071067811865476;  // of 1/2, which is this - 4.833646656726457e-17
    const Real quotient = z * Real(root);
    const Real rest = fma(z, Real(root), -quotient) + z * Real(root - Real(root) - 4.833646656726457e-17);
    return erfc(quotient) * (1 - 2 * quotient * rest) / 2;
}

// Beyond ±40 the gate is 0 or 1 in float64, too, and z² must not overflow.
template <typename Real>
struct GELU : FromInput {
    static constexpr double scale = 1.5957691216057308;  // 2 √(2/π)
    static constexpr double cubic = 0.044715;
    bool approximate;
    __device__ GELU(double approximate, double, double) : approximate(approximate != 0) {}
    __device__ Real gate(Real z) const {
        const Real size = minimum(fabs(z), Real(40));
        if (approximate) return logistic(Real(scale) * z * (1 + Real(cubic) * (size * size)));
        const Real tail = normal_tail(size);
        return z > 0 ? 1 - tail : tail;
    }
    __device__ Real forward(Real z) const { return z * gate(z); }
    __device__ Real derivative(Real z) const {
        const Real size = minimum(fabs(z), Real(40));
        const Real probability = gate(z);
        const Real density =
            approximate ? probability * (1 - probability) * (Real(scale) * (1 + Real(3 * cubic) * (size * size)))
                        : normal_density(size);
        return density * z + probability;
    }
};

template <typename Real>
struct HardSiLU : FromInput {
    using FromInput::FromInput;
    __device__ Real gate(Real z) const { return clip(z / 6 + Real(0.5), Real(0), Real(1)); }
    __device__ Real forward(Real z) const { return z * gate(z); }
    __device__ Real derivative(Real z) const { return gate(z) + z / 6 * Real(fabs(z) < 3); }
};

// With t = e^z and n = t (t + 2): tanh(softplus(z)) = n / (n + 2). Beyond 20 it is 1 in float64, too.
template <typename Real>
struct Mish : FromInput {
    using FromInput::FromInput;
    __device__ Real forward(Real z) const {
        const Real t = exp(minimum(z, Real(20)));
        const Real n = t * (t + 2);
        return z * (n / (n + 2));
    }
    __device__ Real derivative(Real z) const {
        const Real t = exp(minimum(z, Real(20)));
        const Real n = t * (t + 2);
        return 4 * t * (t + 1) / ((n + 2) * (n + 2)) * z + n / (n + 2);
    }
};

// ---- shrinking functions --------------------------------------------------------------------------------------------

template <typename Real>
struct HardShrink : FromOutput {
    Real threshold;
    __device__ HardShrink(double threshold, double, double) : threshold(threshold) {}
    __device__ Real forward(Real z) const { return z * Real(fabs(z) > threshold); }
    __device__ Real derivative(Real y) const { return Real(y != 0); }
};

template <typename Real>
struct SoftShrink : FromOutput {
    Real threshold;
    __device__ SoftShrink(double threshold, double, double) : threshold(threshold) {}
    __device__ Real forward(Real z) const { return z - clip(z, -threshold, threshold); }
    __device__ Real derivative(Real y) const { return Real(y != 0); }
};

template <typename Real>
struct TanhShrink : FromInput {
    using FromInput::FromInput;
    __device__ Real forward(Real z) const { return z - tanh(z); }
    __device__ Real derivative(Real z) const {
        const Real y = tanh(z);
        return y * y;
    }
};

// ---- the perceptron's step ------------------------------------------------------------------------------------------

// The Python class refuses to be trained through, so nothing asks for the derivative.
template <typename Real>
struct Step : FromOutput {
    Real threshold;
    __device__ Step(double threshold, double, double) : threshold(threshold) {}
    __device__ Real forward(Real z) const { return z >= threshold ? Real(1) : Real(-1); }
    __device__ Real derivative(Real) const { return 0; }
};
