// keytab_find.c: which key of a keytab is meant, for clients that log in with one and for services
// that accept tickets; and when there is none, what the keytab holds instead.
#include "cred/keytab.h"
#include "crypto/crypto.h"

// strength orders enctypes: 0 is the best, unknown ones come last.
static size_t strength(int32_t etype) {
    size_t i = 0;
    while (enctype_at(i) && enctype_number(enctype_at(i)) != etype)
        i++;
    return i;
}

static const char *etype_text(int32_t etype) {
    const struct enctype *e = enctype_find(etype);
    return e ? enctype_name(e) : "enctype not implemented";
}

// The kvno of an old file has 8 bits, and so may the one that an old KDC recorded.
static bool kvno_fits(const struct keytab_entry *e, uint32_t kvno, bool loosely) {
    return kvno == 0 || e->kvno == kvno || (loosely && e->kvno == (kvno & 0xff));
}

// holds_text lists what the keytab has for a name, "kvno 3: aes256-..., kvno 2: ...", or without
// one the names that it has.
static void holds_text(struct writer *w, const struct keytab_content *content,
                       const struct principal *name) {
    const size_t most = 8;
    size_t shown = 0;
    for (size_t i = 0; i < content->count; i++) {
        const struct keytab_entry *e = &content->entries[i];
        bool repeated =
            !name && i > 0 && principal_eq(&content->entries[i - 1].principal, &e->principal);
        if (repeated || (name && !principal_eq(&e->principal, name)))
            continue;
        if (shown++ == most) {
            writer_str(w, ", ...");
            return;
        }
        writer_str(w, shown > 1 ? ", " : "");
        if (name)
            writer_printf(w, "kvno %u %s", e->kvno, etype_text(e->key.keytype));
        else
            principal_write(w, &e->principal);
    }
    if (shown == 0)
        writer_str(w, "nothing");
}

static bool has_name(const struct keytab_content *content, const struct principal *name) {
    for (size_t i = 0; i < content->count; i++)
        if (principal_eq(&content->entries[i].principal, name))
            return true;
    return false;
}

static bool has_kvno(const struct keytab_content *content, const struct principal *name,
                     uint32_t kvno) {
    for (size_t i = 0; i < content->count; i++)
        if (principal_eq(&content->entries[i].principal, name) &&
            kvno_fits(&content->entries[i], kvno, true))
            return true;
    return false;
}

// no_key says what was wanted and what there is. The facts are whole even where the sentence is
// cut.
static enum obol_code no_key(enum obol_code code, const struct keytab_content *content,
                             const char *path, const struct principal *name, uint32_t kvno,
                             int32_t etype, struct error *err) {
    char wanted[256], holds[512];
    bool named = has_name(content, name);
    struct writer w = writer_to_buf(buf_of(wanted, sizeof wanted - 1));
    struct writer h = writer_to_buf(buf_of(holds, sizeof holds - 1));
    principal_write(&w, name);
    holds_text(&h, content, named ? name : NULL);
    struct slice what = writer_ok(&w) ? writer_slice(&w) : SLICE_LITERAL("a long name");
    struct slice has = writer_ok(&h) ? writer_slice(&h) : SLICE_LITERAL("more than fits here");
    const char *words = named ? "for this name" : "the names";
    error_set(err, code, __func__, "%.*s; %s has %s %.*s", SLICE_ARG(what), path, words,
              SLICE_ARG(has));
    error_fact(err, "principal wanted", "%.*s", SLICE_ARG(what));
    if (kvno)
        error_fact(err, "kvno wanted", "%u", kvno);
    if (etype)
        error_fact(err, "enctype wanted", "%s (%d)", etype_text(etype), etype);
    error_fact(err, "keytab", "%s", path);
    error_fact(err, "keytab holds", "%.*s", SLICE_ARG(has));
    if (!named)
        error_remedy(err,
                     "Name a principal whose key it holds, or add the key: obol keytab create %s "
                     "%.*s.",
                     path, SLICE_ARG(what));
    return code;
}

// ---- one key

static bool is_better(const struct keytab_entry *e, const struct keytab_entry *best,
                      uint32_t kvno) {
    if (!best)
        return true;
    // An exact kvno before one that has the same low 8 bits; with none asked for, the newest.
    if (kvno && (e->kvno == kvno) != (best->kvno == kvno))
        return e->kvno == kvno;
    if (e->kvno != best->kvno)
        return e->kvno > best->kvno;
    return strength(e->key.keytype) < strength(best->key.keytype);
}

