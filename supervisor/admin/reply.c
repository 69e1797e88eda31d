/* reply: what goes out later than its message came: answers of calls, lines of output. */
#include <stdlib.h>

#include "admin.h"
#include "base64.h"
#include "meta.h"

json_t *admin_call_reply(const struct frame *answer, const char *text, size_t text_size)
{
	uint32_t code = frame_status_code(answer->arg);
	uint32_t reason = frame_status_reason(answer->arg);
	char *body = base64_encode(answer->body, answer->body_size);
	json_t *meta = meta_show(answer->head, answer->head_size);
	json_t *o;

	if (!body || !meta) {
		free(body);
		json_decref(meta);
		return admin_refused("no memory for the answer");
	}
	o = json_pack("{s:I, s:s, s:I, s:s, s:o*, s:b, s:s, s:o}", "code", (json_int_t)code, "code_name",
		      frame_code_name(code), "reason", (json_int_t)reason, "reason_name", frame_reason_name(reason),
		      "text", json_stringn(text, text_size), "not_processed",
		      (answer->flags & FLAG_NOT_PROCESSED) != 0, "body", body, "meta", meta);
	free(body);
	return json_pack("{s:o}", "parameters", o);
}

json_t *admin_message_reply(const struct frame *message)
{
	struct frame f = {.body = message->body, .body_size = message->body_size};
	json_t *o = admin_call_reply(&f, "", 0);

	json_object_set_new(o, "continues", json_true());
	return o;
}

json_t *admin_line(const char *name, uint32_t generation, bool is_stderr, bool is_continued, int64_t wall_ms,
		   const char *text, size_t size)
{
	char time[32];

	return json_pack("{s:s, s:I, s:s, s:s, s:I, s:s#, s:b}", "name", name, "generation",
			 (json_int_t)generation, "stream", is_stderr ? "stderr" : "stdout", "time",
			 admin_time(wall_ms, time), "time_ms", (json_int_t)wall_ms, "text", text, (int)size,
			 "continued", is_continued);
}

json_t *admin_end_reply(void)
{
	return json_pack("{s:{s:[]}}", "parameters", "lines");
}

json_t *admin_line_reply(json_t *line)
{
	return json_pack("{s:{s:[o]}, s:b}", "parameters", "lines", line, "continues", true);
}
