// Zstandard, where its header is installed; without it, the filters that need it are refused.
#ifndef UNIVERSALITY_CZSTD_SHIM_H
#define UNIVERSALITY_CZSTD_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#if __has_include(<zstd.h>)
#include <zstd.h>
static inline bool uz_is_available(void) { return true; }
static inline void *uz_new_context(void) { return ZSTD_createDCtx(); }
static inline void uz_free_context(void *context) { ZSTD_freeDCtx((ZSTD_DCtx *)context); }
// Whether frames decompress to exactly `size` bytes.
static inline bool uz_decompress(void *context, const void *source, size_t count, void *target,
                                 size_t size) {
  return ZSTD_decompressDCtx((ZSTD_DCtx *)context, target, size, source, count) == size;
}
#else
static inline bool uz_is_available(void) { return false; }
static inline void *uz_new_context(void) { return NULL; }
static inline void uz_free_context(void *context) { (void)context; }
static inline bool uz_decompress(void *context, const void *source, size_t count, void *target,
                                 size_t size) {
  (void)context, (void)source, (void)count, (void)target, (void)size;
  return false;
}
#endif

#endif
