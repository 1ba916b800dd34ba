// as.h: the stages of the AS exchange, as as.c lists them.
#ifndef OBOL_KDC_AS_H
#define OBOL_KDC_AS_H

#include "kdc/exchange.h"

MUST_USE enum obol_code as_check_request(struct exchange *x);
MUST_USE enum obol_code as_find_client(struct exchange *x);
MUST_USE enum obol_code as_check_client(struct exchange *x);
MUST_USE enum obol_code as_check_options(struct exchange *x);
MUST_USE enum obol_code as_choose_reply_key(struct exchange *x);
MUST_USE enum obol_code as_preauthenticate(struct exchange *x);
MUST_USE enum obol_code as_check_password_age(struct exchange *x);
MUST_USE enum obol_code as_set_flags(struct exchange *x);
MUST_USE enum obol_code as_set_times(struct exchange *x);
MUST_USE enum obol_code as_reply(struct exchange *x);

#endif
