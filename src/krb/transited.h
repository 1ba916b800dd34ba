// transited.h: the realms that a ticket's client came through (RFC 4120 3.3.3.2,
// DOMAIN-X500-COMPRESS).
#ifndef OBOL_KRB_TRANSITED_H
#define OBOL_KRB_TRANSITED_H

#include "base/arena.h"
#include "base/error.h"
#include "krb/realm_path.h"
#include "proto/messages.h"

enum { TR_DOMAIN_X500_COMPRESS = 1 };

// transited_append adds a realm to the list of those that a client of `client` came through, as
// short as its last one lets it be; *out borrows from the arena. KDC_ERR_TRTYPE_NOSUPP for another
// encoding, KDC_ERR_PATH_NOT_ACCEPTED for a realm whose name cannot stand in the list.
MUST_USE enum obol_code transited_append(const struct transited_encoding *path, struct slice client,
                                         struct slice realm, struct arena *a,
                                         struct transited_encoding *out, struct error *err);
// transited_expand gives the realms of a list between a client's realm and a server's, its
// compression undone; what is left out by an empty field is filled in by the names.
// KDC_ERR_TRTYPE_NOSUPP, KDC_ERR_PATH_NOT_ACCEPTED.
MUST_USE enum obol_code transited_expand(const struct transited_encoding *path, struct slice client,
                                         struct slice server, struct arena *a,
                                         struct slice_list *out, struct error *err);
// transited_check is whether each realm of a list may stand between a client's realm and a
// server's; an empty list is that of realms which trust each other, and an anonymous client may
// come through any. KDC_ERR_PATH_NOT_ACCEPTED names the one that may not, and the remedy;
// KDC_ERR_TRTYPE_NOSUPP.
MUST_USE enum obol_code transited_check(const struct transited_encoding *path, struct slice client,
                                        struct slice server, const struct realm_path_source *source,
                                        struct arena *a, struct error *err);

#endif
