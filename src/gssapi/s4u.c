// s4u.c: acting for users (MS-SFU): a ticket for ourselves in a user's name (S4U2Self), and with
// that or the one he came with, tickets for other services in his name (S4U2Proxy). The credential
// has a cache of its own, as MIT krb5 lays it out: the user's, with his ticket for us, our TGT, and
// our name under proxy_impersonator.
#include "gssapi/part.h"
#include "net/ticket.h"
#include "proto/codes.h"

static enum obol_code fill(struct gssapi_part *part, const struct principal *user,
                           const struct cred *evidence, const struct cred *tgt,
                           int64_t clock_offset, struct arena *a, struct error *err) {
    struct cred creds[3] = {[1] = *evidence, [2] = *tgt};
    struct slice self = principal_text(&tgt->client, a);
    TRY(ccache_config_cred(user, "proxy_impersonator", NULL, self, a, &creds[0], err));
    const struct ccache_content content = {
        .principal = *user,
        .creds = creds,
        .count = COUNT_OF(creds),
        .has_offset = clock_offset != 0,
        .offset = clock_offset,
    };
    TRY(part_private_cache(part, err));
    TRY(ccache_initialize(part->cache, &content, err));
    part->name = gssapi_name_of_principal(user, GSSAPI_KRB5);
    part->impersonator = strndup((const char *)self.ptr, self.len);
    ENSURE(part->name && part->impersonator, NO_MEMORY, "no room for a name");
    part->expire = evidence->endtime;
    return OBOL_OK;
}

enum obol_code part_impersonate(const struct principal *user, const struct cred *evidence,
                                const struct cred *tgt, int64_t clock_offset,
                                struct gssapi_part **out, struct error *err) {
    struct gssapi_part *part = part_new(GSS_C_INITIATE);
    struct arena *a = gssapi_arena_take();
    enum obol_code code = part && a ? fill(part, user, evidence, tgt, clock_offset, a, err)
                                    : error_set(err, OBOL_NO_MEMORY, __func__, "no room");
    gssapi_arena_give(a);
    if (code == OBOL_OK)
        *out = part;
    else
        part_drop(part);
    return code;
}

// What the cache of such a part holds.
struct proxy {
    struct principal self;
    const struct cred *evidence, *tgt;
};

static enum obol_code look(const struct gssapi_part *part, const struct ccache_content *content,
                           struct arena *a, struct proxy *out, struct error *err) {
    TRY(gssapi_name_parse(slice_str(part->impersonator), NT_UNKNOWN, a, &out->self, err));
    for (size_t i = 0; i < content->count; i++) {
        const struct cred *c = &content->creds[i];
        if (principal_eq(&c->server, &out->self) && principal_eq(&c->client, &content->principal))
            out->evidence = c;
        if (principal_is_krbtgt(&c->server.name) && principal_eq(&c->client, &out->self))
            out->tgt = c;
    }
    ENSURE(out->evidence && out->tgt, CRED_NOT_FOUND,
           "%.*s holds not both a ticket of %.*s for %s and its TGT",
           SLICE_ARG(ccache_name(part->cache)), SLICE_ARG(principal_text(&content->principal, a)),
           part->impersonator);
    return OBOL_OK;
}

// The TGS client takes our TGT from a cache that is ours.
static enum obol_code ask(struct gssapi_part *holder, const struct gssapi_conf *conf,
                          const struct ccache_content *content, const struct proxy *p,
                          const struct principal *server, struct arena *a, struct cred *out,
                          struct error *err) {
    const struct net net = {.conf = &conf->conf};
    struct cred tgt = *p->tgt;
    const struct ccache_content own = {p->self,         &tgt, 1,    content->has_offset,
                                       content->offset, 0,    false};
    TRY(part_private_cache(holder, err));
    TRY(ccache_initialize(holder->cache, &own, err));
    const struct ticket_params params = {
        .cache = holder->cache,
        .service = *server,
        .options = KDC_OPT_CNAME_IN_ADDL_TKT,
        .second_ticket = p->evidence->ticket,
        .act_for = &content->principal,
        .no_cached = true,
        .no_store = true,
    };
    struct ticket_result result;
    TRY(net_ticket(&net, &params, a, &result, err));
    *out = result.ticket;
    return OBOL_OK;
}

enum obol_code part_proxy_ticket(struct gssapi_part *part, const struct gssapi_conf *conf,
                                 const struct principal *server, struct arena *a, struct cred *out,
                                 struct error *err) {
    struct gssapi_view *view;
    struct proxy p = {.evidence = NULL};
    struct cred got;
    struct gssapi_part *holder = part_new(GSS_C_INITIATE);
    ENSURE_MEMORY(holder);
    enum obol_code code = gssapi_view_get(part->cache, &view, err);
    if (code == OBOL_OK) {
        code = look(part, &view->content, a, &p, err);
        if (code == OBOL_OK)
            code = ask(holder, conf, &view->content, &p, server, a, &got, err);
        // The client's name in it is the view's, which ends here.
        if (code == OBOL_OK)
            code = cred_copy(&got, a, out, err);
        if (code == OBOL_OK)
            code = ccache_store(part->cache, out, 1, err);
        gssapi_view_put(view);
    }
    part_drop(holder);
    return code;
}

enum obol_code gssapi_cred_of_evidence(struct gss_cred_id_struct *cred,
                                       const struct principal *client, const struct cred *ticket,
                                       struct gss_cred_id_struct **out, struct error *err) {
    // MS-SFU 3.2.5.2.3: where the list of the service acted towards decides, the ticket need not be
    // forwardable: that is the KDC's to say.
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    struct principal self;
    struct gssapi_target target = {0};
    struct gssapi_ticket tgt;
    struct gssapi_part *part = NULL;
    enum obol_code code = gssapi_cred_initiator(cred, a, &self, err);
    if (code == OBOL_OK)
        code = principal_krbtgt(self.realm, self.realm, a, &target.principal, err);
    if (code == OBOL_OK)
        code = gssapi_cred_ticket(cred, &target, 0, a, &tgt, err);
    if (code == OBOL_OK)
        code = part_impersonate(client, ticket, &tgt.cred, tgt.clock_offset, &part, err);
    gssapi_arena_give(a);
    TRY(code);
    *out = cred_of_part(part, GSSAPI_KRB5 | GSSAPI_SPNEGO);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}
