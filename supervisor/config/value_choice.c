/*
 * value_choice: words out of a closed list, and the two rules that are a word with numbers behind
 * it.
 */
#include "value_types.h"

#include <string.h>

#include "text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { RULE_TIME_MOST_MS = 24 * 3600 * 1000 };

static bool find(struct value_reader *r, const char *text, const char *const *words, size_t count,
		 enum value_type type, size_t *index_out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, words[i]) == 0) {
			*index_out = i;
			return true;
		}
	}
	return value_fail(r, "'%s' is not %s", text_excerpt(text).text, value_form(type));
}

/* The words stand at the index of their enumerator. */
#define CHOICE(name, field_type, ...)                                                              \
	static const char *const name##_words[] = {__VA_ARGS__};                                   \
                                                                                                   \
	bool value_read_##name(struct value_reader *r, const char *text, void *out)                \
	{                                                                                          \
		size_t index = 0;                                                                  \
                                                                                                   \
		if (!find(r, text, name##_words, COUNT_OF(name##_words), VALUE_##name, &index))    \
			return false;                                                              \
		*(field_type *)out = (field_type)index;                                            \
		return true;                                                                       \
	}                                                                                          \
                                                                                                   \
	bool value_show_##name(const struct writer *w, const void *field)                          \
	{                                                                                          \
		writer_text(w, name##_words[*(const field_type *)field]);                          \
		return true;                                                                       \
	}

CHOICE(restart_when, enum restart_when, [RESTART_ALWAYS] = "always",
       [RESTART_ON_FAILURE] = "on-failure", [RESTART_NEVER] = "never")
CHOICE(channel_kind, enum channel_kind, [CHANNEL_SOCKETPAIR] = "socketpair",
       [CHANNEL_PIPES] = "pipes", [CHANNEL_NONE] = "none")
CHOICE(update_kind, enum update_kind, [UPDATE_REPLACE] = "replace", [UPDATE_OVERLAP] = "overlap")
CHOICE(keep_kind, enum keep_kind, [KEEP_RESTART] = "restart", [KEEP_NO] = "no", [KEEP_YES] = "yes")
CHOICE(env_base, enum env_base, [ENV_INHERIT] = "inherit", [ENV_CLEAN] = "clean")
CHOICE(overflow_kind, enum overflow_kind, [OVERFLOW_PAUSE] = "pause", [OVERFLOW_REJECT] = "reject")
CHOICE(bodies_kind, enum bodies_kind, [BODIES_OWN] = "own", [BODIES_SHARE] = "share",
       [BODIES_COPY] = "copy")
CHOICE(redeliver_kind, enum redeliver_kind, [REDELIVER_SAFE] = "safe",
       [REDELIVER_ALWAYS] = "always", [REDELIVER_NEVER] = "never")
CHOICE(framing_kind, enum framing_kind, [FRAMING_BROOD] = "brood")
CHOICE(dispatch_kind, enum dispatch_kind, [DISPATCH_REQUEST] = "request", [DISPATCH_STICKY] = "sticky",
       [DISPATCH_CONNECTION] = "connection")

bool value_read_bool(struct value_reader *r, const char *text, void *out)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};
	size_t index = 0;

	if (!find(r, text, words, COUNT_OF(words), VALUE_bool, &index))
		return false;
	*(bool *)out = index % 2 == 1;
	return true;
}

bool value_show_bool(const struct writer *w, const void *field)
{
	writer_text(w, *(const bool *)field ? "yes" : "no");
	return true;
}

/* A time of a rule, which has limits of its own. */
static bool read_time(struct value_reader *r, const char *text, struct duration *out)
{
	if (!value_read_duration(r, text, out))
		return false;
	if (out->ms > RULE_TIME_MOST_MS)
		return value_fail(r, "'%s' is above 24h", text_excerpt(text).text);
	return true;
}

bool value_read_ready_rule(struct value_reader *r, const char *text, void *out)
{
	static const char alive[] = "alive:";
	struct ready_rule *rule = out;

	if (strcmp(text, "auto") == 0) {
		rule->kind = READY_AUTO;
		return true;
	}
	if (strcmp(text, "channel") == 0) {
		rule->kind = READY_CHANNEL;
		return true;
	}
	if (strncmp(text, alive, strlen(alive)) != 0 || text[strlen(alive)] == '\0')
		return value_fail(r, "'%s' is not %s", text_excerpt(text).text,
				  value_form(VALUE_ready_rule));
	rule->kind = READY_ALIVE;
	return read_time(r, text + strlen(alive), &rule->alive);
}

bool value_show_ready_rule(const struct writer *w, const void *field)
{
	const struct ready_rule *rule = field;

	switch (rule->kind) {
	case READY_AUTO:
		writer_text(w, "auto");
		return true;
	case READY_CHANNEL:
		writer_text(w, "channel");
		return true;
	case READY_ALIVE:
		break;
	}
	writer_text(w, "alive:");
	return value_show_duration(w, &rule->alive);
}

bool value_read_restart_limit(struct value_reader *r, const char *text, void *out)
{
	struct restart_limit *limit = out;
	const char *slash = strchr(text, '/');
	char digits[8] = "";
	uint64_t count;

	if (value_is_none(text) || strcmp(text, "0") == 0)
		return true;
	if (!slash || slash == text || (size_t)(slash - text) >= sizeof(digits))
		return value_fail(r, "'%s' is not COUNT/TIME such as 5/10s, or none",
				  text_excerpt(text).text);
	memcpy(digits, text, (size_t)(slash - text));
	if (!value_read_digits(r, digits, &count) || !read_time(r, slash + 1, &limit->within))
		return false;
	if (count < 1 || count > SPEC_RESTARTS_MOST)
		return value_fail(r, "'%s' restarts: the number must be 1 to %d", digits,
				  SPEC_RESTARTS_MOST);
	if (limit->within.ms == 0)
		return value_fail(r, "'%s' has no time to count restarts in, write one like 5/10s",
				  text_excerpt(text).text);
	limit->count = (uint32_t)count;
	return true;
}

bool value_show_restart_limit(const struct writer *w, const void *field)
{
	const struct restart_limit *limit = field;

	if (limit->count == 0) {
		writer_text(w, "none");
		return true;
	}
	writer_print(w, "%u/", limit->count);
	return value_show_duration(w, &limit->within);
}
