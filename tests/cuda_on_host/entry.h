// Entry points: what Python calls to learn a kernel's parameters, and to run it.
#pragma once
#include <cstdio>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cuda_on_host.h"

// The name that NumPy has for a type.
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
ON_HOST_UNCHECKED void on_host_describe(char*& text) {
    using Element = std::remove_pointer_t<T>;
    text += std::sprintf(text, "%s %s %s\n", std::is_pointer<T>::value ? "pointer" : "value",
                         std::is_const<Element>::value ? "const" : "mutable",
                         on_host_type_name<std::remove_cv_t<Element>>());
}

// A kernel with its arguments.
template <typename... T>
struct OnHostCall {
    void (*kernel)(T...);
    std::tuple<T...> arguments;

    template <size_t... I>
    ON_HOST_UNCHECKED void take(void** given, std::index_sequence<I...>) {
        (std::memcpy(&std::get<I>(arguments), given[I], sizeof(T)), ...);
    }
    template <size_t... I>
    ON_HOST_UNCHECKED void run(std::index_sequence<I...>) const {
        kernel(std::get<I>(arguments)...);
    }
    ON_HOST_UNCHECKED static void run_thread(void* call) {
        static_cast<const OnHostCall*>(call)->run(std::index_sequence_for<T...>{});
    }
};

static thread_local volatile char on_host_touched;  // the storage of a module's thread-locals is made when first used
static const char on_host_inside_module = 0;

template <typename... T>
ON_HOST_UNCHECKED bool on_host_enter(void (*kernel)(T...), void** given, char* description) {
    if (description) {
        *description = 0;
        (on_host_describe<T>(description), ...);
        return false;
    }
    on_host_touched = 1;
    OnHostCall<T...> call{kernel, {}};
    call.take(given, std::index_sequence_for<T...>{});
    return on_host_run(&OnHostCall<T...>::run_thread, &call, &on_host_inside_module);
}

// Describe the parameters, one a line, or run the kernel and tell whether it failed.
#define ON_HOST_ENTRY(number, ...)                                            \
    extern "C" bool on_host_entry_##number(void** given, char* description) { \
        return on_host_enter(&__VA_ARGS__, given, description);               \
    }
