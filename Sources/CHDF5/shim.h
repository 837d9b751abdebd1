// What Swift cannot see of libhdf5: macros that expand to run-time values, names that a macro
// versions, and what machines do by one instruction.
#ifndef UNIVERSALITY_CHDF5_SHIM_H
#define UNIVERSALITY_CHDF5_SHIM_H

// Libraries from 1.12 on keep the names and types of 1.10 for those who ask.
#define H5_USE_110_API

#include <hdf5.h>
#include <hdf5_hl.h>
#if __has_include(<H5FDdevelop.h>)
#include <H5FDdevelop.h>
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Types and property-list classes: globals behind macros that first initialise the library.
static inline hid_t uh5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t uh5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t uh5_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t uh5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t uh5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t uh5_std_i8le(void) { return H5T_STD_I8LE; }
static inline hid_t uh5_std_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t uh5_std_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t uh5_ieee_f32be(void) { return H5T_IEEE_F32BE; }
static inline hid_t uh5_ieee_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t uh5_c_s1(void) { return H5T_C_S1; }
static inline hid_t uh5_object_reference(void) { return H5T_STD_REF_OBJ; }
static inline size_t uh5_variable(void) { return H5T_VARIABLE; }
static inline unsigned uh5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned uh5_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned uh5_exclusive(void) { return H5F_ACC_EXCL; }
static inline hsize_t uh5_unlimited(void) { return H5S_UNLIMITED; }
static inline hid_t uh5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t uh5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t uh5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t uh5_datatype_create(void) { return H5P_DATATYPE_CREATE; }
static inline hid_t uh5_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t uh5_attribute_create(void) { return H5P_ATTRIBUTE_CREATE; }

// Where raw data lie: what the driver saw the library ask for instead of reading it. And where
// metadata lie: where each request for them began.
typedef struct {
  bool is_recording;
  size_t reads;
  haddr_t address;
  size_t size;
  haddr_t *metadata;
  size_t metadata_count;
  size_t metadata_capacity;
} uh5_raw_reads;
// What the driver for open descriptors is told, and its file. The library owns the first member.
typedef struct {
  int descriptor;
  haddr_t size;
  uh5_raw_reads *raw;
} uh5_descriptor_source;
typedef struct {
  H5FD_t base;
  uh5_descriptor_source source;
  haddr_t end;
} uh5_descriptor_file;
static inline const void *uh5_driver_info(hid_t access) { return H5Pget_driver_info(access); }

// The name and kind of each link of a group, in the order of an index.
static inline herr_t uh5_iterate_links(hid_t group, H5_index_t index, H5L_iterate_t visit,
                                       void *context) {
  return H5Literate(group, index, H5_ITER_INC, NULL, visit, context);
}
static inline herr_t uh5_link_info(hid_t group, const char *name, H5L_info_t *info) {
  return H5Lget_info(group, name, info, H5P_DEFAULT);
}
static inline haddr_t uh5_link_address(const H5L_info_t *info) { return info->u.address; }
static inline size_t uh5_link_value_size(const H5L_info_t *info) { return info->u.val_size; }
// The address of an open object in its file.
static inline herr_t uh5_object_address(hid_t object, haddr_t *address) {
  H5O_info_t info;
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC);
  if (status >= 0) *address = info.addr;
  return status;
}
// The number of attributes of an open object.
static inline herr_t uh5_attribute_count(hid_t object, hsize_t *count) {
  H5O_info_t info;
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS);
  if (status >= 0) *count = info.num_attrs;
  return status;
}

