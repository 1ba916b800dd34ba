// tgs_walk.c: from realm to realm (RFC 4120 1.2, 3.3.1, RFC 6806 8). First a TGT of the service's
// realm is looked for, if that is known: at each KDC the farthest realm of the path is asked for,
// then nearer ones. There the service is asked for; a KDC that knows better answers with a TGT for
// the next realm. No realm is entered twice and the hops are bounded.
#include "client/tgs_stage.h"

static struct slice tgt_target(const struct cred *tgt) {
    return principal_is_krbtgt(&tgt->server.name) ? tgt->server.name.name_string.items[1]
                                                  : tgt->server.realm;
}

// Options of the TGT that a ticket on the way must have for the last one to be as asked.
#define TGS_OPT_ON_THE_WAY                                                                         \
    (KDC_OPT_FORWARDABLE | KDC_OPT_PROXIABLE | KDC_OPT_RENEWABLE | KDC_OPT_CANONICALIZE)

static enum obol_code ask_service(struct tgs_client *c, struct error *err) {
    c->asked = c->params.service;
    c->asked.realm = c->realm;
    c->asking_realm = false;
    c->options = c->params.options;
    c->state = TGS_START;
    return c->s4u ? tgs_s4u_name(c, err) : OBOL_OK;
}

static bool visited(const struct tgs_client *c, struct slice realm) {
    for (size_t i = 0; i < c->realm_count; i++)
        if (slice_eq(c->realms[i], realm))
            return true;
    return false;
}

// Asks for a TGT of the farthest realm that was not asked for here.
static enum obol_code ask_realm(struct tgs_client *c, struct error *err) {
    const struct slice_list *path = &c->params.path;
    struct slice target = c->path_at > path->count ? c->toward : path->items[c->path_at - 1];
    c->asking_realm = true;
    c->options = c->params.options & TGS_OPT_ON_THE_WAY;
    c->state = TGS_START;
    return principal_krbtgt(target, c->realm, c->arena, &c->asked, err);
}

// The next realm of the path that is nearer than the one just asked for, and new. False if none is.
static bool nearer_realm(struct tgs_client *c) {
    if (!c->asking_realm)
        return false;
    do
        c->path_at--;
    while (c->path_at > 0 && visited(c, c->params.path.items[c->path_at - 1]));
    return c->path_at > 0;
}

static enum obol_code ask(struct tgs_client *c, struct error *err) {
    bool elsewhere = c->s4u != TGS_S4U_NONE;
    // Each leg of a walk in a user's name may begin in the realm that it leads to.
    while ((c->toward.len == 0 || slice_eq(c->toward, c->realm)) && elsewhere)
        TRY(tgs_s4u_arrive(c, &elsewhere, err));
    if (c->toward.len == 0 || slice_eq(c->toward, c->realm))
        return ask_service(c, err);
    c->path_at = c->params.path.count + 1;
    return ask_realm(c, err);
}

enum obol_code tgs_walk_start(struct tgs_client *c, struct error *err) {
    bool same = c->params.options & (uint32_t)TGS_OPT_SAME_TICKET;
    // Who issued a ticket renews it; who it is for issues others by it.
    c->realm = same ? c->tgt.server.realm : tgt_target(&c->tgt);
    c->realms[c->realm_count++] = c->realm;
    struct principal service = c->params.service;
    if (service.realm.len == 0)
        service.realm = c->realm;
    TRY(principal_check(&service, err));
    c->toward = c->params.service.realm;
    tgs_s4u_start(c);
    return same ? ask_service(c, err) : ask(c, err);
}

static void add_hops(const struct tgs_client *c, struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    for (size_t i = 0; i < c->realm_count; i++) {
        if (i > 0)
            writer_str(&w, " -> ");
        writer_bytes(&w, c->realms[i]);
    }
    error_fact(err, "realms", "%.*s", SLICE_ARG(writer_slice(&w)));
}

// Goes on with the TGT in c->ticket.
static enum obol_code enter(struct tgs_client *c, struct slice realm, struct error *err) {
    bool known = visited(c, realm);
    if (known || c->realm_count > CLIENT_HOPS_MAX) {
        enum obol_code code =
            error_set(err, OBOL_KDC_ERR_PATH_NOT_ACCEPTED, __func__,
                      known ? "the KDC of %.*s refers back to %.*s: the referrals go in a circle"
                            : "the KDC of %.*s refers to %.*s: too many referrals",
                      SLICE_ARG(c->realm), SLICE_ARG(realm));
        add_hops(c, err);
        return code;
    }
    // One that leads on in a user's name is of no use for anything else.
    if (c->s4u == TGS_S4U_NONE || c->s4u == TGS_SELF_GO || c->s4u == TGS_PROXY_OWN)
        c->tgts[c->tgt_count++] = c->ticket;
    c->hops++;
    c->tgt = c->ticket;
    c->realm = realm;
    c->realms[c->realm_count++] = realm;
    c->use_tcp = false;
    return ask(c, err);
}

