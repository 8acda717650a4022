// Optimizers: the rule of each for one element, one functor per class of gpunet/optimizers, of the same name. It is
// made with the coefficients of the step and the class's own options in their order, 0 for what is missing of four; it
// returns the new value and changes the slots, which stand in the order of the class. Constants are computed in double
// and rounded to Real where NumPy does that.
#pragma once

// What a row of the table of coefficients begins with; a rule's own coefficients follow.
enum Coefficient { LEARNING_RATE, AVERAGE_MOMENTUM, AVERAGE_OVERWRITES, OWN };

// Fading averages: mean ← memory · mean + (1 - memory) · x.
template <typename Number>
struct Average {
    Number memory, rest;
    __device__ explicit Average(double memory) : memory(memory), rest(1 - memory) {}
    __device__ Number operator()(Number mean, Number x) const { return mean * memory + x * rest; }
};

// NaN wins, as in NumPy.
template <typename Number>
__device__ inline Number larger(Number a, Number b) {
    return a < b || b != b ? b : a;
}

template <typename Real>
struct SGD {
    static constexpr int slots = 1;
    Real learning_rate, momentum;
    bool nesterov;
    __device__ SGD(const double* coefficients, double momentum, double nesterov, double, double)
        : learning_rate(coefficients[LEARNING_RATE]), momentum(momentum), nesterov(nesterov != 0) {}
    __device__ Real operator()(Real value, Real gradient, Real* slot) const {
        Real& velocity = slot[0];
        const Real step = gradient * learning_rate;
        if (momentum == 0) return value - step;
        velocity = velocity * momentum - step;
        return nesterov ? value + velocity * momentum - step : value + velocity;
    }
};

template <typename Real>
struct Adam {
    static constexpr int slots = 3;
    Average<Real> momentum, velocity;
    Real step_size, epsilon;
    bool amsgrad;
    __device__ Adam(const double* coefficients, double beta_1, double beta_2, double epsilon, double amsgrad)
        : momentum(beta_1), velocity(beta_2), step_size(coefficients[OWN]), epsilon(epsilon), amsgrad(amsgrad != 0) {}
    __device__ Real operator()(Real value, Real gradient, Real* slot) const {
        Real &m = slot[0], &v = slot[1], &largest = slot[2];
        m = momentum(m, gradient);
        v = velocity(v, gradient * gradient);
        if (amsgrad) largest = larger(largest, v);
        return value - m / (sqrt(amsgrad ? largest : v) + epsilon) * step_size;
    }
};

template <typename Real>
struct AdamW : Adam<Real> {
    using Adam<Real>::Adam;
};

template <typename Real>
struct Adamax {
    static constexpr int slots = 2;
    Average<Real> momentum;
    Real memory, step_size, epsilon;
    __device__ Adamax(const double* coefficients, double beta_1, double beta_2, double epsilon, double)
        : momentum(beta_1), memory(beta_2), step_size(coefficients[OWN]), epsilon(epsilon) {}
    __device__ Real operator()(Real value, Real gradient, Real* slot) const {
        Real &m = slot[0], &norm = slot[1];
        m = momentum(m, gradient);
        norm = larger<Real>(norm * memory, fabs(gradient));
        return value - m / (norm + epsilon) * step_size;
    }
};

template <typename Real>
struct Nadam {
    static constexpr int slots = 2;
    Average<Real> momentum, velocity;
    Real momentum_step, gradient_step, epsilon;
    __device__ Nadam(const double* coefficients, double beta_1, double beta_2, double, double)
        : momentum(beta_1), velocity(beta_2), momentum_step(coefficients[OWN]), gradient_step(coefficients[OWN + 1]),
          epsilon(coefficients[OWN + 2]) {}
    __device__ Real operator()(Real value, Real gradient, Real* slot) const {
        Real &m = slot[0], &v = slot[1];
        m = momentum(m, gradient);
        v = velocity(v, gradient * gradient);
        return value - (gradient * gradient_step + m * momentum_step) / (sqrt(v) + epsilon);
    }
};

template <typename Real>
struct Adagrad {
    static constexpr int slots = 1;
    Real learning_rate, epsilon;
    __device__ Adagrad(const double* coefficients, double, double epsilon, double, double)
        : learning_rate(coefficients[LEARNING_RATE]), epsilon(epsilon) {}
    __device__ Real operator()(Real value, Real gradient, Real* slot) const {
        Real& accumulator = slot[0];
        accumulator += gradient * gradient;
        return value - gradient * learning_rate / sqrt(accumulator + epsilon);
    }
};

template <typename Real>
struct Adadelta {
    static constexpr int slots = 2;
    Average<Real> average;
    Real learning_rate, epsilon;
    __device__ Adadelta(const double* coefficients, double rho, double epsilon, double, double)
        : average(rho), learning_rate(coefficients[LEARNING_RATE]), epsilon(epsilon) {}
    __device__ Real operator()(Real value, Real gradient, Real* slot) const {
        Real &squares = slot[0], &steps = slot[1];
        squares = average(squares, gradient * gradient);
        const Real step = gradient / sqrt(squares + epsilon) * sqrt(steps + epsilon);
        steps = average(steps, step * step);
        return value - step * learning_rate;
    }
};

// With momentum its slot comes before that of the mean.
template <typename Real>
struct RMSprop {
    static constexpr int slots = 3;
    Average<Real> average;
    Real learning_rate, momentum, epsilon;
    bool has_momentum, centered;
    __device__ RMSprop(const double* coefficients, double rho, double momentum, double epsilon, double centered)
        : average(rho), learning_rate(coefficients[LEARNING_RATE]), momentum(momentum), epsilon(epsilon),
          has_momentum(momentum != 0), centered(centered != 0) {}
    __device__ Real operator()(Real value, Real gradient, Real* slot) const {
        Real& velocity = slot[0];
        velocity = average(velocity, gradient * gradient);
        Real variance = velocity;
        if (centered) {
            const Real mean = average(has_momentum ? slot[2] : slot[1], gradient);
            variance = larger<Real>(velocity - mean * mean, 0);
            if (has_momentum)
                slot[2] = mean;
            else
                slot[1] = mean;
        }
        const Real step = gradient * learning_rate / sqrt(variance + epsilon);
        if (!has_momentum) return value - step;
        slot[1] = slot[1] * momentum + step;
        return value - slot[1];
    }
};
