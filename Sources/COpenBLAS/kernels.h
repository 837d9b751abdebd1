// The passes over a block of activations that come before every product: column sums, what a
// rounded mean leaves, spread and row norms, and the centred, scaled block itself. Sources are
// float or double, sums are double. Each is compiled for AVX-512, AVX2 and the baseline, and the
// best that the machine has is taken: packages are built for the baseline, which is 4 times slower.
#ifndef UNIVERSALITY_COPENBLAS_KERNELS_H
#define UNIVERSALITY_COPENBLAS_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// x: rows × columns, rows `leading` elements apart. Arrays of length `columns` unless said.
//  sum     sums[c] += Σ x, largest[c] = max(largest[c], |x|)
//  rest    sums[c] += Σ (x − mean)
//  spread  spread[c] = max(spread[c], |x − mean − rest|), norms[r] = Σ_c (x − mean − rest)²
//  center  target = (x − mean − rest) · scale, rows `stride` elements apart
#define UB_KERNELS(NAME, TARGET, SOURCE)                                                         \
  TARGET static inline void ub_sum_##NAME(                                                       \
      const SOURCE *restrict x, size_t leading, size_t rows, size_t columns,                     \
      double *restrict sums, double *restrict largest) {                                         \
    for (size_t r = 0; r < rows; r++)                                                            \
      for (size_t c = 0; c < columns; c++) {                                                     \
        double value = x[r * leading + c];                                                       \
        double size = __builtin_fabs(value);                                                     \
        sums[c] += value;                                                                        \
        largest[c] = size > largest[c] ? size : largest[c];                                      \
      }                                                                                          \
  }                                                                                              \
  TARGET static inline void ub_rest_##NAME(                                                      \
      const SOURCE *restrict x, size_t leading, size_t rows, size_t columns,                     \
      const double *restrict mean, double *restrict sums) {                                      \
    for (size_t r = 0; r < rows; r++)                                                            \
      for (size_t c = 0; c < columns; c++) sums[c] += (double)x[r * leading + c] - mean[c];      \
  }                                                                                              \
  TARGET static inline void ub_spread_##NAME(                                                    \
      const SOURCE *restrict x, size_t leading, size_t rows, size_t columns,                     \
      const double *restrict mean, const double *restrict rest, double *restrict spread,         \
      double *restrict norms) {                                                                  \
    _Pragma("clang fp reassociate(on)") for (size_t r = 0; r < rows; r++) {                      \
      double norm = 0;                                                                           \
      for (size_t c = 0; c < columns; c++) {                                                     \
        double value = ((double)x[r * leading + c] - mean[c]) - rest[c];                         \
        double size = __builtin_fabs(value);                                                     \
        spread[c] = size > spread[c] ? size : spread[c];                                         \
        norm += value * value;                                                                   \
      }                                                                                          \
      norms[r] = norm;                                                                           \
    }                                                                                            \
  }                                                                                              \
  UB_CENTER(NAME##_to_double, TARGET, SOURCE, double)                                            \
  UB_CENTER(NAME##_to_float, TARGET, SOURCE, float)

#define UB_CENTER(NAME, TARGET, SOURCE, RESULT)                                                  \
  TARGET static inline void ub_center_##NAME(                                                    \
      const SOURCE *x, size_t leading, size_t rows, size_t columns, const double *restrict mean, \
      const double *restrict rest, double scale, RESULT *target, size_t stride) {                \
    for (size_t r = 0; r < rows; r++) {                                                          \
      const SOURCE *from = x + r * leading;                                                      \
      RESULT *to = target + r * stride;                                                          \
      /* In place or apart, an element depends on no other one. */                              \
      _Pragma("clang loop vectorize(assume_safety)") for (size_t c = 0; c < columns; c++)        \
        to[c] = (RESULT)((((double)from[c] - mean[c]) - rest[c]) * scale);                       \
    }                                                                                            \
  }

#if defined(__x86_64__)
UB_KERNELS(float_avx512, __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), float)
UB_KERNELS(double_avx512, __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), double)
UB_KERNELS(float_avx2, __attribute__((target("avx2,fma"))), float)
UB_KERNELS(double_avx2, __attribute__((target("avx2,fma"))), double)
UB_KERNELS(float_base, , float)
UB_KERNELS(double_base, , double)
static inline int ub_level(void) {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return 2;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1 : 0;
}
#define UB_DISPATCH(KERNEL, TYPE, TAIL, ...)                        \
  switch (ub_level()) {                                             \
  case 2: ub_##KERNEL##_##TYPE##_avx512##TAIL(__VA_ARGS__); break;  \
  case 1: ub_##KERNEL##_##TYPE##_avx2##TAIL(__VA_ARGS__); break;    \
  default: ub_##KERNEL##_##TYPE##_base##TAIL(__VA_ARGS__); break;   \
  }
