/*
 * hello: the payload of HELLO and WELCOME (docs/protocol.md, section 2).
 *
 * Offsets: 0 "brood/1\n" · 8 u16 version_min · 10 u16 version_max · 12 u32 max_frame · 16 u32 max_message
 * · 20 u32 stream_window · 24 u32 conn_window · 28 u32 slots · 32 u32 keepalive_ms · 36 u32 reserved
 * · 40 u64 features · 48 u64 required · 56 lines KEY=VALUE\n
 */
#ifndef BROOD_HELLO_H
#define BROOD_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

#define HELLO_MAGIC "brood/1\n"

enum { HELLO_FIXED = 56, HELLO_MOST = 4 << 10 };

struct hello {
	uint16_t version_min; /* in WELCOME both are the chosen version */
	uint16_t version_max;
	uint32_t max_frame;
	uint32_t max_message;
	uint32_t stream_window;
	uint32_t conn_window;
	uint32_t slots;
	uint32_t keepalive_ms;
	uint64_t features;
	uint64_t required; /* subset of features: without these the sender cannot go on */
	const char *lines; /* borrowed; KEY=VALUE\n, not terminated by NUL */
	size_t lines_size;
};

enum hello_result {
	HELLO_OK,
	HELLO_NOT_BROOD,      /* not this magic */
	HELLO_MALFORMED,      /* too short, a limit below its minimum, lines that are none */
	HELLO_NO_VERSION,     /* no common version */
	HELLO_NO_FEATURE,     /* a feature that one side requires and the other lacks */
};

/* Bytes written, or 0 if they do not fit. */
size_t hello_write(uint8_t *out, size_t capacity, const struct hello *h);
/* Lines point into `payload`. */
MUST_USE enum hello_result hello_read(const uint8_t *payload, size_t size, struct hello *hello_out);
/* What both can do: the version in version_min and _max, common features, the smaller limits of the peer. */
MUST_USE enum hello_result hello_agree(const struct hello *own, const struct hello *peer,
				       struct hello *agreed_out);
/* Finds a line; false if there is none. The value is not terminated by NUL. */
bool hello_find(const struct hello *h, const char *key, const char **value_out, size_t *size_out);
/* Appends "KEY=VALUE\n" to `lines` where it fits; control characters in the value become '?'. */
MUST_USE bool hello_add_line(char *lines, size_t capacity, size_t *size, const char *key,
			     const char *value);

#endif
