// ccache.c: names of caches, the list of kinds, and what is the same for all: finding a ticket and
// configuration entries.
#include "base/env.h"
#include "config/duration.h"
#include "config/expand.h"
#include "config/nearest.h"
#include "cred/ccache_ops.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// FILE first: a name without a kind is a file's. Then as often as one meets them.
static const struct ccache_ops *const KINDS[] = {&CCACHE_FILE, &CCACHE_DIR, &CCACHE_KEYRING,
                                                 &CCACHE_KCM, &CCACHE_MEMORY};

#define NAME_ARENA 65536u

static void clear_arena(struct arena *a) {
    arena_clear(a);
}

enum obol_code ccache_default_name(const struct krb5conf *conf, struct arena *a, struct slice *out,
                                   struct error *err) {
    const char *named = secure_getenv("KRB5CCNAME");
    if (named && *named) {
        *out = slice_str(named);
        return OBOL_OK;
    }
    struct slice pattern = conf && conf->default_ccache_name.len
                               ? conf->default_ccache_name
                               : SLICE_LITERAL("FILE:/tmp/krb5cc_%{uid}");
    return config_expand(pattern, a, out, err);
}

static enum obol_code find_kind(struct slice name, const struct ccache_ops **ops, size_t *prefix,
                                struct error *err) {
    size_t colon = slice_find(name, ':');
    *ops = KINDS[0];
    *prefix = 0;
    bool bare = colon == name.len || name.ptr[0] == '/';
    if (bare)
        return OBOL_OK;
    struct slice kind = slice_sub(name, 0, colon);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (slice_eq_str(kind, KINDS[i]->kind)) {
            *ops = KINDS[i];
            *prefix = colon + 1;
            return OBOL_OK;
        }
    struct nearest near = nearest_of(kind);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        nearest_offer(&near, KINDS[i]->kind);
    error_remedy(err,
                 "Name a cache of a kind that there is, such as FILE:/tmp/krb5cc_%u, with "
                 "--cache, KRB5CCNAME, or default_ccache_name in krb5.conf.",
                 (unsigned)geteuid());
    ENSURE(false, UNSUPPORTED,
           "the cache '%.*s' is of kind %.*s; there are FILE, DIR, KEYRING, KCM and MEMORY%s%s%s",
           SLICE_ARG(name), SLICE_ARG(kind), near.best ? "; did you mean " : "",
           near.best ? near.best : "", near.best ? "?" : "");
}

static enum obol_code resolve_name(struct slice *name, const struct krb5conf *conf,
                                   const struct ccache_ops **ops, struct slice *residual,
                                   struct arena *a, struct error *err) {
    size_t prefix;
    if (name->len == 0) {
        ENSURE(a->base || arena_init(a, NAME_ARENA, NAME_ARENA), NO_MEMORY, "no memory for a name");
        TRY(ccache_default_name(conf, a, name, err));
    }
    ENSURE(slice_find(*name, 0) == name->len && name->len < 4096, INVALID_ARGUMENT,
           "the cache's name is too long or holds a NUL byte");
    TRY(find_kind(*name, ops, &prefix, err));
    *residual = slice_sub(*name, prefix, SIZE_MAX);
    return OBOL_OK;
}

enum obol_code ccache_rename(struct ccache *cc, struct slice residual, struct error *err) {
    char *name;
    int n = asprintf(&name, "%s:%.*s", cc->ops->kind, (int)residual.len,
                     residual.len ? (const char *)residual.ptr : "");
    ENSURE(n >= 0, NO_MEMORY, "no memory for a cache's name");
    free(cc->name);
    cc->name = name;
    cc->residual = name + strlen(cc->ops->kind) + 1;
    return OBOL_OK;
}

static enum obol_code open_kind(struct ccache **out, const struct ccache_ops *ops,
                                struct slice residual, const struct krb5conf *conf,
                                struct error *err) {
    struct ccache *cc = calloc(1, sizeof *cc);
    ENSURE(cc, NO_MEMORY, "no memory for a cache's handle");
    cc->ops = ops;
    enum obol_code code = ccache_rename(cc, residual, err);
    if (code == OBOL_OK)
        code = ops->open(cc, conf, err);
    if (code != OBOL_OK) {
        free(cc->place);
        free(cc->name);
        free(cc);
        return code;
    }
    *out = cc;
    return OBOL_OK;
}

