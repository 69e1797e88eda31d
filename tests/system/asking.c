/* asking: see asking.h. */
#include "asking.h"

#include "check.h"

brood_t *asking_connect(const struct stage *s, const char *socket)
{
	brood_t *b = NULL;

	assert_rc(0, brood_connect(&b, stage_address(s, socket), NULL));
	return b;
}

struct brood_answer asking_call(brood_t *b, const char *method, const char *body, int timeout)
{
	struct brood_answer a;
	int rc = brood_call(b, method, body, strlen(body), &(struct brood_call_options){.timeout = timeout}, &a);

	if (rc < 0)
		fail_msg("%s: %s", method, brood_error());
	return a;
}

static void ignore(uint32_t id, const struct brood_answer *answer, void *user)
{
	(void)id;
	(void)answer;
	(void)user;
}

void asking_start(brood_t *b, const char *method, const char *body, uint32_t *id_out)
{
	assert_rc(0, brood_call_start(b, method, body, strlen(body), NULL, ignore, NULL, id_out));
	assert_rc(0, brood_flush(b, BROOD_FLUSH_SENT, 1000));
}

const char *asking_text_within(brood_t *b, const char *method, const char *body, int timeout)
{
	static char text[4096];
	struct brood_answer a = asking_call(b, method, body, timeout);

	if (a.code != BROOD_OK)
		fail_msg("%s: %s %s: %s", method, brood_code_name(a.code), brood_reason_name(a.reason), a.text);
	snprintf(text, sizeof(text), "%.*s", (int)a.body_size, (const char *)a.body);
	brood_answer_free(&a);
	return text;
}

const char *asking_text(brood_t *b, const char *method, const char *body)
{
	return asking_text_within(b, method, body, 0);
}

void asking_expect(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not hold \"%s\"", text, part);
}
