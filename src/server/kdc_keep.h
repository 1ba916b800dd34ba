// kdc_keep.h: last logins and failures of accounts, from events to the store, in groups.
#ifndef OBOL_SERVER_KDC_KEEP_H
#define OBOL_SERVER_KDC_KEEP_H

#include "server/event.h"

// These are the keeper's functions of a struct service.
MUST_USE enum obol_code kdc_keep_open(const void *config, void *shared, void **state,
                                      struct error *err);
void kdc_keep(void *state, const struct event *event);
MUST_USE enum obol_code kdc_keep_commit(void *state, struct error *err);
void kdc_keep_close(void *state);

#endif
