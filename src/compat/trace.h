// trace.h: tracing, for the file that makes contexts.
#ifndef OBOL_COMPAT_TRACE_H
#define OBOL_COMPAT_TRACE_H

#include "compat/context.h"

// trace_begin begins a trace into the file of KRB5_TRACE, if that is set.
void trace_begin(krb5_context context);
// trace_event is the net_trace of a context that has a callback.
void trace_event(void *ctx, const struct net_trace_event *event);

#endif
