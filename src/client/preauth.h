// preauth.h: a preauthentication mechanism of the client (RFC 4120 5.2.7, RFC 6113 2): a const
// descriptor in a file of its own, and a row in the ordered list in preauth.c. For the files of
// this folder only.
#ifndef OBOL_CLIENT_PREAUTH_H
#define OBOL_CLIENT_PREAUTH_H

#include "client/as.h"

struct client_preauth {
    const char *name;
    const char *section;
    int32_t type;   // of its PA-DATA, in METHOD-DATA and in the request
    bool needs_key; // the client's long-term key: the machine has it before `make` is called
    // Makes the value of the PA-DATA. `challenge` is the value that the KDC sent along with the
    // type; empty when nothing was asked yet.
    enum obol_code (*make)(struct as_client *c, struct slice challenge, struct slice *value,
                           struct error *err);
};

// The mechanisms, best first; NULL at the end.
extern const struct client_preauth *const CLIENT_PREAUTHS[];

// client_preauth_choose picks the best mechanism that the KDC offers in METHOD-DATA, that the
// caller allows and that was not tried; NULL if there is none.
const struct client_preauth *client_preauth_choose(const struct as_client *c);
// client_preauth_find_padata is the first PA-DATA of a type; NULL if there is none.
const struct padata *client_preauth_find_padata(const struct padata_list *list, int32_t type);

// client_hints_set lists how the client's key may be derived, from the ETYPE-INFO2, ETYPE-INFO or
// PW-SALT among `padata` (RFC 4120 5.2.7.3 to 5.2.7.5), else with the default salt. Only enctypes
// that were offered are kept: ENCTYPE_UNSUPPORTED if none is left.
MUST_USE enum obol_code client_hints_set(struct as_client *c, const struct padata_list *padata,
                                         struct error *err);

// PA-ENC-TIMESTAMP, preauth_enc_timestamp.c
extern const struct client_preauth CLIENT_PREAUTH_ENC_TIMESTAMP;

#endif
