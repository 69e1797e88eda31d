/* meta: head blocks from JSON, and back. */
#include "meta.h"

#include <stdint.h>
#include <stdlib.h>

#include "base64.h"
#include "escape.h"

static enum meta_result read_entry(json_t *entry, struct head_writer *w)
{
	json_t *key = json_object_get(entry, "key");
	json_t *value = json_object_get(entry, "value");
	const char *text = json_string_value(key);
	enum meta_result result = META_OK;
	size_t size;
	void *bytes;

	if (!text || text[0] == '\0' || text[0] == ':' || !json_is_string(value))
		return META_MALFORMED;
	if (json_string_length(key) > UINT16_MAX)
		return META_TOO_LARGE;
	bytes = base64_decode(json_string_value(value), json_string_length(value), &size);
	if (!bytes)
		return META_MALFORMED;
	if (!head_add(w, text, json_string_length(key), bytes, size))
		result = META_TOO_LARGE;
	free(bytes);
	return result;
}

enum meta_result meta_read(json_t *list, struct head_writer *w)
{
	enum meta_result result = META_OK;
	json_t *entry;
	size_t i;

	if (list && !json_is_array(list))
		return META_MALFORMED;
	json_array_foreach(list, i, entry) {
		result = read_entry(entry, w);
		if (result != META_OK)
			break;
	}
	return result;
}

static json_t *show_entry(const struct head_entry *e)
{
	size_t size = ESCAPE_GROWTH * (size_t)e->key_size + 1;
	char *key = malloc(size);
	char *value = base64_encode(e->value, e->value_size);
	json_t *entry = NULL;

	if (key && value)
		entry = json_pack("{s:o, s:s}", "key",
				  json_stringn(key, escape_text(e->key, e->key_size, key, size, NULL)), "value", value);
	free(key);
	free(value);
	return entry;
}

json_t *meta_show(const void *block, size_t size)
{
	struct head_reader reader = {block, size};
	struct head_entry e;
	json_t *list = json_array();

	while (list && head_next(&reader, &e)) {
		if (head_key_is_reserved(&e) || json_array_append_new(list, show_entry(&e)) == 0)
			continue;
		json_decref(list); /* a list with holes would tell less than it seems to */
		list = NULL;
	}
	return list;
}
