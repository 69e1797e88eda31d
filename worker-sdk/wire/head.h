/*
 * head: the head block of a frame, a list of keys and values (docs/protocol.md, section 1).
 *
 * Entries are `u16 key_len, u16 value_len, key, value`; order and repeats are kept; values are any
 * bytes. Keys that begin with ':' belong to brood, all others are the application's metadata.
 */
#ifndef BROOD_HEAD_H
#define BROOD_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "contract.h"

struct head_entry {
	const char *key; /* not terminated by NUL */
	const char *value;
	uint16_t key_size;
	uint16_t value_size;
};

/* Walks a block that head_is_well_formed() admitted. Start with {block, size}. */
struct head_reader {
	const uint8_t *at;
	size_t left;
};

/* Room that an entry needs. */
static inline size_t head_entry_size(size_t key_size, size_t value_size)
{
	return 4 + key_size + value_size;
}

/* Writes into storage of the caller. */
struct head_writer {
	uint8_t *block;
	size_t size;
	size_t capacity;
};

/* Do the entries fill exactly `size` bytes, and has each a key? An empty block is well formed. */
bool head_is_well_formed(const uint8_t *block, size_t size);
/* Next entry; false at the end. */
bool head_next(struct head_reader *r, struct head_entry *entry_out);
/* First entry with this key. False if there is none: *entry_out is as it was, so it may hold what is meant then. */
bool head_find(const uint8_t *block, size_t size, const char *key, struct head_entry *entry_out);
/* Appends an entry. False, and nothing written, if it does not fit or the key is empty. */
MUST_USE bool head_add(struct head_writer *w, const char *key, size_t key_size, const void *value,
		       size_t value_size);
/* The same for two strings. */
MUST_USE bool head_add_text(struct head_writer *w, const char *key, const char *value);
/* Is this key brood's own? */
bool head_key_is_reserved(const struct head_entry *entry);

#endif
