// Dropout, forward and backward alike: out = x * mask / (1 - rate). The mask is recomputed, never stored.
//
// Element i of the batch (row * width + column) is kept where word i % 4 of
// Philox4x32-10(counter = (i / 4, layer, step), key = seed) is at least threshold = ceil(rate * 2^32). A factor of 0
// rather than a 0: NaN and infinity stay visible, as they do on the host.
//
// Layout: contiguous, any shape; a thread owns the four elements of one counter. REAL is the storage type.
// Bytes an element at best: one read of x, one write of out.
#include "philox.cuh"

extern "C" __global__ void dropout(const REAL* x, REAL* out, long long size, unsigned int threshold, REAL scale,
                                   unsigned long long seed, unsigned int layer, const long long* step) {
    const long long stride = static_cast<long long>(gridDim.x) * blockDim.x;
    const long long blocks = (size + 3) / 4;
    for (long long block = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x; block < blocks;
         block += stride) {
        const PhiloxWords counter{{static_cast<unsigned int>(block), static_cast<unsigned int>(block >> 32), layer,
                                   static_cast<unsigned int>(*step)}};
        const PhiloxWords random =
            philox4x32_10(counter, static_cast<unsigned int>(seed), static_cast<unsigned int>(seed >> 32));
        for (int lane = 0; lane < 4; ++lane) {
            const long long element = 4 * block + lane;
            if (element < size) out[element] = x[element] * (random.word[lane] >= threshold ? scale : REAL(0));
        }
    }
}
