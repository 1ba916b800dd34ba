// accept_keys.c: which keys an acceptor takes tickets with (RFC 4120 3.2.3). Without a name any key
// of the keytab will do, whatever name stands in the ticket: services are reached under names that
// no keytab lists. With a name only the keys of that name; a host-based name without a host is any
// host, and ignore_acceptor_hostname drops the host.
#include "crypto/crypto.h"
#include "gssapi/part.h"
#include "proto/codes.h"
#include <stdlib.h>

// krb5_gss_register_acceptor_identity, by process.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *registered;

OM_uint32 krb5_gss_register_acceptor_identity(const char *keytab);
OM_uint32 krb5_gss_register_acceptor_identity(const char *keytab) {
    char *copy = keytab ? strdup(keytab) : NULL;
    if (keytab && !copy)
        return GSS_S_FAILURE;
    pthread_mutex_lock(&lock);
    free(registered);
    registered = copy;
    pthread_mutex_unlock(&lock);
    return GSS_S_COMPLETE;
}

__attribute__((destructor)) static void registered_end(void) {
    (void)krb5_gss_register_acceptor_identity(NULL);
}

static enum obol_code take_keytab(const struct gssapi_part *part, const struct gssapi_conf *conf,
                                  struct gssapi_keytab **out, struct error *err) {
    const char *own = part ? part->keytab : NULL;
    char *copy = NULL;
    if (!own) {
        pthread_mutex_lock(&lock);
        copy = registered ? strdup(registered) : NULL;
        pthread_mutex_unlock(&lock);
    }
    enum obol_code code = gssapi_keytab_take(own ? own : copy, &conf->conf, out, err);
    free(copy);
    return code;
}

// Whether a name of the keytab is one that the acceptor answers for.
static bool name_fits(const struct gss_name_struct *want, const struct principal *canonical,
                      const struct krb5conf *conf, const struct principal *has) {
    if (!want)
        return true;
    const struct slice_list *a = &canonical->name.name_string, *b = &has->name.name_string;
    if (!want->service.len || a->count != 2)
        return principal_eq(canonical, has);
    bool any_host = !want->host.len || conf->ignore_acceptor_hostname;
    return b->count == 2 && slice_eq(a->items[0], b->items[0]) &&
           (any_host || slice_eq_nocase(a->items[1], b->items[1])) &&
           (!canonical->realm.len || slice_eq(canonical->realm, has->realm));
}

enum obol_code part_check_keys(struct gssapi_part *part, struct error *err) {
    struct gssapi_accept accept;
    TRY(part_accept(part, &accept, err));
    const struct gssapi_keytab *k = accept.keytab;
    const struct gss_name_struct *want = part->accept_name;
    bool found = false;
    for (size_t i = 0; i < k->content.count && !found; i++)
        found =
            name_fits(want, &accept.service, &accept.conf->conf, &k->content.entries[i].principal);
    enum obol_code code = OBOL_OK;
    if (!found && want) {
        const struct keytab_entry *none;
        struct principal name = accept.service;
        code = keytab_find(&k->content, k->path, &name, 0, 0, &none, err);
        if (code == OBOL_OK) // the name is there under another realm only
            code = error_set(err, OBOL_KEYTAB_NO_ENTRY, __func__, "%.*s; %s has other names",
                             SLICE_ARG(want->text), k->path);
    } else if (!found) {
        code = error_set(err, OBOL_KEYTAB_NO_ENTRY, __func__, "%s is empty", k->path);
    }
    gssapi_accept_done(&accept);
    return code;
}

// How likely an entry's key is that of a ticket: its own name and kvno first. TIERS: it is none.
enum tier { OWN, OWN_OTHER_KVNO, OTHER, OTHER_OTHER_KVNO, TIERS };

static enum tier tier_of(const struct gssapi_accept *accept, const struct keytab_entry *e,
                         const struct principal *service, int32_t etype, uint32_t kvno) {
    const struct gss_name_struct *want = accept->part ? accept->part->accept_name : NULL;
    if (e->key.keytype != etype ||
        !name_fits(want, &accept->service, &accept->conf->conf, &e->principal))
        return TIERS;
    bool own = principal_eq(&e->principal, service);
    bool exact = kvno == 0 || e->kvno == kvno;
    if (own)
        return exact ? OWN : OWN_OTHER_KVNO;
    return exact ? OTHER : OTHER_OTHER_KVNO;
}

// Nothing fits: says what the ticket has and what the keytab holds.
static enum obol_code missing(const struct gssapi_accept *accept, const struct principal *service,
                              int32_t etype, uint32_t kvno, struct arena *a, struct error *err) {
    struct keytab_keys plain = {&accept->keytab->content, accept->keytab->path,
                                !accept->part || !accept->part->accept_name};
    struct ap_key_source source = keytab_key_source(&plain);
    struct crypto_key *key;
    struct slice want = {0};
    if (accept->part && accept->part->accept_name)
        want = accept->part->accept_name->text;
    if (want.len)
        error_fact(err, "accepts for", "%.*s", SLICE_ARG(want));
    TRY(source.find(source.ctx, service, etype, kvno, 0, a, &key, err));
    error_remedy(err, "Ask for the service as %.*s, or let it accept for every name in its keytab.",
                 SLICE_ARG(want));
    return error_set(err, OBOL_KRB_AP_ERR_NOT_US, __func__,
                     "%.*s is another name than the one that is accepted for",
                     SLICE_ARG(principal_text(service, a)));
}

