// sandbox_filter.h: the system call filter, in the variant that fits the build.
#ifndef OBOL_SERVER_SANDBOX_FILTER_H
#define OBOL_SERVER_SANDBOX_FILTER_H

#include "server/sandbox.h"

MUST_USE enum obol_code sandbox_filter(enum sandbox_kind kind, struct error *err);

#endif
