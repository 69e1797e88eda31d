/*
 * value_user: users and groups, by name or number, and who may connect.
 *
 * What is neither a plain number nor a name that exists is an error: nothing is ever taken for
 * root, or for nobody, because it could not be read. 4294967295 is refused, it means "leave as it
 * is" to the kernel.
 */
#include "value_types.h"

#include <errno.h>
#include <string.h>

#include "text.h"
#include "word.h"

enum { NAME_MOST = 256 };

/* A user or group as it is written. */
struct id {
	const char *name; /* NULL: by number */
	unsigned number;
};

/* `what` is "user" or "group". */
static bool read_number(struct value_reader *r, const char *text, const char *what,
			unsigned *number_out)
{
	uint64_t number;

	if (!value_read_digits(r, text, &number))
		return false;
	if (number >= UINT32_MAX)
		return value_fail(r, "'%s' is no %s number, the largest is 4294967294",
				  text_excerpt(text).text, what);
	*number_out = (unsigned)number;
	return true;
}

static bool read_id(struct value_reader *r, const char *text, const char *what, struct id *id_out)
{
	if (text_is_digits(text)) {
		id_out->name = NULL;
		return read_number(r, text, what, &id_out->number);
	}
	if (text[0] == '\0')
		return value_fail(r, "the name of the %s is missing", what);
	if (strlen(text) > NAME_MOST)
		return value_fail(r, "the name of the %s is %zu bytes, at most %d are allowed",
				  what, strlen(text), NAME_MOST);
	if (strchr("0123456789+-", text[0]) || strpbrk(text, ":/,;#'\" \t"))
		return value_fail(r, "'%s' is neither the name of a %s nor a plain number",
				  text_excerpt(text).text, what);
	*id_out = (struct id){.name = text};
	return true;
}

static bool fail_lookup(struct value_reader *r, const struct id *id, const char *what, int rc)
{
	if (rc == -ENOENT)
		return value_fail(r, "no %s is named '%s'", what, text_excerpt(id->name).text);
	if (id->name)
		return value_fail(r, "cannot look up %s '%s': %s", what,
				  text_excerpt(id->name).text, strerror(-rc));
	return value_fail(r, "cannot look up %s %u: %s", what, id->number, strerror(-rc));
}

static bool keep(struct value_reader *r, const char *text, const char **copy_out)
{
	*copy_out = arena_text(r->arena, text);
	return *copy_out || value_fail(r, "not enough memory");
}

bool value_read_user(struct value_reader *r, const char *text, void *out)
{
	struct user_ref *ref = out;
	struct world_user user;
	struct id id;
	int rc;

	if (value_is_none(text))
		return true;
	if (!read_id(r, text, "user", &id))
		return false;
	rc = r->world->find_user(r->world->context, id.name, id.number, &user);
	if (rc == -ENOENT && !id.name) {
		ref->is_set = true;
		ref->uid = id.number;
		return true;
	}
	if (rc < 0)
		return fail_lookup(r, &id, "user", rc);
	ref->is_set = true;
	ref->uid = user.uid;
	ref->gid = user.gid;
	return keep(r, user.name, &ref->name) && keep(r, user.home, &ref->home) &&
	       keep(r, user.shell, &ref->shell);
}

bool value_show_user(const struct writer *w, const void *field)
{
	const struct user_ref *ref = field;

	if (!ref->is_set)
		return false;
	if (ref->name)
		writer_text(w, ref->name);
	else
		writer_print(w, "%u", ref->uid);
	return true;
}

bool value_read_group(struct value_reader *r, const char *text, void *out)
{
	struct group_ref *ref = out;
	struct world_group group;
	struct id id;
	int rc;

	if (value_is_none(text))
		return true;
	if (!read_id(r, text, "group", &id))
		return false;
	rc = r->world->find_group(r->world->context, id.name, id.number, &group);
	if (rc < 0 && (id.name || rc != -ENOENT))
		return fail_lookup(r, &id, "group", rc);
	ref->is_set = true;
	ref->gid = rc < 0 ? id.number : group.gid;
	return rc < 0 || keep(r, group.name, &ref->name);
}

bool value_show_group(const struct writer *w, const void *field)
{
	const struct group_ref *ref = field;

	if (!ref->is_set)
		return false;
	if (ref->name)
		writer_text(w, ref->name);
	else
		writer_print(w, "%u", ref->gid);
	return true;
}

static bool find_gid(struct value_reader *r, const char *text, unsigned *gid_out)
{
	struct world_group group;
	struct id id;
	int rc;

	if (!read_id(r, text, "group", &id))
		return false;
	*gid_out = id.number;
	if (!id.name)
		return true;
	rc = r->world->find_group(r->world->context, id.name, 0, &group);
	if (rc < 0)
		return fail_lookup(r, &id, "group", rc);
	*gid_out = group.gid;
	return true;
}

