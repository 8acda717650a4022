// Mathematics and bits: the functions of a device, with the overloads that NVRTC has.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

using std::abs, std::ceil, std::copysign, std::cos, std::erf, std::erfc, std::exp, std::exp2, std::expm1, std::fabs;
using std::floor, std::fma, std::fmax, std::fmin, std::fmod, std::hypot, std::isfinite, std::isinf, std::isnan;
using std::log, std::log1p, std::log2, std::pow, std::rint, std::round, std::signbit, std::sin, std::sqrt, std::tanh;
using std::trunc;

inline float rsqrtf(float x) { return 1 / std::sqrt(x); }
inline float rsqrt(float x) { return 1 / std::sqrt(x); }
inline double rsqrt(double x) { return 1 / std::sqrt(x); }

inline float max(float a, float b) { return std::fmax(a, b); }
inline float min(float a, float b) { return std::fmin(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
#define ON_HOST_EXTREMES(T)                          \
    inline T max(T a, T b) { return a > b ? a : b; } \
    inline T min(T a, T b) { return a < b ? a : b; }
ON_HOST_EXTREMES(int)
ON_HOST_EXTREMES(unsigned int)
ON_HOST_EXTREMES(long)
ON_HOST_EXTREMES(unsigned long)
ON_HOST_EXTREMES(long long)
ON_HOST_EXTREMES(unsigned long long)

inline unsigned int __umulhi(unsigned int a, unsigned int b) { return static_cast<uint64_t>(a) * b >> 32; }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned __int128>(a) * b >> 64;
}
inline int __popc(unsigned int x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
inline int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
inline int __ffs(int x) { return __builtin_ffs(x); }

template <typename To, typename From>
To on_host_same_bits(From value) {
    static_assert(sizeof(To) == sizeof(From), "as many bits");
    To result;
    std::memcpy(&result, &value, sizeof(To));
    return result;
}
inline unsigned int __float_as_uint(float x) { return on_host_same_bits<unsigned int>(x); }
inline int __float_as_int(float x) { return on_host_same_bits<int>(x); }
inline float __uint_as_float(unsigned int x) { return on_host_same_bits<float>(x); }
inline float __int_as_float(int x) { return on_host_same_bits<float>(x); }
inline long long __double_as_longlong(double x) { return on_host_same_bits<long long>(x); }
inline double __longlong_as_double(long long x) { return on_host_same_bits<double>(x); }

template <typename T>
T __ldg(const T* source) {
    return *source;
}
