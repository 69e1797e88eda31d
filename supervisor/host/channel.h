/* channel: what is said between brood and one worker. */
#ifndef BROOD_CHANNEL_H
#define BROOD_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"

struct frame;
struct instance;

/* Opens the link over these descriptors (taken in any case) and queues HELLO into them. 0 or -errno. */
MUST_USE int channel_open(struct instance *i, int in, int out);
/* From now on only the process of the instance may speak on it. */
void channel_bind(struct instance *i);
void channel_notify(struct instance *i);
/* Does so much wait for it that who notifies it must wait? If so, client_let_go() follows. */
bool channel_holds(struct instance *i);
/* GOAWAY, once: nothing more is given to it. */
void channel_say_goodbye(struct instance *i);
/* FLUSH; the core hears of the answer. */
void channel_ask_flushed(struct instance *i);
/* GOAWAY where it was not said, then nothing more is written. */
void channel_end(struct instance *i);
/* Gives back credit for `bytes` of the worker's answer `id`. */
void channel_credit(struct instance *i, uint32_t id, uint32_t bytes);
/* Sends an answer to what the worker asked for, which it must read: false if too much of that waits; it was ended. */
bool channel_owe(struct instance *i, const struct frame *f);
/* The worker broke the protocol: names the byte and ends the link; always false, for who reads frames. */
bool channel_break_off(struct instance *i, const char *why);

#endif
