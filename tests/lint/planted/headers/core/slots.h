/* has the guard of another, and includes what is not in its path */
#ifndef BROOD_POOL_H
#define BROOD_POOL_H

#include "child.h"

#endif
