// The second pass over sums that parts of the data have left behind: state[element] += Σ partial.
//
// Layout: a block adds up one element of one of the four states, which may be absent; see sums.cuh. Neighbouring
// elements lie in the same sectors of 32 bytes, which are read again for each.
#include "reduce.cuh"

// Bytes: sum(s is not None for s in (first, second, third, fourth)) * size * (parts * min(8 * size, 32) + 64)
__global__ void __launch_bounds__(256)
add_sums(const double* partial, int parts, long long size, double* first, double* second, double* third,
         double* fourth) {
    const long long state = blockIdx.x / size, element = blockIdx.x % size;
    double* const target = state == 0 ? first : state == 1 ? second : state == 2 ? third : fourth;
    if (target == nullptr) return;
    double sum = 0;
    for (long long part = threadIdx.x; part < parts; part += blockDim.x)
        sum += partial[(state * parts + part) * size + element];
    sum = reduce_block(sum, Add());
    if (threadIdx.x == 0) target[element] += sum;
}
