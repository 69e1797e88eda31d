/* value_path: names, paths and addresses. Whether something is there is not asked here. */
#include "value_types.h"

#include <string.h>

#include "text.h"
#include "word.h"

bool value_read_name(struct value_reader *r, const char *text, void *out)
{
	if (!value_check_name(r, text))
		return false;
	*(const char **)out = arena_text(r->arena, text);
	return *(const char **)out || value_fail(r, "not enough memory");
}

bool value_show_name(const struct writer *w, const void *field)
{
	const char *name = *(const char *const *)field;

	if (name)
		writer_text(w, name);
	return name != NULL;
}

bool value_read_path(struct value_reader *r, const char *text, void *out)
{
	struct word_list list;
	const char *problem;

	if (value_is_none(text))
		return true;
	if (!word_split(r->arena, text, WORD_WHOLE, &list, &problem))
		return value_fail(r, "%s", problem);
	if (list.count == 0 || list.words[0][0] == '\0')
		return value_fail(r, "the path is empty");
	if (strlen(list.words[0]) > VALUE_PATH_MOST)
		return value_fail(r, "path is %zu bytes, at most %d are allowed",
				  strlen(list.words[0]), VALUE_PATH_MOST);
	*(const char **)out = list.words[0];
	return true;
}

bool value_show_path(const struct writer *w, const void *field)
{
	const char *path = *(const char *const *)field;

	if (path)
		word_show(w, path, WORD_WHOLE);
	return path != NULL;
}

/* Drops empty parts and "."; false if there is a "..". Only shortens. */
static bool normalise(char *path)
{
	const bool is_absolute = path[0] == '/';
	const char *in = path;
	char *out = path + is_absolute;

	while (*in != '\0') {
		const size_t size = strcspn(in, "/");

		if (size == 2 && memcmp(in, "..", 2) == 0)
			return false;
		if (size > 0 && !(size == 1 && in[0] == '.')) {
			if (out > path + is_absolute)
				*out++ = '/';
			memmove(out, in, size);
			out += size;
		}
		in += size;
		in += strspn(in, "/");
	}
	*out = '\0';
	return true;
}

/* What else lies in the runtime directory, in which a relative path begins. */
static bool is_taken(const char *path)
{
	static const char *const own[] = {"admin.sock", "lock", "priv"};
	const size_t first = strcspn(path, "/");

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strlen(own[i]) == first && memcmp(own[i], path, first) == 0)
			return true;
	}
	return false;
}

static bool check_socket_path(struct value_reader *r, const char *written, const char *path)
{
	const size_t size = strlen(written);

	if (size == 0 || written[size - 1] == '/' || path[0] == '\0')
		return value_fail(r, "'unix:%s' does not name a socket, write unix:NAME.sock",
				  text_excerpt(written).text);
	if (strlen(path) > VALUE_SOCKET_PATH_MOST)
		return value_fail(r, "path is %zu bytes, a socket path holds at most %d",
				  strlen(path), VALUE_SOCKET_PATH_MOST);
	if (is_taken(path))
		return value_fail(r, "'unix:%s' is the place of something of brood's own, take another name",
				  text_excerpt(written).text);
	return true;
}

static bool read_unix(struct value_reader *r, const char *written, struct address *out)
{
	char *path = arena_text(r->arena, written);

	if (!path)
		return value_fail(r, "not enough memory");
	if (!normalise(path))
		return value_fail(r, "'unix:%s' has a part '..', name the directory itself",
				  text_excerpt(written).text);
	if (!check_socket_path(r, written, path))
		return false;
	out->path = path;
	return true;
}

bool value_read_listen(struct value_reader *r, const char *text, void *out)
{
	static const char *const later[] = {"abstract:", "tcp:", "fifo:", "fd:"};
	struct address *address = out;
	struct word_list list;
	const char *problem;

	if (!word_split(r->arena, text, WORD_WHOLE, &list, &problem))
		return value_fail(r, "%s", problem);
	address->text = list.count > 0 ? list.words[0] : "";
	if (strncmp(address->text, "unix:", 5) == 0)
		return read_unix(r, address->text + 5, address);
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		if (strncmp(address->text, later[i], strlen(later[i])) == 0)
			return value_fail(r, "'%s' is not supported yet, only unix:PATH is",
					  text_excerpt(address->text).text);
	}
	return value_fail(r, "'%s' is no address, write unix:%s", text_excerpt(address->text).text,
			  text_excerpt(address->text).text);
}

bool value_show_listen(const struct writer *w, const void *field)
{
	const struct address *address = field;

	if (address->text)
		word_show(w, address->text, WORD_WHOLE);
	return address->text != NULL;
}
