// verify.c: see verify.h.
#include "net/verify.h"
#include "crypto/crypto.h"
#include "der/table.h"
#include "krb/ap.h"
#include "net/ticket.h"
#include "proto/codes.h"
#include "proto/types.h"

// A server without a realm is of that which a KDC finds for it (RFC 6806 8).
static bool is_server(const void *ctx, const struct principal *name) {
    const struct principal *server = ctx;
    const struct principal whole = {server->realm.len ? server->realm : name->realm, server->name};
    return principal_eq(&whole, name);
}

bool net_verify_has_key(const struct keytab_content *keytab, const struct principal *server) {
    for (size_t i = 0; i < keytab->count; i++)
        if (is_server(server, &keytab->entries[i].principal))
            return true;
    return false;
}

// The ticket must open with a key of the server that it was asked for, and whatever name it bears
// (a KDC may call the server by another) is no way to another key: who has stolen one of this
// machine's keys could otherwise answer for every server in its keytab.
static enum obol_code present(const struct net *net, const struct verify_params *v,
                              const struct principal *server, const struct cred *ticket,
                              struct arena *a, struct error *err) {
    const struct env *env = net_env(net);
    struct ap_req_params params = {.client = ticket->client,
                                   .authenticator_usage = KU_AP_REQ_AUTHENTICATOR};
    struct ap_req_sent sent;
    struct slice request;
    TRY(der_decode(&TYPE_TICKET, ticket->ticket, a, &params.ticket, err));
    TRY(crypto_key_in_arena(&params.session, a, ticket->key.keytype, ticket->key.keyvalue, err));
    TRY(ap_req_build(&params, env, a, &request, &sent, err));
    struct keytab_keys keys = {.content = v->keytab,
                               .path = v->keytab_path,
                               .any_name = true,
                               .accepts = is_server,
                               .ctx = server,
                               .accepts_for = principal_text(server, a)};
    struct ap_key_source source = keytab_key_source(&keys);
    struct ap_accept_params accept = {.keys = &source,
                                      .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
                                      .clockskew = net->conf->clockskew,
                                      .path = {net->conf, krb5conf_find_path}};
    struct ap_accepted accepted;
    TRY(ap_req_accept(request, &accept, env, a, &accepted, err));
    ENSURE(principal_eq(&accepted.client, &v->login->client), KRB_AP_ERR_BADMATCH,
           "the ticket names another client");
    return OBOL_OK;
}

static enum obol_code verify_with(const struct net *net, const struct verify_params *v,
                                  const struct principal *server, struct arena *a,
                                  struct error *err) {
    struct ticket_params params = {.cache = v->cache, .service = *server};
    struct ticket_result result;
    if (principal_eq(server, &v->login->server))
        return present(net, v, server, v->login, a, err);
    TRY(net_ticket(net, &params, a, &result, err));
    return present(net, v, server, &result.ticket, a, err);
}

static bool is_service(const struct principal *p) {
    return p->name.name_string.count == 2;
}

static bool is_host(const struct principal *p) {
    return is_service(p) && slice_eq_str(p->name.name_string.items[0], "host");
}

// The machine's own keys: only root reads them, as a rule, while a server that listens to strangers
// reads its own. One of these is taken where the machine has none.
static bool has_host(const struct keytab_content *keytab) {
    for (size_t i = 0; i < keytab->count; i++)
        if (is_host(&keytab->entries[i].principal))
            return true;
    return false;
}

enum obol_code net_verify_login(const struct net *net, const struct verify_params *v,
                                struct arena *a, struct error *err) {
    if (v->server)
        return verify_with(net, v, v->server, a, err);
    const bool by_host = has_host(v->keytab);
    struct error last;
    error_init(&last);
    for (size_t i = 0; i < v->keytab->count; i++) {
        const struct principal *p = &v->keytab->entries[i].principal;
        bool again = i > 0 && principal_eq(p, &v->keytab->entries[i - 1].principal);
        if (again || !(by_host ? is_host(p) : is_service(p)))
            continue;
        error_init(&last);
        if (verify_with(net, v, p, a, &last) == OBOL_OK)
            return OBOL_OK;
    }
    ENSURE(last.code != OBOL_OK, KEYTAB_NO_ENTRY, "%s holds no key of a service", v->keytab_path);
    return net_fail(err, &last);
}
