/*
 * bytes: little-endian integers at any alignment. The wire is bytes at stated offsets, never a struct.
 *
 * By memcpy, which compilers turn into one load or store; byte by byte they often do not.
 */
#ifndef BROOD_BYTES_H
#define BROOD_BYTES_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTES_LITTLE(bits, v) __builtin_bswap##bits(v)
#else
#define BYTES_LITTLE(bits, v) (v)
#endif

static inline uint16_t bytes_get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return BYTES_LITTLE(16, v);
}

static inline uint32_t bytes_get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return BYTES_LITTLE(32, v);
}

static inline uint64_t bytes_get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return BYTES_LITTLE(64, v);
}

static inline void bytes_put16(uint8_t *p, uint16_t v)
{
	v = BYTES_LITTLE(16, v);
	memcpy(p, &v, sizeof(v));
}

static inline void bytes_put32(uint8_t *p, uint32_t v)
{
	v = BYTES_LITTLE(32, v);
	memcpy(p, &v, sizeof(v));
}

static inline void bytes_put64(uint8_t *p, uint64_t v)
{
	v = BYTES_LITTLE(64, v);
	memcpy(p, &v, sizeof(v));
}

#undef BYTES_LITTLE

#endif
