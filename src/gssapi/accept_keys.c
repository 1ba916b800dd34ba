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

static bool accepts(const void *ctx, const struct principal *name) {
    const struct gssapi_accept *accept = ctx;
    return name_fits(accept->part->accept_name, &accept->service, &accept->conf->conf, name);
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

static enum obol_code prepare(struct gssapi_part *part, struct gssapi_accept *out,
                              struct error *err) {
    TRY(gssapi_conf_get(&out->conf, err));
    TRY(take_keytab(part, out->conf, &out->keytab, err));
    out->chosen = (struct keytab_keys){.content = &out->keytab->content,
                                       .path = out->keytab->path,
                                       .any_name = true,
                                       .prepared = out->keytab->keys};
    if (part && part->accept_name) {
        out->arena = gssapi_arena_take();
        ENSURE_MEMORY(out->arena);
        TRY(gssapi_name_principal(part->accept_name, out->conf, out->arena, &out->service, err));
        out->chosen.accepts = accepts;
        out->chosen.ctx = out;
        out->chosen.accepts_for = part->accept_name->text;
    }
    out->clockskew = out->conf->conf.clockskew;
    out->keys = keytab_key_source(&out->chosen);
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
