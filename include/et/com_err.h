// com_err.h: the other place where programs look for it.
#include "../com_err.h"