#else
UB_KERNELS(float_base, , float)
UB_KERNELS(double_base, , double)
#define UB_DISPATCH(KERNEL, TYPE, TAIL, ...) ub_##KERNEL##_##TYPE##_base##TAIL(__VA_ARGS__);
#endif

#define UB_ENTRIES(TYPE)                                                                          \
  static inline void ub_sum_##TYPE(const TYPE *x, size_t leading, size_t rows, size_t columns,    \
                                   double *sums, double *largest) {                               \
    UB_DISPATCH(sum, TYPE, , x, leading, rows, columns, sums, largest)                            \
  }                                                                                               \
  static inline void ub_rest_##TYPE(const TYPE *x, size_t leading, size_t rows, size_t columns,   \
                                    const double *mean, double *sums) {                           \
    UB_DISPATCH(rest, TYPE, , x, leading, rows, columns, mean, sums)                              \
  }                                                                                               \
  static inline void ub_spread_##TYPE(const TYPE *x, size_t leading, size_t rows, size_t columns, \
                                      const double *mean, const double *rest, double *spread,     \
                                      double *norms) {                                            \
    UB_DISPATCH(spread, TYPE, , x, leading, rows, columns, mean, rest, spread, norms)             \
  }                                                                                               \
  UB_CENTER_ENTRY(TYPE, double)                                                                   \
  UB_CENTER_ENTRY(TYPE, float)

#define UB_CENTER_ENTRY(TYPE, RESULT)                                                             \
  static inline void ub_center_##TYPE##_to_##RESULT(                                              \
      const TYPE *x, size_t leading, size_t rows, size_t columns, const double *mean,             \
      const double *rest, double scale, RESULT *target, size_t stride) {                          \
    UB_DISPATCH(center, TYPE, _to_##RESULT, x, leading, rows, columns, mean, rest, scale, target, \
                stride)                                                                           \
  }

UB_ENTRIES(float)
UB_ENTRIES(double)

// target[i] = elements[places[i]], while the `ahead` elements at `next` are on their way to the cache:
// rows in random order are something that no processor foresees.
static inline void ub_pick_base(const float *elements, const int32_t *places, size_t count,
                                float *restrict target) {
  for (size_t i = 0; i < count; i++) target[i] = elements[places[i]];
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static inline void ub_pick_avx512(
    const float *elements, const int32_t *places, size_t count, float *restrict target) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    _mm512_storeu_ps(
        target + i, _mm512_i32gather_ps(_mm512_loadu_si512(places + i), elements, sizeof(float)));
  ub_pick_base(elements, places + i, count - i, target + i);
}
#endif

static inline void ub_pick(const float *elements, const int32_t *places, size_t count,
                           float *target, const float *next, size_t ahead) {
  for (size_t i = 0; i < ahead; i += 64 / sizeof(float)) __builtin_prefetch(next + i);
#if defined(__x86_64__)
  if (ub_level() == 2) {
    ub_pick_avx512(elements, places, count, target);
    return;
  }
#endif
  ub_pick_base(elements, places, count, target);
}

#endif
