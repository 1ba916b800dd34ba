// marshal.c: see marshal.h. The four versions differ in the order of bytes, in a second enctype
// (3), and in how a principal counts its components (1).
#include "cred/marshal.h"
#include "cred/ccache.h"

static bool little_endian(unsigned version) {
    return version < 3 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

// ---- writing

static void put16(struct writer *w, unsigned version, int32_t v) {
    if (v < INT16_MIN || v > UINT16_MAX)
        w->failed = true;
    if (little_endian(version))
        writer_le16(w, (uint16_t)v);
    else
        writer_be16(w, (uint16_t)v);
}

static void put32(struct writer *w, unsigned version, int64_t v) {
    if (v < INT32_MIN || v > UINT32_MAX)
        w->failed = true;
    if (little_endian(version))
        writer_le32(w, (uint32_t)v);
    else
        writer_be32(w, (uint32_t)v);
}

static void put_data(struct writer *w, unsigned version, struct slice s) {
    put32(w, version, s.len > CCACHE_SIZE_MAX ? INT64_MAX : (int64_t)s.len);
    writer_bytes(w, s);
}

void principal_marshal(struct writer *w, unsigned version, const struct principal *p) {
    const struct slice_list *parts = &p->name.name_string;
    if (version > 1)
        put32(w, version, p->name.name_type);
    put32(w, version, (int64_t)parts->count + (version == 1));
    put_data(w, version, p->realm);
    for (size_t i = 0; i < parts->count; i++)
        put_data(w, version, parts->items[i]);
}

void cred_write(struct writer *w, unsigned version, const struct cred *c) {
    principal_marshal(w, version, &c->client);
    principal_marshal(w, version, &c->server);
    put16(w, version, c->key.keytype);
    if (version == 3)
        put16(w, version, c->key.keytype);
    put_data(w, version, c->key.keyvalue);
    const int64_t times[] = {c->authtime, c->starttime, c->endtime, c->renew_till};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        if (times[i] < 0)
            w->failed = true;
        put32(w, version, times[i]);
    }
    writer_u8(w, c->is_skey);
    put32(w, version, c->flags);
    put32(w, version, (int64_t)c->addresses.count);
    for (size_t i = 0; i < c->addresses.count; i++) {
        put16(w, version, c->addresses.items[i].addr_type);
        put_data(w, version, c->addresses.items[i].address);
    }
    put32(w, version, (int64_t)c->authdata.count);
    for (size_t i = 0; i < c->authdata.count; i++) {
        put16(w, version, c->authdata.items[i].ad_type);
        put_data(w, version, c->authdata.items[i].ad_data);
    }
    put_data(w, version, c->ticket);
    put_data(w, version, c->second_ticket);
}

// ---- reading

struct source {
    struct reader *r;
    unsigned version;
    struct arena *arena;
    bool absurd; // a length that no cache has: this is no entry, whole or cut off
};

static int32_t get16(struct source *s) {
    uint16_t v = little_endian(s->version) ? reader_le16(s->r) : reader_be16(s->r);
    return (int16_t)v; // enctypes and types of authdata may be negative
}

static uint32_t get32(struct source *s) {
    return little_endian(s->version) ? reader_le32(s->r) : reader_be32(s->r);
}

static uint32_t get_length(struct source *s) {
    uint32_t n = get32(s);
    if (n > CCACHE_SIZE_MAX) {
        s->absurd = true;
        reader_fail(s->r);
        return 0;
    }
    return n;
}

static struct slice get_data(struct source *s) {
    return reader_bytes(s->r, get_length(s));
}

// get_count reads how many elements of at least `least` bytes follow; none if that many bytes are
// not there, so that nothing is allocated for a length that is only claimed.
static size_t get_count(struct source *s, size_t least) {
    uint32_t n = get_length(s);
    if (n <= reader_left(s->r) / least)
        return n;
    reader_fail(s->r);
    return 0;
}

static enum obol_code get_principal(struct source *s, struct principal *out, struct error *err) {
    *out = (struct principal){0};
    if (s->version > 1)
        out->name.name_type = (int32_t)get32(s);
    size_t count = get_count(s, 4);
    if (s->version == 1 && count-- == 0) {
        count = 0;
        reader_fail(s->r);
    }
    out->realm = get_data(s);
    out->name.name_string.items = arena_zalloc(s->arena, count + 1, sizeof(struct slice));
    ENSURE_MEMORY(out->name.name_string.items);
    out->name.name_string.count = count;
    for (size_t i = 0; i < count; i++)
        out->name.name_string.items[i] = get_data(s);
    return OBOL_OK;
}

static enum obol_code get_addresses(struct source *s, struct host_address_list *out,
                                    struct error *err) {
    out->count = get_count(s, 6);
    out->items = arena_zalloc(s->arena, out->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].addr_type = get16(s);
        out->items[i].address = get_data(s);
    }
    return OBOL_OK;
}

static enum obol_code get_authdata(struct source *s, struct authdata_list *out, struct error *err) {
    out->count = get_count(s, 6);
    out->items = arena_zalloc(s->arena, out->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].ad_type = get16(s);
        out->items[i].ad_data = get_data(s);
    }
    return OBOL_OK;
}

static enum obol_code finish(const struct source *s, const char *what, struct error *err) {
    ENSURE(!s->absurd, CCACHE_FORMAT, "a length in %s is above %u", what, CCACHE_SIZE_MAX);
    ENSURE(reader_ok(s->r), NOT_FOUND, "%s is cut off", what);
    return OBOL_OK;
}

enum obol_code principal_unmarshal(struct reader *r, unsigned version, struct arena *a,
                                   struct principal *out, struct error *err) {
    struct source s = {r, version, a, false};
    TRY(get_principal(&s, out, err));
    return finish(&s, "the principal", err);
}

enum obol_code cred_read(struct reader *r, unsigned version, struct arena *a, struct cred *out,
                         struct error *err) {
    struct source s = {r, version, a, false};
    *out = (struct cred){0};
    TRY(get_principal(&s, &out->client, err));
    TRY(get_principal(&s, &out->server, err));
    out->key.keytype = get16(&s);
    if (version == 3)
        (void)get16(&s);
    out->key.keyvalue = get_data(&s);
    out->authtime = get32(&s);
    out->starttime = get32(&s);
    out->endtime = get32(&s);
    out->renew_till = get32(&s);
    out->is_skey = reader_u8(r) != 0;
    out->flags = get32(&s);
    TRY(get_addresses(&s, &out->addresses, err));
    TRY(get_authdata(&s, &out->authdata, err));
    out->ticket = get_data(&s);
    out->second_ticket = get_data(&s);
    return finish(&s, "an entry", err);
}
