// Storage: what arrays hold, float, double, __half or __nv_bfloat16, and Real, what is computed with: float for the half types.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

template <typename Storage>
struct Arithmetic {
    using Real = float;
};
template <>
struct Arithmetic<double> {
    using Real = double;
};
template <typename Storage>
using RealOf = typename Arithmetic<Storage>::Real;

__device__ inline float load(const float* source) { return *source; }
__device__ inline double load(const double* source) { return *source; }
__device__ inline float load(const __half* source) { return __half2float(*source); }
__device__ inline float load(const __nv_bfloat16* source) { return __bfloat162float(*source); }

__device__ inline void store(float* target, float value) { *target = value; }
__device__ inline void store(double* target, double value) { *target = value; }
__device__ inline void store(__half* target, float value) { *target = __float2half_rn(value); }
__device__ inline void store(__nv_bfloat16* target, float value) { *target = __float2bfloat16_rn(value); }

// As many elements as one access of 16 bytes moves.
template <typename Storage>
struct alignas(16) Pack {
    static constexpr int size = 16 / sizeof(Storage);
    Storage element[size];
};

template <typename Storage>
__device__ inline Pack<Storage> load_pack(const Storage* source) {
    return *reinterpret_cast<const Pack<Storage>*>(source);
}

template <typename Storage>
__device__ inline void store_pack(Storage* target, const Pack<Storage>& pack) {
    *reinterpret_cast<Pack<Storage>*>(target) = pack;
}

// The pack at a place with `count` elements left, 16 bytes at once where it is whole and aligned; zeros fill it up.
template <bool Vectorized, typename Storage>
__device__ inline Pack<Storage> load_part(const Storage* source, long long count) {
    if (Vectorized && count >= Pack<Storage>::size) return load_pack(source);
    const int left = count < Pack<Storage>::size ? count : Pack<Storage>::size;
    Pack<Storage> pack;
#pragma unroll
    for (int i = 0; i < Pack<Storage>::size; ++i) pack.element[i] = i < left ? source[i] : Storage(0.0f);
    return pack;
}

template <bool Vectorized, typename Storage>
__device__ inline void store_part(Storage* target, const Pack<Storage>& pack, long long count) {
    if (Vectorized && count >= Pack<Storage>::size) return store_pack(target, pack);
    const int left = count < Pack<Storage>::size ? count : Pack<Storage>::size;
#pragma unroll
    for (int i = 0; i < Pack<Storage>::size; ++i)
        if (i < left) target[i] = pack.element[i];
}
