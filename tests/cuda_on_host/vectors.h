// Vectors of two and four elements, aligned as a device wants them: float2, uint4, make_float2 and so on.
#pragma once

#define ON_HOST_VECTORS(T, name)                              \
    struct alignas(2 * sizeof(T)) name##2 {                   \
        T x, y;                                               \
    };                                                        \
    struct alignas(sizeof(T) > 4 ? 16 : 4 * sizeof(T)) name##4 { \
        T x, y, z, w;                                         \
    };                                                        \
    inline name##2 make_##name##2(T x, T y) { return {x, y}; } \
    inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
ON_HOST_VECTORS(float, float)
ON_HOST_VECTORS(double, double)
ON_HOST_VECTORS(int, int)
ON_HOST_VECTORS(unsigned int, uint)
ON_HOST_VECTORS(unsigned short, ushort)
ON_HOST_VECTORS(unsigned char, uchar)