bool value_read_groups(struct value_reader *r, const char *text, void *out)
{
	struct group_list *groups = out;
	struct word_list list = {.count = 0};
	const char *problem;

	if (!value_is_none(text) && !word_split(r->arena, text, WORD_COMMAS, &list, &problem))
		return value_fail(r, "%s", problem);
	groups->gids = arena_array(r->arena, list.count, sizeof(*groups->gids));
	if (!groups->gids)
		return value_fail(r, "not enough memory");
	for (size_t i = 0; i < list.count; i++) {
		if (!find_gid(r, list.words[i], &groups->gids[i]))
			return false;
	}
	groups->is_set = true;
	groups->count = list.count;
	return true;
}

bool value_show_groups(const struct writer *w, const void *field)
{
	const struct group_list *groups = field;

	if (groups->is_set && groups->count == 0)
		writer_text(w, "none");
	for (size_t i = 0; groups->is_set && i < groups->count; i++)
		writer_print(w, i > 0 ? ", %u" : "%u", groups->gids[i]);
	return groups->is_set;
}

/* "uid:" and the like, and what follows is a number or a name. */
static const struct prefix {
	const char *text;
	enum peer_rule_kind kind;
	bool is_name;
} prefixes[] = {
	{"uid:", PEER_UID, false},
	{"user:", PEER_UID, true},
	{"gid:", PEER_GID, false},
	{"group:", PEER_GID, true},
};

static bool find_uid(struct value_reader *r, const char *name, unsigned *uid_out)
{
	struct world_user user;
	struct id id = {.name = name};
	int rc = r->world->find_user(r->world->context, name, 0, &user);

	if (rc < 0)
		return fail_lookup(r, &id, "user", rc);
	*uid_out = user.uid;
	return true;
}

static bool read_named(struct value_reader *r, const struct prefix *prefix, const char *text,
		       unsigned *id_out)
{
	const char *what = prefix->kind == PEER_UID ? "user" : "group";
	struct id id;

	if (!read_id(r, text, what, &id))
		return false;
	if (!id.name)
		return value_fail(
			r, "'%s%s' is a number, write %s%s", prefix->text, text_excerpt(text).text,
			prefix->kind == PEER_UID ? "uid:" : "gid:", text_excerpt(text).text);
	return prefix->kind == PEER_UID ? find_uid(r, text, id_out) : find_gid(r, text, id_out);
}

static bool read_prefixed(struct value_reader *r, const struct prefix *prefix, const char *item,
			  struct peer_rule *rule)
{
	const char *what = prefix->kind == PEER_UID ? "user" : "group";
	const char *text = item + strlen(prefix->text);

	rule->kind = prefix->kind;
	if (!(prefix->is_name ? read_named(r, prefix, text, &rule->id)
			      : read_number(r, text, what, &rule->id)))
		return false;
	/*
	 * whoever has no number in this user namespace is shown so: as a rule it would admit them
	 * all
	 */
	if (rule->id == PEER_OVERFLOW)
		return value_fail(r,
				  "'%s': %u stands for every %s that the kernel cannot name, "
				  "it is never admitted",
				  text_excerpt(item).text, PEER_OVERFLOW, what);
	return true;
}

static bool read_rule(struct value_reader *r, const char *item, struct peer_rule *rule)
{
	if (strcmp(item, "self") == 0 || strcmp(item, "root") == 0) {
		rule->kind = item[0] == 's' ? PEER_SELF : PEER_ROOT;
		return true;
	}
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(item, prefixes[i].text, strlen(prefixes[i].text)) == 0)
			return read_prefixed(r, &prefixes[i], item, rule);
	}
	return value_fail(r, "'%s' is not self, root, uid:N, user:NAME, gid:N or group:NAME",
			  text_excerpt(item).text);
}

bool value_read_allow(struct value_reader *r, const char *text, void *out)
{
	struct allow_list *allow = out;
	struct word_list list;
	const char *problem;

	if (!word_split(r->arena, text, WORD_COMMAS, &list, &problem))
		return value_fail(r, "%s", problem);
	allow->rules = arena_array(r->arena, list.count, sizeof(*allow->rules));
	if (!allow->rules)
		return value_fail(r, "not enough memory");
	for (size_t i = 0; i < list.count; i++) {
		if (!read_rule(r, list.words[i], &allow->rules[i]))
			return false;
	}
	allow->count = list.count;
	return true;
}

bool value_show_allow(const struct writer *w, const void *field)
{
	const struct allow_list *allow = field;

	for (size_t i = 0; i < allow->count; i++) {
		const struct peer_rule *rule = &allow->rules[i];

		writer_text(w, i > 0 ? ", " : "");
		switch (rule->kind) {
		case PEER_SELF:
			writer_text(w, "self");
			break;
		case PEER_ROOT:
			writer_text(w, "root");
			break;
		case PEER_UID:
			writer_print(w, "uid:%u", rule->id);
			break;
		case PEER_GID:
			writer_print(w, "gid:%u", rule->id);
			break;
		}
	}
	return allow->count > 0;
}
