/* oldworker: a worker from before streams, in frames: it takes calls of one message and answers each with "old". */
#include <unistd.h>

#include "peer_end.h"

int main(void)
{
	struct hello h = peer_end_offer();
	struct peer_end e;
	struct message *m;

	h.features = FEATURE_CANCEL;
	peer_end_open(&e, BROOD_CHANNEL_FD, BROOD_CHANNEL_FD);
	peer_end_skip(&e, FRAME_HELLO);
	peer_end_greet(&e, FRAME_WELCOME, &h);
	peer_end_say(&e, FRAME_SLOTS, 0, 4);
	while ((m = peer_end_wait(&e)) != NULL) {
		PEER_CHECK(m->frame.type == FRAME_CALL || m->frame.type == FRAME_GOAWAY);
		if (m->frame.type == FRAME_CALL) {
			PEER_CHECK(m->frame.flags & FLAG_EOS && !(m->frame.flags & FLAG_MEMFD));
			peer_end_reply(&e, m->frame.id, 0, "old", 3);
		}
		message_free(m);
	}
	peer_end_close(&e);
	return 0;
}
