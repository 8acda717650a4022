// The counters of a program, advanced at the end of each step: training step, position of the batch, row of the table.
//
// Layout: three numbers, one thread each.

// Bytes: 2 * 3 * 8
__global__ void __launch_bounds__(32) count(long long* counters) {
    if (threadIdx.x < 3) ++counters[threadIdx.x];
}
