// sid.c: security identifiers (MS-DTYP 2.4.2): who somebody is, whatever the name.
#include "pac/pac.h"

#define SID_REVISION 1

void sid_read(struct reader *r, struct sid *out) {
    *out = (struct sid){0};
    if (reader_u8(r) != SID_REVISION)
        reader_fail(r);
    out->count = reader_u8(r);
    struct slice authority = reader_bytes(r, sizeof out->authority);
    if (out->count > SID_SUB_MAX)
        reader_fail(r);
    if (!reader_ok(r)) {
        *out = (struct sid){0};
        return;
    }
    memcpy(out->authority, authority.ptr, authority.len);
    for (unsigned i = 0; i < out->count; i++)
        out->sub[i] = reader_le32(r);
}

void sid_write(struct writer *w, const struct sid *sid) {
    writer_u8(w, SID_REVISION);
    writer_u8(w, sid->count);
    writer_bytes(w, slice_of(sid->authority, sizeof sid->authority));
    for (unsigned i = 0; i < sid->count; i++)
        writer_le32(w, sid->sub[i]);
}

size_t sid_length(const struct sid *sid) {
    return 8 + (size_t)sid->count * 4;
}

static bool starts(const struct sid *sid, const struct sid *with) {
    return sid->count >= with->count &&
           memcmp(sid->authority, with->authority, sizeof sid->authority) == 0 &&
           memcmp(sid->sub, with->sub, with->count * sizeof *with->sub) == 0;
}

bool sid_eq(const struct sid *a, const struct sid *b) {
    return a->count == b->count && starts(a, b);
}

bool sid_in_domain(const struct sid *sid, const struct sid *domain, uint32_t *rid) {
    if (domain->count == 0 || sid->count != domain->count + 1 || !starts(sid, domain))
        return false;
    if (rid)
        *rid = sid->sub[domain->count];
    return true;
}

bool sid_add(const struct sid *domain, uint32_t rid, struct sid *out) {
    *out = *domain;
    if (out->count >= SID_SUB_MAX)
        return false;
    out->sub[out->count++] = rid;
    return true;
}

// The digits up to the next '-' or the end.
static bool take_number(struct slice *text, uint64_t max, uint64_t *out) {
    size_t n = slice_find(*text, '-');
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = text->ptr[i];
        if (c < '0' || c > '9' || *out > (max - (uint64_t)(c - '0')) / 10)
            return false;
        *out = *out * 10 + (uint64_t)(c - '0');
    }
    *text = slice_sub(*text, n + 1, text->len);
    return n > 0;
}

bool sid_parse(struct slice text, struct sid *out) {
    uint64_t n;
    *out = (struct sid){0};
    bool ends_well = text.len > 0 && text.ptr[text.len - 1] != '-';
    if (!ends_well || !slice_starts(text, SLICE_LITERAL("S-1-")))
        return false;
    text = slice_sub(text, 4, text.len);
    if (!take_number(&text, (UINT64_C(1) << 48) - 1, &n))
        return false;
    for (size_t i = sizeof out->authority; i > 0; i--, n >>= 8)
        out->authority[i - 1] = (uint8_t)n;
    while (text.len) {
        if (out->count >= SID_SUB_MAX || !take_number(&text, UINT32_MAX, &n))
            return false;
        out->sub[out->count++] = (uint32_t)n;
    }
    return true;
}

void sid_format(struct writer *w, const struct sid *sid) {
    uint64_t authority = 0;
    for (size_t i = 0; i < sizeof sid->authority; i++)
        authority = authority << 8 | sid->authority[i];
    writer_printf(w, "S-1-%llu", (unsigned long long)authority);
    for (unsigned i = 0; i < sid->count; i++)
        writer_printf(w, "-%u", sid->sub[i]);
}
