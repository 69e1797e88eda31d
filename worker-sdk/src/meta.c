/* meta: the head block of a call or an answer: one entry of brood's own, then the application's metadata. */
#include "handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t room_of(const char *key, const char *value, const struct brood_meta *meta, size_t count)
{
	size_t room = value ? head_entry_size(strlen(key), strlen(value)) : 0;

	for (size_t i = 0; i < count; i++) {
		if (meta[i].key_size > BROOD_MAX_HEAD || meta[i].value_size > BROOD_MAX_HEAD)
			return meta[i].key_size > BROOD_MAX_HEAD ? meta[i].key_size : meta[i].value_size;
		room += head_entry_size(meta[i].key_size, meta[i].value_size);
	}
	return room;
}

static int refuse(struct meta_block *out, const char *key, const char *value, size_t room)
{
	if (value && strlen(value) >= BROOD_MAX_HEAD)
		snprintf(out->problem, sizeof(out->problem),
			 "%s has %zu bytes, with all metadata at most %u are allowed",
			 strcmp(key, ":method") == 0 ? "its name" : "its text", strlen(value), BROOD_MAX_HEAD);
	else
		snprintf(out->problem, sizeof(out->problem), "%zu bytes of metadata, at most %u are allowed", room,
			 BROOD_MAX_HEAD);
	return -EINVAL;
}

static bool is_own(const struct brood_meta *m)
{
	return m->key_size == 0 || m->key[0] == ':';
}

static int refuse_key(struct meta_block *out, const struct brood_meta *meta, size_t count)
{
	size_t i = 0;

	while (i < count && !is_own(&meta[i]))
		i++;
	if (i == count)
		snprintf(out->problem, sizeof(out->problem), "its metadata cannot be written");
	else if (meta[i].key_size == 0)
		snprintf(out->problem, sizeof(out->problem), "entry %zu of its metadata has an empty key", i);
	else
		snprintf(out->problem, sizeof(out->problem),
			 "the key '%.*s' of its metadata begins with ':', which is brood's own",
			 meta[i].key_size < 40 ? (int)meta[i].key_size : 40, meta[i].key);
	return -EINVAL;
}

/* False if a key is brood's own, or something does not fit. */
static bool write_all(struct head_writer *w, const char *key, const char *value, const struct brood_meta *meta,
		      size_t count)
{
	if (value && !head_add_text(w, key, value))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct brood_meta *m = &meta[i];

		if (is_own(m) ||
		    !head_add(w, m->key, m->key_size, m->value, m->value_size))
			return false;
	}
	return true;
}

int meta_write(struct meta_block *out, const char *key, const char *value, const struct brood_meta *meta,
	       size_t count)
{
	struct head_writer w = {.capacity = room_of(key, value, meta, count)};

	out->bytes = NULL;
	out->size = 0;
	if (w.capacity == 0)
		return 0;
	if (w.capacity > BROOD_MAX_HEAD)
		return refuse(out, key, value, w.capacity);
	w.block = malloc(w.capacity);
	if (!w.block) {
		snprintf(out->problem, sizeof(out->problem), "no memory for the metadata");
		return -ENOMEM;
	}
	if (!write_all(&w, key, value, meta, count)) {
		free(w.block);
		return refuse_key(out, meta, count);
	}
	out->bytes = w.block;
	out->size = (uint32_t)w.size;
	return 0;
}
