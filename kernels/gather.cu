// A batch of rows: out[r] = source[order[position * stride + r]], converted to what the batch is stored as on the way.
//
// Layout: contiguous rows of `width` elements. A row belongs to `lanes` threads, a power of two up to the block; each
// moves as many elements at a time as fill one access of 16 bytes on the side of the batch (four numbers, from four
// bytes of an image or from sixteen of a float row), or one where rows don't start at such addresses.
// Bytes an element at best: one read, in whole sectors of 32 bytes a row, and one write; and eight a row for the order.
#include "counters.cuh"
#include "storage.cuh"


// Several elements that are moved by one access, or by two where they are more than 16 bytes.
template <typename T, int count>
struct alignas(count * sizeof(T) < 16 ? count * sizeof(T) : 16) Elements {
    T element[count];
};

template <typename Source, typename Target>
__device__ void convert(Source source, Target& target) {
    store(&target, static_cast<RealOf<Target>>(load(&source)));
}
template <typename Target>
__device__ void convert(unsigned char source, Target& target) {
    store(&target, static_cast<RealOf<Target>>(source));
}
__device__ inline void convert(unsigned char source, long long& target) { target = source; }
__device__ inline void convert(long long source, long long& target) { target = source; }

template <int count, typename Source, typename Target>
__device__ void gather_rows(const Source* source, const long long* order, const long long* counters, long long stride,
                            long long rows, long long width, int lanes, Target* out) {
    const long long row = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) / lanes;
    if (row >= rows) return;
    const Source* from = source + order[counters[POSITION] * stride + row] * width;
    Target* to = out + row * width;
    for (long long i = threadIdx.x % lanes * count; i < width; i += lanes * count) {
        const auto read = *reinterpret_cast<const Elements<Source, count>*>(from + i);
        Elements<Target, count> written;
        for (int k = 0; k < count; ++k) convert(read.element[k], written.element[k]);
        *reinterpret_cast<Elements<Target, count>*>(to + i) = written;
    }
}

// Bytes: rows * ((width * storage + 31) // 32 * 32 + width * storage + 8)
template <typename Source, typename Storage, bool Vectorized>
__global__ void __launch_bounds__(256)
gather(const Source* source, const long long* order, const long long* counters, long long stride, long long rows,
       long long width, int lanes, Storage* out) {
    gather_rows<Vectorized ? Pack<Storage>::size : 1>(source, order, counters, stride, rows, width, lanes, out);
}

// Bytes: rows * ((width + 31) // 32 * 32 + width * storage + 8)
template <typename Storage, bool Vectorized>
__global__ void __launch_bounds__(256)
gather_bytes(const unsigned char* source, const long long* order, const long long* counters, long long stride,
             long long rows, long long width, int lanes, Storage* out) {
    gather_rows<Vectorized ? Pack<Storage>::size : 1>(source, order, counters, stride, rows, width, lanes, out);
}

// Class indices, kept as what they are.
// Bytes: rows * ((width * 8 + 31) // 32 * 32 + width * 8 + 8)
__global__ void __launch_bounds__(256)
gather_indices(const long long* source, const long long* order, const long long* counters, long long stride,
               long long rows, long long width, int lanes, long long* out) {
    gather_rows<1>(source, order, counters, stride, rows, width, lanes, out);
}

// Class indices that were kept as bytes.
// Bytes: rows * ((width + 31) // 32 * 32 + width * 8 + 8)
__global__ void __launch_bounds__(256)
gather_byte_indices(const unsigned char* source, const long long* order, const long long* counters, long long stride,
                    long long rows, long long width, int lanes, long long* out) {
    gather_rows<1>(source, order, counters, stride, rows, width, lanes, out);
}
