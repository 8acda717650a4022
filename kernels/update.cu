// Updates of optimizers: clipping, weight decay, the rule and the moving average of all parameters in one pass.
//
// g ← clip(g · factor), θ ← rule(θ · (1 - learning_rate · weight_decay), g), a ← m a + (1 - m) θ, θ ← a where the step
// says so. The gradient stays as it is. Under a mixed precision Storage has 16 bits, θ is rounded to `operands`;
// where there is a loss scale (see mixed.cu), gradients that are not finite change nothing.
//
// Layout: the flat buffers of an arena, whose parameters start at multiples of 256 bytes; gaps are zero and stay so. A
// thread owns one pack. What the optimizer doesn't have is null. The coefficients of the step are table[counters[2]].
// Bytes an element at best: one read and one write of the value and of each slot, one read of the gradient.
#include "counters.cuh"
#include "optimizers.cuh"
#include "storage.cuh"

constexpr int SEGMENT = 256;  // bytes that belong to one parameter
constexpr int FINITE = 2;     // where the loss scale notes that gradients are finite

// What products read of a pack of values.
template <typename Storage>
struct alignas(sizeof(Storage) * Pack<RealOf<Storage>>::size) Narrow {
    Storage element[Pack<RealOf<Storage>>::size];
};

// Bytes: size * (real * (3 + 2 * sum(s is not None for s in (first, second, third, average))) + storage % real)
template <typename Storage, template <typename> class Optimizer>
__global__ void __launch_bounds__(256)
update(RealOf<Storage>* values, Storage* operands, const RealOf<Storage>* gradients, RealOf<Storage>* first,
       RealOf<Storage>* second, RealOf<Storage>* third, RealOf<Storage>* average, long long size, const double* table,
       const long long* counters, long long columns, double a, double b, double c, double d, double weight_decay,
       const bool* decayed, double clipvalue, const double* factors, const int* owners, const double* loss_scale) {
    using Real = RealOf<Storage>;
    constexpr int width = Pack<Real>::size;
    constexpr int slots = Optimizer<Real>::slots;
    const long long start = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * width;
    if (start >= size || (loss_scale != nullptr && loss_scale[FINITE] == 0)) return;

    const double* coefficients = table + counters[ROW] * columns;
    const Optimizer<Real> rule(coefficients, a, b, c, d);
    const long long segment = start * static_cast<int>(sizeof(Real)) / SEGMENT;
    const bool decays = decayed != nullptr && decayed[segment];
    const Real shrink = decays ? 1 - coefficients[LEARNING_RATE] * weight_decay : 1;
    const Real factor = factors == nullptr ? 1 : factors[owners == nullptr ? 0 : owners[segment]];
    const Real limit = clipvalue;

    Real* const slot_arrays[] = {first, second, third};
    Pack<Real> value = load_pack(values + start), slot_packs[slots] = {};
    const Pack<Real> gradient = load_pack(gradients + start);
#pragma unroll
    for (int slot = 0; slot < slots; ++slot)
        if (slot_arrays[slot] != nullptr) slot_packs[slot] = load_pack(slot_arrays[slot] + start);

#pragma unroll
    for (int i = 0; i < width; ++i) {
        Real own[slots];
#pragma unroll
        for (int slot = 0; slot < slots; ++slot) own[slot] = slot_packs[slot].element[i];
        const Real g = gradient.element[i] * factor;
        const Real clipped = g < -limit ? -limit : g > limit ? limit : g;
        value.element[i] = rule(value.element[i] * shrink, clipped, own);
#pragma unroll
        for (int slot = 0; slot < slots; ++slot) slot_packs[slot].element[i] = own[slot];
    }

#pragma unroll
    for (int slot = 0; slot < slots; ++slot)
        if (slot_arrays[slot] != nullptr) store_pack(slot_arrays[slot] + start, slot_packs[slot]);
    if (average != nullptr) {
        const Average<Real> moving(coefficients[AVERAGE_MOMENTUM]);
        Pack<Real> mean = load_pack(average + start);
#pragma unroll
        for (int i = 0; i < width; ++i) mean.element[i] = moving(mean.element[i], value.element[i]);
        store_pack(average + start, mean);
        if (coefficients[AVERAGE_OVERWRITES] != 0) value = mean;
    }
    store_pack(values + start, value);
    if constexpr (sizeof(Storage) < sizeof(Real)) {
        Narrow<Storage> narrow;
#pragma unroll
        for (int i = 0; i < width; ++i) store(&narrow.element[i], value.element[i]);
        *reinterpret_cast<Narrow<Storage>*>(operands + start) = narrow;
    }
}
