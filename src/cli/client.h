// client.h: what the commands of the client's side share: the network with its trace, the cache, a
// ticket shown.
#ifndef OBOL_CLI_CLIENT_H
#define OBOL_CLI_CLIENT_H

#include "cli/output.h"
#include "cred/ccache.h"
#include "net/net.h"

// client_net prepares the network by krb5.conf. KRB5_TRACE names a file ("/dev/stderr") to which
// each message that is carried adds a line.
MUST_USE enum obol_code client_net(struct cli *c, struct net *out, struct error *err);
// client_cache opens --cache or the default; the caller closes it with CLEANUP(client_close).
MUST_USE enum obol_code client_cache(struct cli *c, struct ccache **out, struct error *err);
static inline void client_close(struct ccache **cc) {
    ccache_close(*cc);
}
// client_caches gives the names of the caches of the collection that --cache or the default names.
struct client_caches {
    const struct krb5conf *conf;
    struct slice_list names;
};
MUST_USE enum obol_code client_caches(struct cli *c, struct client_caches *out, struct error *err);
// client_match opens the cache of a principal, which `text` names.
MUST_USE enum obol_code client_match(struct cli *c, struct slice text, struct ccache **out,
                                     struct error *err);
// client_spn reads the name of a service; without a realm it is of the realm that we logged in to.
MUST_USE enum obol_code client_spn(struct cli *c, struct ccache *cache, struct slice text,
                                   struct principal *out, struct error *err);
// client_certificate reads a file with the certificate (PEM) of a user for whom we act, as DER.
MUST_USE enum obol_code client_certificate(struct cli *c, struct slice path, struct slice *out,
                                           struct error *err);
// client_user reads the name of a user for whom we act: as client_spn, or as an enterprise name.
MUST_USE enum obol_code client_user(struct cli *c, struct ccache *cache, struct slice text,
                                    bool enterprise, struct principal *out, struct error *err);
// client_suggest_service adds the nearest service that there is to the error of a KDC that knows
// none of the name asked for.
void client_suggest_service(struct cli *c, struct ccache *cache, const struct principal *asked,
                            struct error *err);
// client_etypes reads a list of --enctype as krb5.conf has it; USAGE if nothing known is in it.
MUST_USE enum obol_code client_etypes(struct cli *c, struct slice text, struct int32_list *out,
                                      struct error *err);

// client_etype_name is the name of an enctype, "enctype 99" if it has none.
const char *client_etype_name(struct cli *c, int32_t etype);
// client_flags is a ticket's flags as klist's letters, "-" for none.
struct slice client_flags(struct cli *c, uint32_t flags);
// client_sealed_with reads who a ticket is sealed for: enctype and kvno (0: not said). False if the
// bytes are no ticket.
bool client_sealed_with(struct cli *c, struct slice ticket, int32_t *etype, uint32_t *kvno);
// client_ticket_json writes a ticket as members of the object that is open.
void client_ticket_json(struct cli *c, struct cli_json *j, const struct cred *cred, int64_t now);

#endif
