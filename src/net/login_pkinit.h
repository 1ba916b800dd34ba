// login_pkinit.h: the files of a login by certificate; for login.c only.
#ifndef OBOL_NET_LOGIN_PKINIT_H
#define OBOL_NET_LOGIN_PKINIT_H

#include "net/login.h"

// login_take_pkinit loads the certificate, where one is named or krb5.conf knows one that is there,
// and the CAs, into the machine; out->pkinit stays NULL if there is none of it.
MUST_USE enum obol_code login_take_pkinit(struct login_machine *l, struct as_params *out,
                                          struct error *err);
void login_end_pkinit(struct login_machine *l);

#endif
