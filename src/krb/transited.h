// transited.h: the realms that a ticket's client came through (RFC 4120 3.3.3.2,
// DOMAIN-X500-COMPRESS).
#ifndef OBOL_KRB_TRANSITED_H
#define OBOL_KRB_TRANSITED_H

#include "base/arena.h"
#include "base/error.h"
#include "proto/messages.h"

enum { TR_DOMAIN_X500_COMPRESS = 1 };

// transited_append adds a realm to the list, uncompressed; *out borrows from the arena.
// KDC_ERR_TRTYPE_NOSUPP for another encoding, KDC_ERR_PATH_NOT_ACCEPTED for a realm whose name
// cannot stand in the list as it is (RFC 4120 6.1 allows none such of the domain style).
MUST_USE enum obol_code transited_append(const struct transited_encoding *path, struct slice realm,
                                         struct arena *a, struct transited_encoding *out,
                                         struct error *err);
// transited_expand gives the realms of a list between a client's realm and a server's, its
// compression undone; what is left out by an empty field is filled in by the names.
// KDC_ERR_TRTYPE_NOSUPP, KDC_ERR_PATH_NOT_ACCEPTED.
MUST_USE enum obol_code transited_expand(const struct transited_encoding *path, struct slice client,
                                         struct slice server, struct arena *a,
                                         struct slice_list *out, struct error *err);

#endif