enum obol_code tgs_walk_next(struct tgs_client *c, struct error *err) {
    bool as_asked = principal_name_eq(&c->ticket.server.name, &c->asked.name);
    bool referred = !as_asked && principal_is_krbtgt(&c->ticket.server.name);
    // RFC 6806 8: the service's own KDC, as we thought, says that it is of another realm.
    if (!c->asking_realm && referred)
        c->toward = (struct slice){0};
    enum tgs_next next = c->asking_realm || referred ? TGS_NEXT_ENTER : TGS_NEXT_DONE;
    if (c->s4u && !c->asking_realm)
        TRY(tgs_s4u_next(c, &next, err));
    if (next == TGS_NEXT_ASK)
        return ask(c, err);
    if (next == TGS_NEXT_ENTER)
        return enter(c, tgt_target(&c->ticket), err);
    c->state = TGS_DONE;
    return OBOL_OK;
}

// Whether a KDC that does not know `canonicalize` may answer so to a request that has it.
static bool may_dislike_canonicalize(enum obol_code code) {
    return code == OBOL_KDC_ERR_BADOPTION || code == OBOL_KRB_ERR_GENERIC;
}

// An error without the armor of the request ends it: nobody vouches for what it says. Heimdal's KDC
// answers so where it refuses the armor itself.
static enum obol_code without_armor(struct tgs_client *c, const struct krb_error *error,
                                    struct error *err) {
    struct client_error_facts facts = {
        .client = &c->tgt.client,
        .service = &c->asked,
        .realm = c->realm,
        .now = c->now,
        .etypes = c->etypes,
        .etype_count = c->etype_count,
    };
    error_init(err);
    enum obol_code code = client_error_set(error, &facts, c->arena, err);
    error_fact(err, "armor", "none: nobody vouches for this error");
    err->where = "answer of the KDC";
    err->section = "RFC 6113 5.4.4";
    return code;
}

enum obol_code tgs_walk_error(struct tgs_client *c, const struct krb_error *outside,
                              struct error *err) {
    struct krb_error inside = *outside, *error = &inside;
    struct padata_list ignored;
    enum obol_code code = error_code_of_krb(error->error_code);
    c->state = TGS_START;
    if (code == OBOL_KRB_ERR_RESPONSE_TOO_BIG && !c->use_tcp) {
        c->use_tcp = true; // RFC 4120 7.2.1
        return OBOL_OK;
    }
    if (c->fast.armor) {
        code = client_fast_error(&c->fast, c->nonce, error, &ignored, err);
        if (code == OBOL_FAST_REQUIRED)
            return without_armor(c, outside, err);
        TRY(code);
        code = error_code_of_krb(error->error_code);
    }
    if (code == OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN && nearer_realm(c))
        return ask_realm(c, err);
    if (code == OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN && tgs_s4u_other_name(c))
        return ask_service(c, err);
    // In a user's name it is the delegation that is refused so.
    bool dislikes = may_dislike_canonicalize(code) && c->s4u == TGS_S4U_NONE;
    if (dislikes && (c->options & KDC_OPT_CANONICALIZE) && !c->plain_tried) {
        c->plain_tried = true;
        c->options &= ~(uint32_t)KDC_OPT_CANONICALIZE;
        c->params.options &= ~(uint32_t)KDC_OPT_CANONICALIZE;
        return OBOL_OK;
    }
    struct client_error_facts facts = {
        .client = &c->tgt.client,
        .service = &c->asked,
        .realm = c->realm,
        .now = c->now,
        .etypes = c->etypes,
        .etype_count = c->etype_count,
        .anonymous = c->options & KDC_OPT_REQUEST_ANONYMOUS,
    };
    code = client_error_set(error, &facts, c->arena, err);
    if (c->asking_realm)
        error_fact(err, "on the way to", "%.*s",
                   SLICE_ARG(principal_text(&c->params.service, c->arena)));
    if (c->realm_count > 1)
        add_hops(c, err);
    err->where = "answer of the KDC";
    err->section = "RFC 4120 5.9.1";
    return code;
}