enum obol_code ccache_open(struct ccache **out, struct slice name, const struct krb5conf *conf,
                           struct error *err) {
    CLEANUP(clear_arena) struct arena a = {0};
    const struct ccache_ops *ops;
    struct slice residual;
    *out = NULL;
    TRY(resolve_name(&name, conf, &ops, &residual, &a, err));
    return open_kind(out, ops, residual, conf, err);
}

enum obol_code ccache_dup(const struct ccache *cc, struct ccache **out, struct error *err) {
    struct ccache *copy = calloc(1, sizeof *copy);
    *out = NULL;
    ENSURE(copy, NO_MEMORY, "no memory for a cache's handle");
    *copy = (struct ccache){.ops = cc->ops, .place = cc->place ? strdup(cc->place) : NULL};
    enum obol_code code = ccache_rename(copy, slice_str(cc->residual), err);
    if (code == OBOL_OK && cc->place && !copy->place)
        code = error_set(err, OBOL_NO_MEMORY, __func__, "no memory for a cache's handle");
    if (code != OBOL_OK) {
        free(copy->place);
        free(copy->name);
        free(copy);
        return code;
    }
    if (cc->path)
        copy->path = copy->name + (cc->path - cc->name);
    *out = copy;
    return OBOL_OK;
}

void ccache_close(struct ccache *cc) {
    if (!cc)
        return;
    cc->ops->close(cc);
    free(cc->place);
    free(cc->name);
    free(cc);
}

struct slice ccache_name(const struct ccache *cc) {
    return slice_str(cc->name);
}

enum obol_code ccache_initialize(struct ccache *cc, const struct ccache_content *content,
                                 struct error *err) {
    return cc->ops->initialize(cc, content, err);
}

enum obol_code ccache_store(struct ccache *cc, const struct cred *creds, size_t count,
                            struct error *err) {
    return cc->ops->store(cc, creds, count, err);
}

enum obol_code ccache_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                           struct error *err) {
    return cc->ops->read(cc, a, out, err);
}

enum obol_code ccache_remove(struct ccache *cc, const struct principal *server, struct error *err) {
    return cc->ops->remove(cc, server, err);
}

enum obol_code ccache_destroy(struct ccache *cc, struct error *err) {
    return cc->ops->destroy(cc, err);
}

// ---- collections

enum obol_code ccache_list_add(struct slice_list *list, struct slice text, struct arena *a,
                               struct error *err) {
    // Room doubles: a power of two is a list that is full.
    if ((list->count & (list->count - 1)) == 0) {
        struct slice *bigger = arena_zalloc(a, list->count ? 2 * list->count : 1, sizeof *bigger);
        ENSURE_MEMORY(bigger);
        if (list->count)
            memcpy(bigger, list->items, list->count * sizeof *bigger);
        list->items = bigger;
    }
    ENSURE(arena_copy(a, text, &list->items[list->count]), NO_MEMORY, "no memory for the names");
    list->count++;
    return OBOL_OK;
}

void ccache_unique_word(char *out, size_t size) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    uint8_t random[32];
    size_t n = size - 1 < sizeof random ? size - 1 : sizeof random;
    env_random(env_system(), buf_of(random, n));
    for (size_t i = 0; i < n; i++)
        out[i] = letters[random[i] % 32];
    out[n] = '\0';
}

static enum obol_code add_kind(const struct ccache_ops *ops, const char *residual,
                               const struct krb5conf *conf, struct arena *a,
                               struct slice_list *names, struct error *err) {
    struct slice_list found = {0};
    TRY(ops->list(residual, conf, a, &found, err));
    for (size_t i = 0; i < found.count; i++) {
        struct slice name = arena_printf(a, "%s:%.*s", ops->kind, (int)found.items[i].len,
                                         (const char *)found.items[i].ptr);
        ENSURE_MEMORY(name.ptr);
        TRY(ccache_list_add(names, name, a, err));
    }
    return OBOL_OK;
}

static enum obol_code list_caches(struct slice name, const struct krb5conf *conf, bool with_memory,
                                  struct arena *a, struct slice_list *out, struct error *err) {
    const struct ccache_ops *ops;
    struct slice residual;
    *out = (struct slice_list){0};
    TRY(resolve_name(&name, conf, &ops, &residual, a, err));
    const char *text = arena_cstr(a, residual);
    ENSURE_MEMORY(text);
    TRY(add_kind(ops, text, conf, a, out, err));
    return !with_memory || ops == &CCACHE_MEMORY ? OBOL_OK
                                                 : add_kind(&CCACHE_MEMORY, "", conf, a, out, err);
}

