// etypes.h: which encryption type protects the messages of a context (RFC 4537): a client says what
// it prefers to the ticket's session key, and the service's subkey is of the first of those that it
// knows; and the authorization data of the authenticator in which this is said.
#ifndef OBOL_GSS_ETYPES_H
#define OBOL_GSS_ETYPES_H

#include "base/arena.h"
#include "base/error.h"
#include "proto/messages.h"

// gss_authdata_make makes the authenticator's authorization data: `etypes` in their order up to the
// session key's, which ends the list; and if `bindings_aware`, that the client knows of channel
// bindings (MS-KILE, KERB_AP_OPTIONS_CBT): an acceptor that has some then takes no token that
// states none.
MUST_USE enum obol_code gss_authdata_make(struct int32_list etypes, int32_t session,
                                          bool bindings_aware, struct arena *a,
                                          struct authdata_list *out, struct error *err);
// gss_etypes_choose is the enctype of the acceptor's subkey: the first of the client's list that is
// implemented and among `allowed` (empty: all but the weak ones); without one it is `fallback`.
MUST_USE enum obol_code gss_etypes_choose(const struct authdata_list *list,
                                          struct int32_list allowed, int32_t fallback,
                                          struct arena *a, int32_t *out, struct error *err);
// gss_etypes_allow: whether an enctype is in the list; an empty list holds all.
bool gss_etypes_allow(struct int32_list list, int32_t etype);

#endif
