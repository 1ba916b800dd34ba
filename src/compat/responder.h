// responder.h: questions of a login that the program answers by a callback of its own.
#ifndef OBOL_COMPAT_RESPONDER_H
#define OBOL_COMPAT_RESPONDER_H

#include "compat/context.h"

// responder_ask has the callback answer "password". *answer is for the caller to wipe and free;
// NULL if it gives none.
MUST_USE krb5_error_code responder_ask(krb5_context context, krb5_responder_fn responder,
                                       void *data, char **answer);

#endif