enum obol_code ccache_list(struct slice name, const struct krb5conf *conf, struct arena *a,
                           struct slice_list *out, struct error *err) {
    return list_caches(name, conf, true, a, out, err);
}

enum obol_code ccache_collection(struct slice name, const struct krb5conf *conf, struct arena *a,
                                 struct slice_list *out, struct error *err) {
    return list_caches(name, conf, false, a, out, err);
}

static const struct ccache_ops *kind_of(struct slice kind) {
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (slice_eq_str(kind, KINDS[i]->kind))
            return KINDS[i];
    return NULL;
}

bool ccache_kind_collects(struct slice kind) {
    const struct ccache_ops *ops = kind_of(kind);
    return ops && ops->collects;
}

const char *ccache_kind(const struct ccache *cc) {
    return cc->ops->kind;
}

enum obol_code ccache_make_primary(struct ccache *cc, struct error *err) {
    ENSURE(cc->ops->make_primary, UNSUPPORTED,
           "%s: caches of kind %s stand alone; DIR, KEYRING and KCM have a primary one among them",
           cc->name, cc->ops->kind);
    return cc->ops->make_primary(cc, err);
}

enum obol_code ccache_new_unique(struct ccache **out, struct slice kind,
                                 const struct krb5conf *conf, struct slice name,
                                 struct error *err) {
    CLEANUP(clear_arena) struct arena a = {0};
    const struct ccache_ops *ops = kind_of(kind), *in;
    struct slice residual, made;
    const char *text = "";
    *out = NULL;
    ENSURE(ops, UNSUPPORTED,
           "a new cache of kind '%.*s': there are FILE, DIR, KEYRING, KCM, MEMORY",
           SLICE_ARG(kind));
    ENSURE(arena_init(&a, NAME_ARENA, NAME_ARENA), NO_MEMORY, "no memory for a name");
    TRY(resolve_name(&name, conf, &in, &residual, &a, err));
    if (in == ops)
        text = arena_cstr(&a, residual);
    ENSURE_MEMORY(text);
    TRY(ops->unique(text, conf, &a, &made, err));
    return open_kind(out, ops, made, conf, err);
}

