/* debug: BROOD_DEBUG=1 prints each frame to stderr, 2 its payload too. Off: one comparison a frame. */
#include "handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAYLOAD_SHOWN = 256 };

atomic_int debug_level = -1;

static int level(void)
{
	int now = atomic_load_explicit(&debug_level, memory_order_relaxed);

	if (now < 0) {
		const char *text = getenv(BROOD_ENV_DEBUG);

		now = text && text[0] >= '1' && text[0] <= '9' ? text[0] - '0' : 0;
		atomic_store_explicit(&debug_level, now, memory_order_relaxed);
	}
	return now;
}

bool debug_is_on(void)
{
	return level() > 0;
}

static void add_flags(char *text, size_t size, uint8_t flags)
{
	static const char *const names[] = {
#define FLAG(name, bit, doc) [bit] = #name,
#include "frame.def"
	};
	size_t used = 0;

	text[0] = '\0';
	for (unsigned bit = 0; bit < sizeof(names) / sizeof(names[0]); bit++) {
		if (flags & 1u << bit && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "|" : " ",
						 names[bit]);
	}
}

static void print_payload(const struct frame *f)
{
	char line[4 * PAYLOAD_SHOWN + 16];
	size_t used = 0;

	for (uint32_t i = 0; i < f->body_size && i < PAYLOAD_SHOWN; i++) {
		unsigned char c = f->body[i];

		if (c >= ' ' && c < 0x7f && c != '\\')
			line[used++] = (char)c;
		else
			used += (size_t)snprintf(line + used, sizeof(line) - used, "\\x%02x", c);
	}
	fprintf(stderr, "brood-debug   body %.*s%s\n", (int)used, line,
		f->body_size > PAYLOAD_SHOWN ? " ..." : "");
}

void debug_print(const brood_t *b, bool outgoing, const struct frame *f)
{
	char flags[128];
	char words[96] = "";
	size_t used = 0;
	struct timespec t;

	if (level() == 0)
		return;
	clock_gettime(CLOCK_REALTIME, &t);
	add_flags(flags, sizeof(flags), f->flags);
	if (f->words & 1u << WORD_DEADLINE)
		used = (size_t)snprintf(words, sizeof(words), " left %ums", f->deadline_ms);
	if (f->nfds > 0)
		snprintf(words + used, sizeof(words) - used, " fds %u", f->nfds);
	fprintf(stderr, "brood-debug %ld.%03ld %s[%d] %s %s id %u arg 0x%x%s head %u body %u%s\n",
		(long)t.tv_sec, t.tv_nsec / 1000000, b->is_worker ? "worker" : "client", (int)getpid(),
		outgoing ? "->" : "<-", frame_type_name(f->type), f->id, f->arg, flags, f->head_size,
		f->body_size, words);
	if (level() > 1 && f->body_size > 0)
		print_payload(f);
}
