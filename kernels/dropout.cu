// Dropout, forward and backward alike: out = x * mask / (1 - rate). The mask is recomputed, never stored.
//
// Element i of the batch (row * width + column) is kept where word i % 4 of
// Philox4x32-10(counter = (i / 4, layer, step), key = seed) is at least threshold = ceil(rate * 2^32). A factor of 0
// rather than a 0: NaN and infinity stay visible, as they do on the host.
//
// Layout: contiguous, any shape. A thread owns the elements of one counter, or of two where 16 bytes hold eight.
// Bytes an element at best: one read of x, one write of out.
#include "counters.cuh"
#include "philox.cuh"
#include "storage.cuh"


// Bytes: 2 * size * storage
template <typename Storage, bool Vectorized>
__global__ void __launch_bounds__(256)
dropout(const Storage* x, Storage* out, long long size, unsigned int threshold, double scale, unsigned long long seed,
        unsigned int layer, const long long* counters) {
    using Real = RealOf<Storage>;
    constexpr int pack = Pack<Storage>::size, owned = pack > 4 ? pack : 4;
    const long long start = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * owned;
    const unsigned int step = static_cast<unsigned int>(counters[STEP]);
    Real factor[owned];
    for (int i = 0; i < owned; i += 4) {
        const PhiloxWords random = philox4x32_10((start + i) / 4, layer, step, seed);
        for (int k = 0; k < 4; ++k) factor[i + k] = random.word[k] >= threshold ? static_cast<Real>(scale) : Real(0);
    }
    if (Vectorized && start + owned <= size) {
        for (int i = 0; i < owned; i += pack) {
            Pack<Storage> values = load_pack(x + start + i);
            for (int k = 0; k < pack; ++k) store(values.element + k, load(values.element + k) * factor[i + k]);
            store_pack(out + start + i, values);
        }
    } else {
        for (int i = 0; i < owned && start + i < size; ++i) store(out + start + i, load(x + start + i) * factor[i]);
    }
}
