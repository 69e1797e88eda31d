#include <jansson.h>
#include <time.h>
