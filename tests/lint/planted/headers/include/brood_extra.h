/* public, and not C99: a structure without a name inside */
#ifndef BROOD_BROOD_EXTRA_H
#define BROOD_BROOD_EXTRA_H

struct brood_extra {
	struct {
		int code;
	};
	int reason;
};

#endif
