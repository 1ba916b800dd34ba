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

static uint32_t newest_of(const struct keytab_content *content, const struct principal *name) {
    uint32_t newest = 0;
    for (size_t i = 0; i < content->count; i++)
        if (principal_eq(&content->entries[i].principal, name) && content->entries[i].kvno > newest)
            newest = content->entries[i].kvno;
    return newest;
}

// What to do depends on which of the two is older.
static void advise(const struct keytab_content *content, const char *path,
                   const struct principal *name, struct slice what, uint32_t kvno,
                   struct error *err) {
    uint32_t newest = newest_of(content, name);
    bool has = has_kvno(content, name, kvno);
    if (kvno && !has && newest > kvno)
        error_remedy(
            err,
            "The ticket is of an older key than the keytab's, and clients must get a fresh "
            "ticket after a key change: log in again. If the keytab is of another KDC, "
            "extract the keytab again: obol keytab create %s %.*s.",
            path, SLICE_ARG(what));
    else if (kvno && !has)
        error_remedy(
            err,
            "The key has been changed since the keytab was made: extract the keytab again, "
            "obol keytab create %s %.*s; clients must get a fresh ticket after a key "
            "change.",
            path, SLICE_ARG(what));
    else
        error_remedy(err,
                     "The keytab lacks the key of this enctype: extract the keytab again, obol "
                     "keytab create %s %.*s.",
                     path, SLICE_ARG(what));
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
    if (named)
        advise(content, path, name, what, kvno, err);
    else
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
    const uint32_t newest = newest_of(content, name);
    size_t count = 0;
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

// How likely an entry's key is the one of a ticket: its own name and kvno first, then those of
// which a file knows the low 8 bits. TIERS: it is none.
enum tier { OWN_EXACT, OWN_LOOSE, OWN_OTHER_KVNO, OTHER_EXACT, OTHER_OTHER_KVNO, TIERS };

static bool accepts(const struct keytab_keys *keys, const struct principal *name) {
    return !keys->accepts || keys->accepts(keys->ctx, name);
}

static enum tier tier_of(const struct keytab_keys *keys, const struct keytab_entry *e,
                         const struct principal *service, int32_t etype, uint32_t kvno) {
    if (e->key.keytype != etype || !accepts(keys, &e->principal))
        return TIERS;
    bool own = principal_eq(&e->principal, service);
    if (own && kvno_fits(e, kvno, false))
        return OWN_EXACT;
    if (own && kvno_fits(e, kvno, true))
        return OWN_LOOSE;
    if (!keys->any_name)
        return TIERS;
    if (own)
        return OWN_OTHER_KVNO;
    return kvno_fits(e, kvno, false) ? OTHER_EXACT : OTHER_OTHER_KVNO;
}

// The place of an attempt's entry; *before is how many there were if it is none.
static bool candidate(const struct keytab_keys *keys, const struct principal *service,
                      int32_t etype, uint32_t kvno, unsigned attempt, size_t *place,
                      unsigned *before) {
    *before = 0;
    for (enum tier tier = OWN_EXACT; tier < TIERS; tier++)
        for (size_t i = keys->content->count; i > 0; i--) { // the last in the file are the newest
            const struct keytab_entry *e = &keys->content->entries[i - 1];
            if (tier_of(keys, e, service, etype, kvno) != tier || (*before)++ != attempt)
                continue;
            *place = i - 1;
            return true;
        }
    return false;
}

// Nothing fits: says what the ticket has and what the keytab holds.
static enum obol_code missing(const struct keytab_keys *keys, const struct principal *service,
                              int32_t etype, uint32_t kvno, struct error *err) {
    bool named = !keys->any_name || keys->accepts;
    enum obol_code code = OBOL_KRB_AP_ERR_NOKEY;
    if (named && !has_name(keys->content, service))
        code = OBOL_KRB_AP_ERR_NOT_US;
    else if (named && !has_kvno(keys->content, service, kvno))
        code = OBOL_KRB_AP_ERR_BADKEYVER;
    return no_key(code, keys->content, keys->path, service, kvno, etype, err);
}

// The same where the acceptor answers for some names of the keytab only.
static enum obol_code refused(const struct keytab_keys *keys, const struct principal *service,
                              int32_t etype, uint32_t kvno, struct arena *a, struct error *err) {
    const struct keytab_keys own = {.content = keys->content};
    unsigned before;
    size_t at;
    error_fact(err, "accepts for", "%.*s", SLICE_ARG(keys->accepts_for));
    if (!candidate(&own, service, etype, kvno, 0, &at, &before))
        return missing(keys, service, etype, kvno, err);
    error_remedy(err, "Ask for the service as %.*s, or let it accept for every name in its keytab.",
                 SLICE_ARG(keys->accepts_for));
    return error_set(err, OBOL_KRB_AP_ERR_NOT_US, __func__,
                     "%.*s is another name than the one that is accepted for",
                     SLICE_ARG(principal_text(service, a)));
}

// No candidate opened the ticket. Where the keytab lacks the ticket's own name, kvno or enctype,
// that is why, and not that the keys of others do not fit.
static enum obol_code exhausted(const struct keytab_keys *keys, const struct principal *service,
                                int32_t etype, uint32_t kvno, struct arena *a, struct error *err) {
    const struct keytab_keys own = {.content = keys->content, .path = keys->path};
    unsigned before;
    size_t at;
    if (!accepts(keys, service))
        return refused(keys, service, etype, kvno, a, err);
    if (!candidate(&own, service, etype, kvno, 0, &at, &before))
        return missing(&own, service, etype, kvno, err);
    return OBOL_NOT_FOUND;
}

static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    const struct keytab_keys *keys = ctx;
    unsigned before;
    size_t at;
    if (!candidate(keys, service, etype, kvno, attempt, &at, &before)) {
        if (before)
            return exhausted(keys, service, etype, kvno, a, err);
        return keys->accepts ? refused(keys, service, etype, kvno, a, err)
                             : missing(keys, service, etype, kvno, err);
    }
    const struct encryption_key *held = &keys->content->entries[at].key;
    if (!keys->prepared)
        return crypto_key_in_arena(key, a, held->keytype, held->keyvalue, err);
    if (!keys->prepared[at])
        TRY(crypto_key_new(&keys->prepared[at], held->keytype, held->keyvalue, err));
    *key = keys->prepared[at];
    return OBOL_OK;
}

static const struct principal *owner_of(void *ctx, const struct principal *service, int32_t etype,
                                        uint32_t kvno, unsigned attempt) {
    const struct keytab_keys *keys = ctx;
    unsigned before;
    size_t at;
    if (!candidate(keys, service, etype, kvno, attempt, &at, &before))
        return NULL;
    return &keys->content->entries[at].principal;
}

struct ap_key_source keytab_key_source(struct keytab_keys *keys) {
    return (struct ap_key_source){keys, find_key, owner_of};
}
