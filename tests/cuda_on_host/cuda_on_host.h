// CUDA C++ as C++17: what a kernel's source needs to be compiled by g++ and run thread by thread.
//
// Shared memory becomes thread-local storage of the module, which the runtime finds, fills with NaN and watches.
// A barrier is known by its line: the compiler may duplicate a call, but not a line.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "thread.h"

#define __CUDA_ARCH__ 900
#define __global__
#define __device__
#define __host__
#define __constant__ const
#define __shared__ thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define ON_HOST_UNCHECKED __attribute__((no_sanitize("thread"), noinline))

#define threadIdx (on_host_current->index)
#define blockIdx on_host_block_index
#define blockDim on_host_block_dimensions
#define gridDim on_host_grid_dimensions
static constexpr int warpSize = 32;

// -- barriers and warps

#define __syncthreads() on_host_barrier(__LINE__)
#define __syncthreads_count(p) on_host_barrier_count(__LINE__, !!(p))
#define __syncthreads_or(p) (on_host_barrier_count(__LINE__, !!(p)) != 0)
#define __syncthreads_and(p) (on_host_barrier_count(__LINE__, !(p)) == 0)
#define __syncwarp(...) on_host_syncwarp(__LINE__ __VA_OPT__(, ) __VA_ARGS__)
#define __shfl_sync(...) on_host_shuffle(WarpOperation::shuffle, __LINE__, __VA_ARGS__)
#define __shfl_up_sync(...) on_host_shuffle(WarpOperation::shuffle_up, __LINE__, __VA_ARGS__)
#define __shfl_down_sync(...) on_host_shuffle(WarpOperation::shuffle_down, __LINE__, __VA_ARGS__)
#define __shfl_xor_sync(...) on_host_shuffle(WarpOperation::shuffle_xor, __LINE__, __VA_ARGS__)
#define __ballot_sync(mask, p) \
    static_cast<unsigned int>(on_host_warp(WarpOperation::ballot, __LINE__, mask, !!(p), 0, 32))
#define __any_sync(mask, p) (__ballot_sync(mask, p) != 0)
#define __all_sync(mask, p) (__ballot_sync(mask, !(p)) == 0)

inline void on_host_syncwarp(int line, unsigned int mask = 0xffffffffu) {
    on_host_warp(WarpOperation::sync, line, mask, 0, 0, 32);
}

template <typename T>
T on_host_shuffle(WarpOperation operation, int line, unsigned int mask, T value, int parameter, int width = 32) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable<T>::value, "a type that can be shuffled");
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    bits = on_host_warp(operation, line, mask, bits, parameter, width);
    __builtin_memcpy(&value, &bits, sizeof(T));
    return value;
}

inline void __threadfence() {}
inline void __threadfence_block() {}

// -- atomics: threads don't preempt each other, so reading and writing in turn is atomic

#define ON_HOST_ATOMIC(name, result)                                   \
    template <typename T>                                              \
    ON_HOST_UNCHECKED T name(T* address, std::common_type_t<T> value) { \
        static_assert(std::is_integral<T>::value, "no floating-point atomics"); \
        on_host_atomic(address, sizeof(T));                            \
        const T old = *address;                                        \
        *address = static_cast<T>(result);                             \
        return old;                                                    \
    }
ON_HOST_ATOMIC(atomicAdd, old + value)
ON_HOST_ATOMIC(atomicSub, old - value)
ON_HOST_ATOMIC(atomicExch, value)
ON_HOST_ATOMIC(atomicMax, old > value ? old : value)
ON_HOST_ATOMIC(atomicMin, old < value ? old : value)
ON_HOST_ATOMIC(atomicAnd, old& value)
ON_HOST_ATOMIC(atomicOr, old | value)
ON_HOST_ATOMIC(atomicXor, old ^ value)

// -- mathematics, with the overloads for float that NVRTC has

using std::abs, std::ceil, std::copysign, std::cos, std::erf, std::erfc, std::exp, std::exp2, std::expm1, std::fabs, std::floor;
using std::fma, std::fmax, std::fmin, std::fmod, std::hypot, std::isfinite, std::isinf, std::isnan, std::log, std::log1p;
using std::log2, std::pow, std::rint, std::round, std::signbit, std::sin, std::sqrt, std::tanh, std::trunc;