// IEEE binary16 to binary32 or binary64, as many as the machine converts at once; returns how many of
// `count` were converted (none where the machine has no such instruction).
#if defined(__x86_64__)
#include <immintrin.h>
__attribute__((target("avx,f16c"))) static inline size_t uh5_half_to_double_f16c(
    const uint16_t *source, double *target, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256 wide = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + i)));
    _mm256_storeu_pd(target + i, _mm256_cvtps_pd(_mm256_castps256_ps128(wide)));
    _mm256_storeu_pd(target + i + 4, _mm256_cvtps_pd(_mm256_extractf128_ps(wide, 1)));
  }
  return i;
}
static inline size_t uh5_half_to_double(const uint16_t *source, double *target, size_t count) {
  if (!__builtin_cpu_supports("avx") || !__builtin_cpu_supports("f16c")) return 0;
  return uh5_half_to_double_f16c(source, target, count);
}
__attribute__((target("avx,f16c"))) static inline size_t uh5_half_to_float_f16c(
    const uint16_t *source, float *target, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(target + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + i))));
  return i;
}
static inline size_t uh5_half_to_float(const uint16_t *source, float *target, size_t count) {
  if (!__builtin_cpu_supports("avx") || !__builtin_cpu_supports("f16c")) return 0;
  return uh5_half_to_float_f16c(source, target, count);
}
// The shuffle filter of 2 or 4 bytes undone, as many elements as the machine takes at once; returns
// how many of `count` were done. The bytes of one place in the elements lie `count` bytes apart.
static inline size_t uh5_unshuffle_2(const uint8_t *source, uint8_t *target, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m128i a = _mm_loadu_si128((const __m128i *)(source + i));
    __m128i b = _mm_loadu_si128((const __m128i *)(source + count + i));
    _mm_storeu_si128((__m128i *)(target + 2 * i), _mm_unpacklo_epi8(a, b));
    _mm_storeu_si128((__m128i *)(target + 2 * i + 16), _mm_unpackhi_epi8(a, b));
  }
  return i;
}
static inline size_t uh5_unshuffle_4(const uint8_t *source, uint8_t *target, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m128i a = _mm_loadu_si128((const __m128i *)(source + i));
    __m128i b = _mm_loadu_si128((const __m128i *)(source + count + i));
    __m128i c = _mm_loadu_si128((const __m128i *)(source + 2 * count + i));
    __m128i d = _mm_loadu_si128((const __m128i *)(source + 3 * count + i));
    __m128i ab_low = _mm_unpacklo_epi8(a, b), ab_high = _mm_unpackhi_epi8(a, b);
    __m128i cd_low = _mm_unpacklo_epi8(c, d), cd_high = _mm_unpackhi_epi8(c, d);
    __m128i *out = (__m128i *)(target + 4 * i);
    _mm_storeu_si128(out, _mm_unpacklo_epi16(ab_low, cd_low));
    _mm_storeu_si128(out + 1, _mm_unpackhi_epi16(ab_low, cd_low));
    _mm_storeu_si128(out + 2, _mm_unpacklo_epi16(ab_high, cd_high));
    _mm_storeu_si128(out + 3, _mm_unpackhi_epi16(ab_high, cd_high));
  }
  return i;
}
#elif defined(__aarch64__)
#include <arm_neon.h>
static inline size_t uh5_unshuffle_2(const uint8_t *source, uint8_t *target, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    uint8x16x2_t bytes = {{vld1q_u8(source + i), vld1q_u8(source + count + i)}};
    vst2q_u8(target + 2 * i, bytes);
  }
  return i;
}
static inline size_t uh5_unshuffle_4(const uint8_t *source, uint8_t *target, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    uint8x16x4_t bytes = {{vld1q_u8(source + i), vld1q_u8(source + count + i),
                           vld1q_u8(source + 2 * count + i), vld1q_u8(source + 3 * count + i)}};
    vst4q_u8(target + 4 * i, bytes);
  }
  return i;
}
static inline size_t uh5_half_to_float(const uint16_t *source, float *target, size_t count) {
  const __fp16 *halves = (const __fp16 *)source;
  for (size_t i = 0; i < count; i += 1) target[i] = (float)halves[i];
  return count;
}
static inline size_t uh5_half_to_double(const uint16_t *source, double *target, size_t count) {
  const __fp16 *halves = (const __fp16 *)source;
  for (size_t i = 0; i < count; i += 1) target[i] = (double)halves[i];
  return count;
}
#else
static inline size_t uh5_unshuffle_2(const uint8_t *source, uint8_t *target, size_t count) {
  (void)source, (void)target, (void)count;
  return 0;
}
static inline size_t uh5_unshuffle_4(const uint8_t *source, uint8_t *target, size_t count) {
  (void)source, (void)target, (void)count;
  return 0;
}
static inline size_t uh5_half_to_float(const uint16_t *source, float *target, size_t count) {
  (void)source, (void)target, (void)count;
  return 0;
}
static inline size_t uh5_half_to_double(const uint16_t *source, double *target, size_t count) {
  (void)source, (void)target, (void)count;
  return 0;
}
#endif

#endif
