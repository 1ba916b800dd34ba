// transited.c: see transited.h.
#include "krb/transited.h"
#include "krb/principal.h"

// Whether a realm's name can stand in a path at all (RFC 4120 6.1 allows none that cannot).
static bool is_name(struct slice realm) {
    return realm.len > 0 && realm.ptr[0] != ' ' && realm.ptr[0] != '.' &&
           slice_find(realm, 0) == realm.len;
}

static void write_quoted(struct writer *w, struct slice text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ',' || text.ptr[i] == '\\')
            writer_u8(w, '\\');
        writer_u8(w, text.ptr[i]);
    }
}

// The field of a realm behind `last`. What it shares with it is left out: a field that ends in '.'
// stands before the last realm, one that begins with '/' behind it.
static void write_field(struct writer *w, struct slice last, struct slice realm) {
    bool x500 = last.len && last.ptr[0] == '/';
    if (x500 && slice_starts(realm, last) && realm.len > last.len && realm.ptr[last.len] == '/') {
        write_quoted(w, slice_sub(realm, last.len, SIZE_MAX));
        return;
    }
    if (last.len && realm.ptr[0] != '/' && realm_is_below(realm, last)) {
        write_quoted(w, slice_sub(realm, 0, realm.len - last.len));
        return;
    }
    bool ends_in_dot = realm.ptr[realm.len - 1] == '.';
    if (realm.ptr[0] == '/' && last.len)
        writer_u8(w, ' '); // it is whole
    write_quoted(w, slice_sub(realm, 0, realm.len - ends_in_dot));
    writer_str(w, ends_in_dot ? "\\." : "");
}

enum obol_code transited_append(const struct transited_encoding *path, struct slice client,
                                struct slice realm, struct arena *a, struct transited_encoding *out,
                                struct error *err) {
    struct slice_list came;
    struct slice last = {0};
    ENSURE(path->contents.len == 0 || path->tr_type == TR_DOMAIN_X500_COMPRESS,
           KDC_ERR_TRTYPE_NOSUPP, "the path of realms is in encoding %d", path->tr_type);
    ENSURE(is_name(realm), KDC_ERR_PATH_NOT_ACCEPTED, "realm \"%.*s\" cannot stand in a path",
           SLICE_ARG(realm));
    // Of a path that cannot be read nothing is known to share; it is the check that refuses it.
    if (transited_expand(path, client, realm, a, &came, NULL) == OBOL_OK && came.count)
        last = came.items[came.count - 1];
    struct writer w = writer_to_arena(a);
    writer_bytes(&w, path->contents);
    if (path->contents.len)
        writer_u8(&w, ',');
    write_field(&w, last, realm);
    ENSURE(writer_ok(&w), NO_MEMORY, "the request's memory is used up");
    *out = (struct transited_encoding){TR_DOMAIN_X500_COMPRESS, writer_slice(&w)};
    return OBOL_OK;
}

// ---- reading

#define REALMS_MAX 64u
#define REALM_MAX  1024u

struct expand {
    struct slice client, server;
    struct arena *arena;
    struct slice_list *out;
    bool gap; // an empty field stands before the next one
    struct error *err;
};

static enum obol_code add_realm(struct expand *x, struct slice realm) {
    struct error *err = x->err;
    ENSURE(x->out->count < REALMS_MAX && realm.len > 0 && realm.len <= REALM_MAX,
           KDC_ERR_PATH_NOT_ACCEPTED, "the path of realms is longer than %u, or names an empty one",
           REALMS_MAX);
    x->out->items[x->out->count++] = realm;
    return OBOL_OK;
}

// The realms between two of which one is below the other, both left out. Down from the upper one
// they stand in the other order, which nobody here asks for.
static enum obol_code fill_gap(struct expand *x, struct slice from, struct slice to) {
    struct error *err = x->err;
    bool up = realm_is_below(from, to), down = realm_is_below(to, from);
    ENSURE(
        up || down || slice_eq(from, to), KDC_ERR_PATH_NOT_ACCEPTED,
        "the path of realms leaves out what is between %.*s and %.*s, which is not said by their "
        "names",
        SLICE_ARG(from), SLICE_ARG(to));
    struct slice upper = up ? to : from;
    for (struct slice r = realm_parent(up ? from : to); up || down; r = realm_parent(r)) {
        if (r.len <= upper.len)
            break;
        TRY(add_realm(x, r));
    }
    return OBOL_OK;
}

