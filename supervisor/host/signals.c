/* signals: through libuv, so no logic runs in a handler. */
#include "signals.h"

#include <signal.h>

#include "exits.h"
#include "loop.h"
#include "supervisor.h"

enum { SIGNALS = sizeof(((struct supervisor *)0)->signals) / sizeof(uv_signal_t) };

static void ask_to_stop(struct supervisor *s, int number)
{
	bool again = s->stop_signals++ > 0 || number == SIGQUIT;

	log_note(&s->log, "SIG%s: %s", exits_signal_name(number),
		again ? "everything ends now" : "ordered stop; once more ends everything at once");
	loop_give(s, &(struct event){.kind = again ? FLEET_HALT : FLEET_SHUTDOWN});
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct supervisor *s = handle->data;

	switch (number) {
	case SIGTERM:
	case SIGINT:
	case SIGQUIT:
		if (!s->is_ending)
			ask_to_stop(s, number);
		break;
	default:
		log_say(&s->log, "SIG%s: %s is not supported yet; nothing was done", exits_signal_name(number),
			number == SIGHUP ? "reload" : number == SIGUSR1 ? "reopening logs" : "upgrade");
	}
}

static void close_first(struct supervisor *s, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		uv_close((uv_handle_t *)&s->signals[i], NULL);
}

int signals_open(struct supervisor *s)
{
	static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};

	for (unsigned i = 0; i < SIGNALS; i++) {
		int rc = uv_signal_init(&s->uv, &s->signals[i]);

		if (rc < 0) {
			close_first(s, i);
			return rc;
		}
		s->signals[i].data = s;
		rc = uv_signal_start(&s->signals[i], on_signal, numbers[i]);
		if (rc < 0) {
			close_first(s, i + 1);
			return rc;
		}
	}
	s->has_signals = true;
	return 0;
}

void signals_close(struct supervisor *s)
{
	if (s->has_signals)
		close_first(s, SIGNALS);
	s->has_signals = false;
}