enum obol_code keytab_find(const struct keytab_content *content, const char *path,
                           const struct principal *name, uint32_t kvno, int32_t etype,
                           const struct keytab_entry **out, struct error *err) {
    const struct keytab_entry *best = NULL;
    for (size_t i = 0; i < content->count; i++) {
        const struct keytab_entry *e = &content->entries[i];
        bool fits = principal_eq(&e->principal, name) && kvno_fits(e, kvno, true) &&
                    (etype == 0 || e->key.keytype == etype);
        if (fits && is_better(e, best, kvno))
            best = e;
    }
    *out = best;
    if (best)
        return OBOL_OK;
    return no_key(OBOL_KEYTAB_NO_ENTRY, content, path, name, kvno, etype, err);
}

enum obol_code keytab_etypes(const struct keytab_content *content, const struct principal *name,
                             struct arena *a, struct int32_list *out, struct error *err) {
    uint32_t newest = 0;
    size_t count = 0;
    for (size_t i = 0; i < content->count; i++)
        if (principal_eq(&content->entries[i].principal, name) && content->entries[i].kvno > newest)
            newest = content->entries[i].kvno;
    out->items = arena_zalloc(a, content->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t s = 0; enctype_at(s); s++)
        for (size_t i = 0; i < content->count; i++) {
            const struct keytab_entry *e = &content->entries[i];
            bool fits = e->kvno == newest && e->key.keytype == enctype_number(enctype_at(s)) &&
                        principal_eq(&e->principal, name);
            bool again = count > 0 && out->items[count - 1] == e->key.keytype;
            if (fits && !again)
                out->items[count++] = e->key.keytype;
        }
    out->count = count;
    return OBOL_OK;
}

// ---- the keys of an acceptor

// The candidates in the order of their likelihood: the ticket's own name and kvno, the kvno's low 8
// bits, then (any_name) other names with the ticket's kvno, and all the rest.
enum tier { OWN_EXACT, OWN_LOOSE, OTHER_EXACT, OTHER_ANY, TIERS };

static enum tier tier_of(const struct keytab_keys *keys, const struct keytab_entry *e,
                         const struct principal *service, int32_t etype, uint32_t kvno) {
    if (e->key.keytype != etype)
        return TIERS;
    bool own = principal_eq(&e->principal, service);
    if (own && kvno_fits(e, kvno, false))
        return OWN_EXACT;
    if (own && kvno_fits(e, kvno, true))
        return OWN_LOOSE;
    if (!keys->any_name)
        return TIERS;
    return !own && kvno_fits(e, kvno, false) ? OTHER_EXACT : OTHER_ANY;
}

static enum obol_code missing(const struct keytab_keys *keys, const struct principal *service,
                              int32_t etype, uint32_t kvno, struct error *err) {
    enum obol_code code = OBOL_KRB_AP_ERR_NOKEY;
    if (!keys->any_name && !has_name(keys->content, service))
        code = OBOL_KRB_AP_ERR_NOT_US;
    else if (!keys->any_name && !has_kvno(keys->content, service, kvno))
        code = OBOL_KRB_AP_ERR_BADKEYVER;
    return no_key(code, keys->content, keys->path, service, kvno, etype, err);
}

// The entry of an attempt. NULL: there is none, and *before is how many there were.
static const struct keytab_entry *candidate(const struct keytab_keys *keys,
                                            const struct principal *service, int32_t etype,
                                            uint32_t kvno, unsigned attempt, unsigned *before) {
    *before = 0;
    for (enum tier tier = OWN_EXACT; tier < TIERS; tier++)
        // The last in the file are the newest.
        for (size_t i = keys->content->count; i > 0; i--) {
            const struct keytab_entry *e = &keys->content->entries[i - 1];
            if (tier_of(keys, e, service, etype, kvno) == tier && (*before)++ == attempt)
                return e;
        }
    return NULL;
}

static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    const struct keytab_keys *keys = ctx;
    unsigned before;
    const struct keytab_entry *e = candidate(keys, service, etype, kvno, attempt, &before);
    if (e)
        return crypto_key_in_arena(key, a, e->key.keytype, e->key.keyvalue, err);
    return before ? OBOL_NOT_FOUND : missing(keys, service, etype, kvno, err);
}

static const struct principal *owner_of(void *ctx, const struct principal *service, int32_t etype,
                                        uint32_t kvno, unsigned attempt) {
    unsigned before;
    const struct keytab_entry *e = candidate(ctx, service, etype, kvno, attempt, &before);
    return e ? &e->principal : NULL;
}

struct ap_key_source keytab_key_source(struct keytab_keys *keys) {
    return (struct ap_key_source){keys, find_key, owner_of};
}
