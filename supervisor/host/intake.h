/* intake: frames of a client whose handshake is done. */
#ifndef BROOD_INTAKE_H
#define BROOD_INTAKE_H

#include "client.h"

/* One frame. False: the client was ended. */
bool intake_frame(struct client *c, const struct frame *f);
/* One over max_frame, of which only the header is known; in any stage. False as above. */
bool intake_too_large(struct client *c, const struct frame *f);

/* So many bytes of a frame have come that is not whole yet. False as above. */
bool intake_holds(struct client *c, size_t bytes);

#endif
