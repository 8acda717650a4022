// Activations over whole arrays, and the sums over rows that are the gradient of a bias.
//
// Forward: out = g(x), or z = x W + bias, stored where the derivative will need it, and out = g(z).
// Backward: out = gradient * g'(z), elementwise, and with the bias gradient: db[column] = Σ_rows out, in the same pass.
//
// Layout: contiguous. Elementwise kernels: a thread owns the elements of one pack, and may write where it read. Sums: a
// block owns `lanes` packs of columns side by side and one slab of the rows; its threads form groups of `lanes`, one row
// a group, so that neighbours read neighbours. Groups are added up in shared memory, slabs by a second kernel, both in
// an order that the shape alone decides.
// Bytes an element at best: forward one read, one write; backward two reads, one write.
#include "activations.cuh"
#include "storage.cuh"

// Beyond the end there is nothing to load or to store.
template <typename Storage>
__device__ long long first_element() {
    return (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * Pack<Storage>::size;
}

// Bytes: 2 * size * storage
template <typename Storage, template <typename> class Activation, bool Vectorized>
__global__ void __launch_bounds__(256)
activate(const Storage* x, Storage* out, long long size, double a, double b, double c) {
    const Activation<RealOf<Storage>> activation(a, b, c);
    const long long first = first_element<Storage>();
    Pack<Storage> pack = load_part<Vectorized>(x + first, size - first);
#pragma unroll
    for (int i = 0; i < Pack<Storage>::size; ++i)
        store(&pack.element[i], activation.forward(load(&pack.element[i])));
    store_part<Vectorized>(out + first, pack, size - first);
}

// A pack of a row that is repeated without end.
template <bool Vectorized, typename Storage>
__device__ Pack<Storage> load_repeated(const Storage* row, unsigned int column, unsigned int columns) {
    if (Vectorized && columns % Pack<Storage>::size == 0) return load_pack(row + column);
    Pack<Storage> pack;
#pragma unroll
    for (int i = 0; i < Pack<Storage>::size; ++i) {
        pack.element[i] = row[column];
        column = column + 1 == columns ? 0 : column + 1;
    }
    return pack;
}

// The activation sees the sum before it is rounded. `keep` tells that preactivation isn't out, and is to hold the sum.
// Bytes: ((2 + keep) * size + blocks * min(columns, 256 * 16 // storage)) * storage
template <typename Storage, template <typename> class Activation, bool Vectorized>
__global__ void __launch_bounds__(256)
bias_activate(Storage* preactivation, const Storage* bias, Storage* out, long long size, unsigned int columns,
              bool keep, double a, double b, double c) {
    const Activation<RealOf<Storage>> activation(a, b, c);
    const long long first = first_element<Storage>();
    // One long remainder a block, a short one a thread.
    const long long first_of_block = first - threadIdx.x * Pack<Storage>::size;
    const unsigned int column_of_block = static_cast<unsigned int>(first_of_block % columns);
    const unsigned int column = (column_of_block + threadIdx.x * Pack<Storage>::size) % columns;
    const Pack<Storage> biases = load_repeated<Vectorized>(bias, column, columns);
    Pack<Storage> sums = load_part<Vectorized>(preactivation + first, size - first);
    Pack<Storage> results;
#pragma unroll
    for (int i = 0; i < Pack<Storage>::size; ++i) {
        const RealOf<Storage> sum = load(&sums.element[i]) + load(&biases.element[i]);
        store(&sums.element[i], sum);
        store(&results.element[i], activation.forward(sum));
    }
    if (keep) store_part<Vectorized>(preactivation + first, sums, size - first);
    store_part<Vectorized>(out + first, results, size - first);
}

template <typename Storage>
struct ValueAndGradient {
    Pack<Storage> value, gradient;
};

template <bool Vectorized, typename Storage>
__device__ ValueAndGradient<Storage> load_both(const Storage* value, const Storage* gradient, long long count) {
    return {load_part<Vectorized>(value, count), load_part<Vectorized>(gradient, count)};
}

template <typename Storage, typename Functor>
__device__ Pack<Storage> chain(const Functor& activation, const ValueAndGradient<Storage>& both) {
    Pack<Storage> pack;
#pragma unroll
    for (int i = 0; i < Pack<Storage>::size; ++i)
        store(&pack.element[i],
              load(&both.gradient.element[i]) * activation.derivative(load(&both.value.element[i])));
    return pack;
}

// Bytes: 3 * size * storage
template <typename Storage, template <typename> class Activation, bool Vectorized>
__global__ void __launch_bounds__(256)
activate_backward(const Storage* x, const Storage* y, const Storage* gradient, Storage* out, long long size, double a,
                  double b, double c) {
    using Functor = Activation<RealOf<Storage>>;
    const long long first = first_element<Storage>();
    const Storage* value = Functor::needs_input ? x : y;
    const auto both = load_both<Vectorized>(value + first, gradient + first, size - first);
    store_part<Vectorized>(out + first, chain(Functor(a, b, c), both), size - first);
}

// Adds up the columns of a slab of rows: `fetch(offset, count)` loads a pack, `finish(offset, count, fetched)` makes of
// it what is summed. The next row is fetched before this one is finished, which hides half of the wait for memory.
template <typename Storage, bool Vectorized, typename Total, typename Fetch, typename Finish>
__device__ void sum_columns(Fetch fetch, Finish finish, long long rows, long long columns, int lanes, int slabs,
                            double* partial, Total* total) {
    using Real = RealOf<Storage>;
    constexpr int size = Pack<Storage>::size;
    __shared__ Real sums_of_block[size * 256];
    const int lane = threadIdx.x % lanes;
    const int group = threadIdx.x / lanes;
    const int groups = blockDim.x / lanes;
    const int tiles = gridDim.x / slabs;
    const int slab = blockIdx.x / tiles;
    const long long column = (static_cast<long long>(blockIdx.x % tiles) * lanes + lane) * size;
    const long long rows_of_slab = (rows + slabs - 1) / slabs;
    const bool works = group < groups && column < columns;
    const long long count = Vectorized ? size : columns - column;  // then packs are whole, and the compiler may know it
    const long long end = works ? minimum(rows, (slab + 1) * rows_of_slab) : 0;

    Real sums[size] = {};
    long long row = slab * rows_of_slab + group;
    long long offset = row * columns + column;
    const long long step = groups * columns;
    decltype(fetch(offset, count)) next;
    if (row < end) next = fetch(offset, count);
    for (; row < end; row += groups, offset += step) {
        const auto fetched = next;
        if (row + groups < end) next = fetch(offset + step, count);
        const Pack<Storage> pack = finish(offset, count, fetched);
#pragma unroll
        for (int k = 0; k < size; ++k) sums[k] += load(&pack.element[k]);
    }

    // The upper half of the groups hands its sums to the lower half until one group is left.
    for (int left = groups; left > 1;) {
        const int half = (left + 1) / 2;
        if (half <= group && group < left)
#pragma unroll
            for (int k = 0; k < size; ++k) sums_of_block[k * 256 + threadIdx.x] = sums[k];
        __syncthreads();
        if (group < left - half)
#pragma unroll
            for (int k = 0; k < size; ++k) sums[k] += sums_of_block[k * 256 + threadIdx.x + half * lanes];
        left = half;
    }

    if (group != 0) return;
#pragma unroll
    for (int k = 0; k < size; ++k) {
        if (column + k >= columns) continue;
        if (slabs > 1)
            partial[slab * columns + column + k] = sums[k];
        else
            total[column + k] = static_cast<Total>(sums[k]);
    }
}

// Bytes: 3 * rows * columns * storage + columns * (8 * slabs if slabs > 1 else real)
template <typename Storage, template <typename> class Activation, bool Vectorized>
__global__ void __launch_bounds__(256, 2)
activate_backward_bias(const Storage* x, const Storage* y, const Storage* gradient, Storage* out, long long rows,
                       long long columns, int lanes, int slabs, double* partial, RealOf<Storage>* bias_gradient,
                       double a, double b, double c) {
    using Functor = Activation<RealOf<Storage>>;
    const Functor activation(a, b, c);
    const Storage* value = Functor::needs_input ? x : y;
    const auto fetch = [=](long long offset, long long count) {
        return load_both<Vectorized>(value + offset, gradient + offset, count);
    };
    const auto finish = [=](long long offset, long long count, const ValueAndGradient<Storage>& both) {
        const Pack<Storage> pack = chain(activation, both);
        store_part<Vectorized>(out + offset, pack, count);
        return pack;
    };
    sum_columns<Storage, Vectorized>(fetch, finish, rows, columns, lanes, slabs, partial, bias_gradient);
}

// Bytes: rows * columns * storage + columns * (8 * slabs if slabs > 1 else real)
template <typename Storage, bool Vectorized>
__global__ void __launch_bounds__(256)
bias_gradient(const Storage* gradient, long long rows, long long columns, int lanes, int slabs, double* partial,
              RealOf<Storage>* total) {
    const auto fetch = [=](long long offset, long long count) {
        return load_part<Vectorized>(gradient + offset, count);
    };
    const auto finish = [](long long, long long, const Pack<Storage>& pack) { return pack; };
    sum_columns<Storage, Vectorized>(fetch, finish, rows, columns, lanes, slabs, partial, total);
}

// The second pass: the partial sums of the slabs are rows like any others.
// Bytes: slabs * columns * 8 + columns * real
template <typename Storage>
__global__ void __launch_bounds__(256)
add_slabs(const double* partial, long long slabs, long long columns, int lanes, RealOf<Storage>* total) {
    const auto fetch = [=](long long offset, long long count) { return load_part<false>(partial + offset, count); };
    const auto finish = [](long long, long long, const Pack<double>& pack) { return pack; };
    sum_columns<double, false>(fetch, finish, slabs, columns, lanes, 1, nullptr, total);
}
