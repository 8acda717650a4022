// __nv_bfloat16 and its conversions, rounded to nearest even, for hosts without CUDA's headers.
#pragma once
#include <cstdint>
#include <cstring>

struct __nv_bfloat16 {
    uint16_t bits;
    __nv_bfloat16() = default;
    explicit inline __nv_bfloat16(float value);
};

inline __nv_bfloat16 __float2bfloat16_rn(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    __nv_bfloat16 result;
    const bool nan = (bits & 0x7fffffff) > 0x7f800000;
    result.bits = nan ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return result;
}

inline float __bfloat162float(__nv_bfloat16 number) {
    const uint32_t bits = static_cast<uint32_t>(number.bits) << 16;
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

inline __nv_bfloat16::__nv_bfloat16(float value) { *this = __float2bfloat16_rn(value); }
