// login.h: what the faces of a login share (obol login, kinit): its options, and how they become
// one.
#ifndef OBOL_CLI_LOGIN_H
#define OBOL_CLI_LOGIN_H

#include "cli/client.h"
#include "net/login.h"

struct login_options {
    struct slice keytab, service, enctypes, armor, certificate;
    struct slice_list anchors;
    bool anonymous;
    int64_t lifetime, renewable, start;
    bool use_keytab, client_keytab, forwardable, not_forwardable, proxiable, not_proxiable;
    bool canonicalize, enterprise, renew, validate;
    bool addresses, no_addresses; // the ticket is bound to this host's; else as krb5.conf says
    bool armor_optional; // kinit -T: the armor is used where the KDC is known, or says, to take it
};
// What came of it.
struct login_done {
    struct cred ticket; // borrows from c->arena
    struct as_facts facts;
    bool other_cache, new_cache; // the tickets went to another cache of the collection; a new one
};
// login_perform logs in as the first argument says, or as the keytab, the cache or the user's own
// name does, and puts the ticket into the cache; with `renew` or `validate` the cache's own is
// renewed or validated. In a collection, and without --cache, the cache is that of the principal,
// a new one if the default is another's; *cache is replaced by it, and it becomes the primary.
MUST_USE enum obol_code login_perform(struct cli *c, const struct login_options *o,
                                      struct ccache **cache, struct login_done *out,
                                      struct error *err);

#endif
