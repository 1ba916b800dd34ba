// trace.h: who says what to whom, for KRB5_TRACE and krb5_set_trace_callback: a callback that sees
// every message that net/ carries, and every attempt that failed. It sees sealed bytes only, never
// a key or password.
#ifndef OBOL_NET_TRACE_H
#define OBOL_NET_TRACE_H

#include "base/slice.h"

enum net_trace_kind {
    NET_TRACE_SEND,    // `bytes` go to `peer`
    NET_TRACE_RECEIVE, // `bytes` came from `peer`
    NET_TRACE_FAIL,    // an attempt at `peer` ended: `text` says how
};
struct net_trace_event {
    enum net_trace_kind kind;
    const char *transport; // "udp", "tcp"
    const char *peer;      // "127.0.0.1:88", "[::1]:88"
    struct slice realm;
    struct slice bytes;
    const char *text;
};
// A trace is given by its owner, who prints; NULL everywhere means none.
struct net_trace {
    void *ctx;
    void (*event)(void *ctx, const struct net_trace_event *event);
};

static inline void net_trace_event(const struct net_trace *trace,
                                   const struct net_trace_event *event) {
    if (trace)
        trace->event(trace->ctx, event);
}

#endif
