#include "brood.h"
#include "frame.h"
