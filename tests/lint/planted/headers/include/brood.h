/* public, and not C++ */
#ifndef BROOD_H
#define BROOD_H

struct brood_options {
	int class;
};

#endif