// No candidate opened the ticket. Where the keytab lacks the ticket's own name, kvno or enctype,
// that is why, and not that the keys of others do not fit.
static enum obol_code exhausted(const struct gssapi_accept *accept, const struct principal *service,
                                int32_t etype, uint32_t kvno, struct arena *a, struct error *err) {
    const struct gss_name_struct *want = accept->part ? accept->part->accept_name : NULL;
    if (!name_fits(want, &accept->service, &accept->conf->conf, service))
        return missing(accept, service, etype, kvno, a, err);
    struct keytab_keys own = {&accept->keytab->content, accept->keytab->path, false};
    struct ap_key_source source = keytab_key_source(&own);
    struct crypto_key *key;
    TRY(source.find(source.ctx, service, etype, kvno, 0, a, &key, err));
    return OBOL_NOT_FOUND;
}

// The place of an attempt's entry; *before is how many there were if it is none.
static bool candidate(const struct gssapi_accept *accept, const struct principal *service,
                      int32_t etype, uint32_t kvno, unsigned attempt, size_t *place,
                      unsigned *before) {
    const struct keytab_content *content = &accept->keytab->content;
    *before = 0;
    for (enum tier tier = OWN; tier < TIERS; tier++)
        for (size_t i = content->count; i > 0; i--) { // the last in the file are the newest
            const struct keytab_entry *e = &content->entries[i - 1];
            if (tier_of(accept, e, service, etype, kvno) != tier || (*before)++ != attempt)
                continue;
            *place = i - 1;
            return true;
        }
    return false;
}

static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    const struct gssapi_accept *accept = ctx;
    struct gssapi_keytab *k = accept->keytab;
    unsigned before;
    size_t at;
    if (!candidate(accept, service, etype, kvno, attempt, &at, &before))
        return before ? exhausted(accept, service, etype, kvno, a, err)
                      : missing(accept, service, etype, kvno, a, err);
    const struct keytab_entry *e = &k->content.entries[at];
    if (!k->keys[at])
        TRY(crypto_key_new(&k->keys[at], e->key.keytype, e->key.keyvalue, err));
    *key = k->keys[at];
    return OBOL_OK;
}

static const struct principal *owner_of(void *ctx, const struct principal *service, int32_t etype,
                                        uint32_t kvno, unsigned attempt) {
    const struct gssapi_accept *accept = ctx;
    unsigned before;
    size_t at;
    if (!candidate(accept, service, etype, kvno, attempt, &at, &before))
        return NULL;
    return &accept->keytab->content.entries[at].principal;
}

static enum obol_code prepare(struct gssapi_part *part, struct gssapi_accept *out,
                              struct error *err) {
    TRY(gssapi_conf_get(&out->conf, err));
    TRY(take_keytab(part, out->conf, &out->keytab, err));
    if (part && part->accept_name) {
        out->arena = gssapi_arena_take();
        ENSURE_MEMORY(out->arena);
        TRY(gssapi_name_principal(part->accept_name, out->conf, out->arena, &out->service, err));
    }
    out->clockskew = out->conf->conf.clockskew;
    out->keys = (struct ap_key_source){out, find_key, owner_of};
    return OBOL_OK;
}

enum obol_code part_accept(struct gssapi_part *part, struct gssapi_accept *out, struct error *err) {
    *out = (struct gssapi_accept){.part = part};
    enum obol_code code = prepare(part, out, err);
    if (code != OBOL_OK)
        gssapi_accept_done(out);
    return code;
}

static enum obol_code take_replay(struct gssapi_part *part, struct gssapi_accept *out,
                                  struct error *err) {
    if (!part)
        return gssapi_replay(NULL, &out->conf->conf, &out->replay, err);
    pthread_mutex_lock(&part->lock); // gss_krb5_set_cred_rcache may name another
    enum obol_code code = gssapi_replay(part->rcache, &out->conf->conf, &out->replay, err);
    pthread_mutex_unlock(&part->lock);
    return code;
}

enum obol_code gssapi_cred_accept(struct gss_cred_id_struct *cred, struct gssapi_accept *out,
                                  struct error *err) {
    struct gssapi_part *part = cred ? cred_part_for(cred, GSS_C_ACCEPT) : NULL;
    ENSURE(!cred || part, PERMISSION, "the credential is for beginning contexts only");
    enum obol_code code = part_accept(part, out, err);
    if (code != OBOL_OK) {
        part_drop(part);
        return code;
    }
    out->held = part;
    code = take_replay(part, out, err);
    if (code != OBOL_OK)
        gssapi_accept_done(out);
    return code;
}

void gssapi_accept_done(struct gssapi_accept *accept) {
    gssapi_keytab_give(accept->keytab);
    gssapi_conf_put(accept->conf);
    gssapi_arena_give(accept->arena);
    part_drop(accept->held);
    *accept = (struct gssapi_accept){0};
}
