/* meta: the head block of a call or an answer: one entry of brood's own, then the application's metadata. */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t room_of(const char *key, const char *value, const struct brood_meta *meta, size_t count)
{
	size_t room = value ? head_entry_size(strlen(key), strlen(value)) : 0;

	for (size_t i = 0; i < count; i++)
		room += head_entry_size(meta[i].key_size, meta[i].value_size);
	return room;
}

/* False if a key is brood's own, or something does not fit. */
static bool write_all(struct head_writer *w, const char *key, const char *value, const struct brood_meta *meta,
		      size_t count)
{
	if (value && !head_add_text(w, key, value))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct brood_meta *m = &meta[i];

		if (m->key_size == 0 || m->key[0] == ':' ||
		    !head_add(w, m->key, m->key_size, m->value, m->value_size))
			return false;
	}
	return true;
}

int meta_write(struct meta_block *out, const char *key, const char *value, const struct brood_meta *meta,
	       size_t count)
{
	struct head_writer w = {.capacity = room_of(key, value, meta, count)};

	*out = (struct meta_block){0};
	if (w.capacity == 0)
		return 0;
	if (w.capacity > BROOD_MAX_HEAD)
		return -EINVAL;
	w.block = malloc(w.capacity);
	if (!w.block)
		return -ENOMEM;
	if (!write_all(&w, key, value, meta, count)) {
		free(w.block);
		return -EINVAL;
	}
	*out = (struct meta_block){w.block, (uint32_t)w.size};
	return 0;
}
