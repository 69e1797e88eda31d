/* hello: the handshake payload. Pure; every offset is checked against the size that came. */
#include "hello.h"

#include <string.h>

#include "bytes.h"
#include "contract.h"

enum { MAGIC_SIZE = 8, WINDOW_LEAST = 4096 };

size_t hello_write(uint8_t *out, size_t capacity, const struct hello *h)
{
	if (capacity < HELLO_FIXED + h->lines_size)
		return 0;
	memcpy(out, HELLO_MAGIC, MAGIC_SIZE);
	bytes_put16(out + 8, h->version_min);
	bytes_put16(out + 10, h->version_max);
	bytes_put32(out + 12, h->max_frame);
	bytes_put32(out + 16, h->max_message);
	bytes_put32(out + 20, h->stream_window);
	bytes_put32(out + 24, h->conn_window);
	bytes_put32(out + 28, h->slots);
	bytes_put32(out + 32, h->keepalive_ms);
	bytes_put32(out + 36, 0);
	bytes_put64(out + 40, h->features);
	bytes_put64(out + 48, h->required);
	if (h->lines_size > 0)
		memcpy(out + HELLO_FIXED, h->lines, h->lines_size);
	return HELLO_FIXED + h->lines_size;
}

/* Lines are KEY=VALUE, each ended by a newline, without NUL. */
static bool lines_are_well_formed(const char *lines, size_t size)
{
	while (size > 0) {
		const char *end = memchr(lines, '\n', size);
		const char *equals;
		size_t length;

		if (!end)
			return false;
		length = (size_t)(end - lines);
		equals = memchr(lines, '=', length);
		if (!equals || equals == lines || memchr(lines, '\0', length))
			return false;
		lines = end + 1;
		size -= length + 1;
	}
	return true;
}

static bool limits_are_sane(const struct hello *h)
{
	return h->version_min > 0 && h->version_min <= h->version_max &&
	       h->max_frame >= BROOD_MAX_FRAME_LEAST && h->stream_window >= WINDOW_LEAST &&
	       h->conn_window >= WINDOW_LEAST && h->stream_window <= INT32_MAX &&
	       h->conn_window <= INT32_MAX && (h->required & ~h->features) == 0;
}

enum hello_result hello_read(const uint8_t *payload, size_t size, struct hello *hello_out)
{
	if (size < MAGIC_SIZE || memcmp(payload, HELLO_MAGIC, MAGIC_SIZE) != 0)
		return HELLO_NOT_BROOD;
	if (size < HELLO_FIXED || size > HELLO_MOST)
		return HELLO_MALFORMED;
	*hello_out = (struct hello){
		.version_min = bytes_get16(payload + 8),
		.version_max = bytes_get16(payload + 10),
		.max_frame = bytes_get32(payload + 12),
		.max_message = bytes_get32(payload + 16),
		.stream_window = bytes_get32(payload + 20),
		.conn_window = bytes_get32(payload + 24),
		.slots = bytes_get32(payload + 28),
		.keepalive_ms = bytes_get32(payload + 32),
		.features = bytes_get64(payload + 40),
		.required = bytes_get64(payload + 48),
		.lines = (const char *)payload + HELLO_FIXED,
		.lines_size = size - HELLO_FIXED,
	};
	if (!limits_are_sane(hello_out) ||
	    !lines_are_well_formed(hello_out->lines, hello_out->lines_size))
		return HELLO_MALFORMED;
	return HELLO_OK;
}

enum hello_result hello_agree(const struct hello *own, const struct hello *peer,
			      struct hello *agreed_out)
{
	uint16_t least = own->version_min > peer->version_min ? own->version_min : peer->version_min;
	uint16_t most = own->version_max < peer->version_max ? own->version_max : peer->version_max;

	if (least > most)
		return HELLO_NO_VERSION;
	if (own->required & ~peer->features || peer->required & ~own->features)
		return HELLO_NO_FEATURE;
	*agreed_out = *peer;
	agreed_out->version_min = most;
	agreed_out->version_max = most;
	agreed_out->features = own->features & peer->features;
	agreed_out->required = 0;
	if (agreed_out->max_frame > own->max_frame)
		agreed_out->max_frame = own->max_frame;
	return HELLO_OK;
}

bool hello_find(const struct hello *h, const char *key, const char **value_out, size_t *size_out)
{
	const char *at = h->lines;
	size_t left = h->lines_size;
	size_t key_size = strlen(key);

	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		size_t length = (size_t)(end - at);

		if (length > key_size && memcmp(at, key, key_size) == 0 && at[key_size] == '=') {
			*value_out = at + key_size + 1;
			*size_out = length - key_size - 1;
			return true;
		}
		at = end + 1;
		left -= length + 1;
	}
	return false;
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

bool hello_add_line(char *lines, size_t capacity, size_t *size, const char *key, const char *value)
{
	size_t key_size = strlen(key);
	size_t value_size = strlen(value);
	char *p = lines + *size;

	if (capacity - *size < key_size + value_size + 2)
		return false;
	memcpy(p, key, key_size);
	p[key_size] = '=';
	for (size_t i = 0; i < value_size; i++)
		p[key_size + 1 + i] = is_control(value[i]) ? '?' : value[i];
	p[key_size + 1 + value_size] = '\n';
	*size += key_size + value_size + 2;
	return true;
}
