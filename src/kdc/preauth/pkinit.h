// pkinit.h: what the files of PKINIT at the KDC share.
#ifndef OBOL_KDC_PREAUTH_PKINIT_H
#define OBOL_KDC_PREAUTH_PKINIT_H

#include "kdc/preauth/preauth.h"
#include "krb/pki.h"
#include "krb/pkinit.h"

// pkinit_client.c: whether who signed the request is the client that it names.
MUST_USE enum obol_code pkinit_check_signer(struct exchange *x, const struct pki_message *m);
// pkinit_reply.c: the key agreement: x->reply_key, and the PA-PK-AS-REP in x->preauth_data.
MUST_USE enum obol_code pkinit_answer(struct exchange *x, const struct auth_pack *pack);

#endif