inline float rsqrt(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline float min(float a, float b) { return fminf(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
#define ON_HOST_EXTREMES(T)                               \
    inline T max(T a, T b) { return a > b ? a : b; }      \
    inline T min(T a, T b) { return a < b ? a : b; }
ON_HOST_EXTREMES(int)
ON_HOST_EXTREMES(unsigned int)
ON_HOST_EXTREMES(long long)
ON_HOST_EXTREMES(unsigned long long)

inline unsigned int __umulhi(unsigned int a, unsigned int b) { return static_cast<uint64_t>(a) * b >> 32; }
inline int __popc(unsigned int x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
inline int __ffs(int x) { return __builtin_ffs(x); }

template <typename To, typename From>
To on_host_same_bits(From value) {
    To result;
    __builtin_memcpy(&result, &value, sizeof(To));
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

// -- vectors

#define ON_HOST_VECTORS(T, name)                                              \
    struct alignas(2 * sizeof(T)) name##2 {                                   \
        T x, y;                                                               \
    };                                                                        \
    struct alignas(sizeof(T) > 4 ? 16 : 4 * sizeof(T)) name##4 {              \
        T x, y, z, w;                                                         \
    };                                                                        \
    inline name##2 make_##name##2(T x, T y) { return {x, y}; }                \
    inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
ON_HOST_VECTORS(float, float)
ON_HOST_VECTORS(double, double)
ON_HOST_VECTORS(int, int)
ON_HOST_VECTORS(unsigned int, uint)
ON_HOST_VECTORS(unsigned short, ushort)
ON_HOST_VECTORS(unsigned char, uchar)

// -- entry points: what Python calls to learn a kernel's parameters and to run it

template <typename T>
constexpr const char* on_host_type_name() {
    if (std::is_same<T, bool>::value) return "bool";
    if (std::is_same<T, __half>::value) return "float16";
    if (std::is_same<T, __nv_bfloat16>::value) return "bfloat16";
    if (std::is_floating_point<T>::value) return sizeof(T) == 4 ? "float32" : "float64";
    if (!std::is_integral<T>::value) return "other";
    if (std::is_signed<T>::value)
        return sizeof(T) == 1 ? "int8" : sizeof(T) == 2 ? "int16" : sizeof(T) == 4 ? "int32" : "int64";
    return sizeof(T) == 1 ? "uint8" : sizeof(T) == 2 ? "uint16" : sizeof(T) == 4 ? "uint32" : "uint64";
}

template <typename T>
void on_host_describe(char*& text) {
    using Element = std::remove_pointer_t<T>;
    text += std::sprintf(text, "%s %s %s\n", std::is_pointer<T>::value ? "pointer" : "value",
                         std::is_const<Element>::value ? "const" : "mutable",
                         on_host_type_name<std::remove_cv_t<Element>>());
}

template <typename... T>
struct OnHostCall {
    void (*kernel)(T...);
    std::tuple<T...> arguments;
    static void run(void* call) {
        auto* self = static_cast<OnHostCall*>(call);
        std::apply(self->kernel, self->arguments);
    }
};

template <typename... T, size_t... I>
ON_HOST_UNCHECKED void on_host_unpack(std::tuple<T...>& arguments, void** given, std::index_sequence<I...>) {
    (std::memcpy(&std::get<I>(arguments), given[I], sizeof(T)), ...);
}

static thread_local volatile char on_host_touched;  // the storage of a module's thread-locals is made when first used
static const char on_host_inside_module = 0;

template <typename... T>
ON_HOST_UNCHECKED int on_host_enter(void (*kernel)(T...), void** given, char* description) {
    if (description) {
        *description = 0;
        (on_host_describe<T>(description), ...);
        return 0;
    }
    on_host_touched = 1;
    OnHostCall<T...> call{kernel, {}};
    on_host_unpack(call.arguments, given, std::index_sequence_for<T...>{});
    return on_host_run(&OnHostCall<T...>::run, &call, sizeof call, &on_host_inside_module);
}
#define ON_HOST_ENTRY(number, ...) \
    extern "C" int on_host_entry_##number(void** given, char* description) { \
        return on_host_enter(&__VA_ARGS__, given, description); \
    }