static struct slice last_realm(const struct expand *x) {
    return x->out->count ? x->out->items[x->out->count - 1] : x->client;
}

static enum obol_code join(struct expand *x, struct slice a, struct slice b) {
    struct writer w = writer_to_arena(x->arena);
    writer_bytes(&w, a);
    writer_bytes(&w, b);
    return writer_ok(&w) ? add_realm(x, writer_slice(&w)) : OBOL_NO_MEMORY;
}

// A field, its quoting undone. One that ends in '.' is put before the realm before it, one that
// begins with '/' behind it; a space in front says that neither is meant.
static enum obol_code take_field(struct expand *x, struct slice field, bool quoted_end) {
    struct error *err = x->err;
    struct slice before = last_realm(x), realm = field;
    if (field.len == 0) {
        ENSURE(!x->gap || x->out->count == 0, KDC_ERR_PATH_NOT_ACCEPTED,
               "the path of realms has two empty fields");
        x->gap = true;
        return OBOL_OK;
    }
    size_t at = x->out->count;
    if (field.ptr[0] == ' ')
        TRY(add_realm(x, slice_sub(field, 1, SIZE_MAX)));
    else if (field.ptr[field.len - 1] == '.' && !quoted_end)
        TRY(join(x, field, before));
    else if (field.ptr[0] == '/' && x->out->count && before.ptr[0] == '/')
        TRY(join(x, before, field));
    else
        TRY(add_realm(x, realm));
    if (!x->gap)
        return OBOL_OK;
    x->gap = false;
    realm = x->out->items[at];
    return fill_gap(x, before, realm);
}

enum obol_code transited_expand(const struct transited_encoding *path, struct slice client,
                                struct slice server, struct arena *a, struct slice_list *out,
                                struct error *err) {
    struct expand x = {client, server, a, out, false, err};
    struct slice all = path->contents;
    *out = (struct slice_list){arena_zalloc(a, REALMS_MAX, sizeof *out->items), 0};
    ENSURE_MEMORY(out->items);
    if (all.len == 0)
        return OBOL_OK;
    ENSURE(path->tr_type == TR_DOMAIN_X500_COMPRESS, KDC_ERR_TRTYPE_NOSUPP,
           "the path of realms is in encoding %d", path->tr_type);
    for (size_t i = 0; i <= all.len; i++) {
        struct writer field = writer_to_arena(a);
        bool quoted = false;
        for (; i < all.len && all.ptr[i] != ','; i++) {
            quoted = all.ptr[i] == '\\' && i + 1 < all.len;
            writer_u8(&field, all.ptr[quoted ? ++i : i]);
        }
        ENSURE(writer_ok(&field), NO_MEMORY, "the request's memory is used up");
        TRY(take_field(&x, writer_slice(&field), quoted));
    }
    return x.gap ? fill_gap(&x, last_realm(&x), server) : OBOL_OK;
}

enum obol_code transited_check(const struct transited_encoding *path, struct slice client,
                               struct slice server, const struct realm_path_source *source,
                               struct arena *a, struct error *err) {
    struct slice_list came, allowed = {0};
    // RFC 8062 4.3: whoever has no name came from no realm.
    if (path->contents.len == 0 || slice_eq(client, principal_anonymous().realm))
        return OBOL_OK;
    TRY(transited_expand(path, client, server, a, &came, err));
    ENSURE(realm_path_find(source, client, server, a, &allowed), NO_MEMORY,
           "the request's memory is used up");
    for (size_t i = 0; i < came.count; i++) {
        struct slice realm = came.items[i];
        bool fits = slice_eq(realm, client) || slice_eq(realm, server);
        for (size_t k = 0; k < allowed.count && !fits; k++)
            fits = slice_eq(realm, allowed.items[k]);
        if (fits)
            continue;
        error_remedy(err, "If %.*s may vouch for clients of %.*s: [capaths] %.*s = { %.*s = %.*s }",
                     SLICE_ARG(realm), SLICE_ARG(client), SLICE_ARG(client), SLICE_ARG(server),
                     SLICE_ARG(realm));
        ENSURE(false, KDC_ERR_PATH_NOT_ACCEPTED,
               "the client of %.*s came through %.*s, which is not on the way to %.*s",
               SLICE_ARG(client), SLICE_ARG(realm), SLICE_ARG(server));
    }
    return OBOL_OK;
}
