// __half and its conversions, rounded to nearest even, for hosts without CUDA's headers.
#pragma once
#include <cstdint>
#include <cstring>

struct __half {
    uint16_t bits;
    __half() = default;
    explicit inline __half(float value);
};

inline __half __float2half_rn(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    const uint16_t sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    __half half;
    if (bits > 0x7f800000) {
        half.bits = 0x7fff;  // NaN, as the GPU writes it
        return half;
    }
    uint32_t rounded;
    if (bits >= 0x477ff000) {  // 65520 and more round to infinity
        rounded = 0x7c00;
    } else if (bits >= 0x38800000) {  // the normal numbers
        const uint32_t shifted = bits - 0x38000000;
        rounded = (shifted + 0xfff + (shifted >> 13 & 1)) >> 13;
    } else {  // subnormal numbers: multiples of 2^-24
        float magnitude;
        std::memcpy(&magnitude, &bits, 4);
        magnitude += 0.5f;  // floats in [0.5, 1) lie 2^-24 apart, so that this addition rounds
        std::memcpy(&rounded, &magnitude, 4);
        rounded -= 0x3f000000;
    }
    half.bits = sign | rounded;
    return half;
}

inline float __half2float(__half half) {
    const uint32_t sign = (half.bits & 0x8000u) << 16, magnitude = half.bits & 0x7fffu;
    uint32_t bits;
    if (magnitude >= 0x7c00) {
        bits = magnitude << 13 | 0x7f800000;
    } else if (magnitude >= 0x0400) {
        bits = (magnitude << 13) + 0x38000000;
    } else {
        const float value = magnitude * 0x1p-24f;
        std::memcpy(&bits, &value, 4);
    }
    bits |= sign;
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

inline __half::__half(float value) { *this = __float2half_rn(value); }