enum obol_code ccache_match(struct ccache **out, const struct principal *client, struct slice name,
                            const struct krb5conf *conf, struct arena *a, struct error *err) {
    struct slice_list names;
    *out = NULL;
    TRY(ccache_collection(name, conf, a, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        struct ccache *cc;
        struct ccache_content content;
        // One that cannot be read is nobody's.
        if (ccache_open(&cc, names.items[i], conf, NULL) != OBOL_OK)
            continue;
        if (ccache_read(cc, a, &content, NULL) == OBOL_OK &&
            principal_eq(&content.principal, client)) {
            *out = cc;
            return OBOL_OK;
        }
        ccache_close(cc);
    }
    ENSURE(false, CCACHE_NOT_FOUND, "none of %zu caches is of %.*s", names.count,
           SLICE_ARG(principal_text(client, a)));
}

// ---- finding

static bool is_for(const struct cred *c, const struct ccache_query *q) {
    if (cred_is_config(c) || (q->client && !principal_eq(&c->client, q->client)))
        return false;
    bool server = q->any_realm ? principal_name_eq(&c->server.name, &q->server->name)
                               : principal_eq(&c->server, q->server);
    bool second = !q->user_to_user || slice_eq(c->second_ticket, q->second_ticket);
    return server && second && c->is_skey == q->user_to_user && (c->flags & q->flags) == q->flags;
}

// rank is the place of the session key's enctype in the query, its count if it is not there.
static size_t rank(const struct cred *c, const struct ccache_query *q) {
    size_t i = 0;
    while (i < q->etypes.count && q->etypes.items[i] != c->key.keytype)
        i++;
    return i;
}

// not_valid says of the ticket that is not valid any more, or not yet, or not there, which and
// since when.
static enum obol_code not_valid(const struct cred *dead, const struct ccache_query *query,
                                size_t entries, struct error *err) {
    char name[256], ago[64];
    struct writer w = writer_to_buf(buf_of(name, sizeof name));
    principal_write(&w, query->server);
    struct slice server = writer_slice(&w);
    ENSURE(dead, CRED_NOT_FOUND, "%.*s; it holds %zu entries", SLICE_ARG(server), entries);
    w = writer_to_buf(buf_of(ago, sizeof ago));
    bool over = dead->endtime <= query->now;
    duration_write(&w, over ? query->now - dead->endtime : cred_start(dead) - query->now);
    ENSURE(!over, CRED_EXPIRED, "%.*s ended %.*s ago", SLICE_ARG(server),
           SLICE_ARG(writer_slice(&w)));
    ENSURE(false, KRB_AP_ERR_TKT_NYV, "%.*s begins in %.*s", SLICE_ARG(server),
           SLICE_ARG(writer_slice(&w)));
}

enum obol_code ccache_find(const struct ccache_content *content, const struct ccache_query *query,
                           const struct cred **out, struct error *err) {
    const struct cred *best = NULL, *dead = NULL;
    for (size_t i = 0; i < content->count; i++) {
        const struct cred *c = &content->creds[i];
        bool fits =
            is_for(c, query) && (query->etypes.count == 0 || rank(c, query) < query->etypes.count);
        if (!fits)
            continue;
        if (c->endtime <= query->now || cred_start(c) > query->now + query->clockskew) {
            dead = !dead || c->endtime > dead->endtime ? c : dead;
            continue;
        }
        bool better = !best || rank(c, query) < rank(best, query) ||
                      (rank(c, query) == rank(best, query) && c->endtime > best->endtime);
        best = better ? c : best;
    }
    *out = best;
    if (best)
        return OBOL_OK;
    return not_valid(dead, query, content->count, err);
}

// ---- configuration entries

#define CONF_REALM "X-CACHECONF:"
#define CONF_NAME  "krb5_ccache_conf_data"

static bool is_config_for(const struct cred *c, const char *key, struct slice server) {
    const struct slice_list *parts = &c->server.name.name_string;
    return cred_is_config(c) && parts->count == (server.len ? 3 : 2) &&
           slice_eq_str(parts->items[1], key) &&
           (server.len == 0 || slice_eq(parts->items[2], server));
}

struct slice ccache_start_realm(const struct ccache_content *content) {
    struct slice realm;
    if (ccache_get_config(content, "start_realm", NULL, &realm) && realm.len)
        return realm;
    for (size_t i = 0; principal_is_anonymous(&content->principal) && i < content->count; i++) {
        const struct principal *server = &content->creds[i].server;
        if (principal_is_krbtgt(&server->name) &&
            slice_eq(server->name.name_string.items[1], server->realm))
            return server->realm;
    }
    return content->principal.realm;
}

bool ccache_get_config(const struct ccache_content *content, const char *key,
                       const struct principal *server, struct slice *value) {
    char text[2048];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    if (server)
        principal_write(&w, server);
    // The last one counts: a writer that died between adding and removing leaves two.
    for (size_t i = content->count; i > 0; i--)
        if (is_config_for(&content->creds[i - 1], key, writer_slice(&w))) {
            *value = content->creds[i - 1].ticket;
            return true;
        }
    return false;
}

enum obol_code ccache_config_cred(const struct principal *client, const char *key,
                                  const struct principal *server, struct slice value,
                                  struct arena *a, struct cred *out, struct error *err) {
    struct slice *parts = arena_zalloc(a, 3, sizeof *parts);
    ENSURE_MEMORY(parts);
    parts[0] = SLICE_LITERAL(CONF_NAME);
    parts[1] = slice_str(key);
    if (server)
        parts[2] = principal_text(server, a);
    *out = (struct cred){
        .client = *client,
        .server = {SLICE_LITERAL(CONF_REALM), {NT_UNKNOWN, {parts, server ? 3 : 2}}},
        .ticket = value,
    };
    return OBOL_OK;
}

enum obol_code ccache_set_config(struct ccache *cc, const char *key, const struct principal *server,
                                 struct slice value, struct error *err) {
    CLEANUP(clear_arena) struct arena a = {0};
    ENSURE(arena_init(&a, NAME_ARENA, 4u * CCACHE_SIZE_MAX), NO_MEMORY, "no memory for the cache");
    struct ccache_content content;
    struct cred entry;
    TRY(ccache_read(cc, &a, &content, err));
    TRY(ccache_config_cred(&content.principal, key, server, value, &a, &entry, err));
    struct error ignored;
    error_init(&ignored);
    enum obol_code code = ccache_remove(cc, &entry.server, &ignored);
    ENSURE(code == OBOL_OK || code == OBOL_NOT_FOUND, CCACHE_IO, "%s", ignored.detail);
    return value.len ? ccache_store(cc, &entry, 1, err) : OBOL_OK;
}
