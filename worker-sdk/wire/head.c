/* head: the head block. Pure; every length is checked before it is used. */
#include "head.h"

#include <string.h>

#include "bytes.h"

enum { ENTRY = 4 };

bool head_is_well_formed(const uint8_t *block, size_t size)
{
	while (size > 0) {
		size_t length;

		if (size < ENTRY || bytes_get16(block) == 0)
			return false;
		length = ENTRY + (size_t)bytes_get16(block) + bytes_get16(block + 2);
		if (length > size)
			return false;
		block += length;
		size -= length;
	}
	return true;
}

bool head_next(struct head_reader *r, struct head_entry *entry_out)
{
	size_t length;

	if (r->left == 0)
		return false;
	entry_out->key_size = bytes_get16(r->at);
	entry_out->value_size = bytes_get16(r->at + 2);
	entry_out->key = (const char *)r->at + ENTRY;
	entry_out->value = entry_out->key + entry_out->key_size;
	length = ENTRY + (size_t)entry_out->key_size + entry_out->value_size;
	r->at += length;
	r->left -= length;
	return true;
}

bool head_find(const uint8_t *block, size_t size, const char *key, struct head_entry *entry_out)
{
	struct head_reader r = {block, size};
	struct head_entry e;
	size_t key_size = strlen(key);

	while (head_next(&r, &e)) {
		if (e.key_size == key_size && memcmp(e.key, key, key_size) == 0) {
			*entry_out = e;
			return true;
		}
	}
	return false;
}

bool head_add(struct head_writer *w, const char *key, size_t key_size, const void *value,
	      size_t value_size)
{
	uint8_t *p = w->block + w->size;

	if (key_size == 0 || key_size > UINT16_MAX || value_size > UINT16_MAX ||
	    w->capacity - w->size < ENTRY + key_size + value_size)
		return false;
	bytes_put16(p, (uint16_t)key_size);
	bytes_put16(p + 2, (uint16_t)value_size);
	memcpy(p + ENTRY, key, key_size);
	if (value_size > 0)
		memcpy(p + ENTRY + key_size, value, value_size);
	w->size += ENTRY + key_size + value_size;
	return true;
}

bool head_add_text(struct head_writer *w, const char *key, const char *value)
{
	return head_add(w, key, strlen(key), value, strlen(value));
}

bool head_key_is_reserved(const struct head_entry *entry)
{
	return entry->key[0] == ':';
}
