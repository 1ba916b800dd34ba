// oidset.c: calls on OIDs and their sets (RFC 2744 5.3, 5.8, 5.26, 5.30; RFC 2743 2.4). An OID that
// the library names is static; only gss_str_to_oid makes one, and gss_release_oid knows it.
#include "base/reader.h"
#include "gssapi/handles.h"
#include "gssapi/status.h"
#include <stdlib.h>

#define OID_TEXT_MAX 4096 // characters of an OID's text

static bool oid_whole(gss_const_OID oid) {
    return oid && oid->length && oid->elements;
}

int gss_oid_equal(gss_const_OID a, gss_const_OID b) {
    return a && b && a->length == b->length &&
           (a->length == 0 || memcmp(a->elements, b->elements, a->length) == 0);
}

OM_uint32 gss_create_empty_oid_set(OM_uint32 *minor, gss_OID_set *set) {
    if (set)
        *set = GSS_C_NO_OID_SET;
    if (gssapi_begin(minor) || !set)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    *set = calloc(1, sizeof **set);
    return *set ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}

OM_uint32 gss_add_oid_set_member(OM_uint32 *minor, gss_OID member, gss_OID_set *set) {
    if (gssapi_begin(minor) || !set)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!oid_whole(member) || !*set)
        return GSS_S_CALL_INACCESSIBLE_READ;
    int present = 0;
    OM_uint32 major = gss_test_oid_set_member(minor, member, *set, &present);
    if (major || present) // RFC 2744 5.3: that it is there is no error, and the set stays as it is
        return major;
    gss_OID_set s = *set;
    gss_OID more = reallocarray(s->elements, s->count + 1, sizeof *more);
    if (!more)
        return gssapi_no_memory(minor);
    s->elements = more;
    gss_OID last = &more[s->count];
    last->elements = malloc(member->length);
    if (!last->elements)
        return gssapi_no_memory(minor);
    memcpy(last->elements, member->elements, member->length);
    last->length = member->length;
    s->count++;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_test_oid_set_member(OM_uint32 *minor, gss_OID member, gss_OID_set set, int *present) {
    if (present)
        *present = 0;
    if (gssapi_begin(minor) || !present)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!member || !set || (set->count && !set->elements))
        return GSS_S_CALL_INACCESSIBLE_READ;
    for (size_t i = 0; i < set->count && !*present; i++)
        *present = gss_oid_equal(member, &set->elements[i]);
    return GSS_S_COMPLETE;
}

OM_uint32 gss_release_oid_set(OM_uint32 *minor, gss_OID_set *set) {
    if (minor)
        *minor = 0;
    if (!set || !*set)
        return GSS_S_COMPLETE;
    for (size_t i = 0; i < (*set)->count; i++)
        free((*set)->elements[i].elements);
    free((*set)->elements);
    free(*set);
    *set = GSS_C_NO_OID_SET;
    return GSS_S_COMPLETE;
}

OM_uint32 gssapi_mechs_set(OM_uint32 *minor, unsigned mechs, gss_OID_set *out) {
    gss_OID_set set;
    OM_uint32 major = gss_create_empty_oid_set(minor, &set);
    for (unsigned mech = 1; major == GSS_S_COMPLETE && mech <= GSSAPI_ALL_MECHS; mech <<= 1)
        if (mechs & mech)
            major = gss_add_oid_set_member(minor, gssapi_mech_oid(mech), &set);
    if (major != GSS_S_COMPLETE)
        (void)gss_release_oid_set(NULL, &set);
    *out = set;
    return major;
}

OM_uint32 gss_release_oid(OM_uint32 *minor, gss_OID *oid) {
    if (gssapi_begin(minor) || !oid)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (*oid && *oid != gssapi_oid_static(*oid)) {
        free((*oid)->elements);
        free(*oid);
    }
    *oid = GSS_C_NO_OID;
    return GSS_S_COMPLETE;
}

// One arc in base 128, most significant group first. False past the end of the buffer.
static bool put_arc(struct writer *w, uint64_t arc) {
    int shift = 0;
    while (shift <= 56 && arc >> (shift + 7))
        shift += 7;
    for (; shift >= 0; shift -= 7)
        writer_u8(w, (uint8_t)(((arc >> shift) & 0x7f) | (shift ? 0x80 : 0)));
    return writer_ok(w);
}

static bool is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The next decimal number, with what separates it from the one after. False if there is none.
static bool get_arc(struct slice text, size_t *at, uint64_t *arc) {
    size_t begin = *at;
    for (*arc = 0; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; (*at)++) {
        unsigned digit = text.ptr[*at] - '0';
        if (*arc > (UINT64_MAX - digit) / 10)
            return false;
        *arc = *arc * 10 + digit;
    }
    bool found = *at > begin;
    while (*at < text.len && (is_space(text.ptr[*at]) || text.ptr[*at] == '.'))
        (*at)++;
    return found;
}

// "{ 1 2 840 }", "1.2.840", with a NUL behind it or not.
static bool read_oid(struct slice text, struct writer *w) {
    while (text.len && text.ptr[text.len - 1] == '\0')
        text.len--;
    text = slice_trim(text);
    bool braced = text.len >= 2 && text.ptr[0] == '{';
    if (braced) {
        if (text.ptr[text.len - 1] != '}')
            return false;
        text = slice_trim(slice_sub(text, 1, text.len - 2));
    }
    size_t at = 0;
    uint64_t first, second, arc;
    if (!get_arc(text, &at, &first) || !get_arc(text, &at, &second))
        return false;
    // ITU-T X.690 8.19.4: the first two arcs share an octet string.
    if (first > 2 || (first < 2 && second > 39) || second > UINT64_MAX - 80)
        return false;
    if (!put_arc(w, first * 40 + second))
        return false;
    while (at < text.len)
        if (!get_arc(text, &at, &arc) || !put_arc(w, arc))
            return false;
    return true;
}

OM_uint32 gss_str_to_oid(OM_uint32 *minor, gss_buffer_t text, gss_OID *out) {
    if (out)
        *out = GSS_C_NO_OID;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!text || !text->value || text->length == 0)
        return GSS_S_CALL_INACCESSIBLE_READ;
    uint8_t bytes[OID_TEXT_MAX];
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    if (text->length > OID_TEXT_MAX || !read_oid(gssapi_slice(text), &w))
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "\"%.*s\" is not an OID; write it as { 1 2 840 } or 1.2.840",
                             SLICE_ARG(gssapi_slice(text)));
    gss_OID oid = malloc(sizeof *oid);
    if (!oid)
        return gssapi_no_memory(minor);
    oid->length = (OM_uint32)w.len;
    oid->elements = malloc(w.len);
    if (!oid->elements) {
        free(oid);
        return gssapi_no_memory(minor);
    }
    memcpy(oid->elements, bytes, w.len);
    *out = oid;
    return GSS_S_COMPLETE;
}

static void write_oid(struct writer *w, struct slice octets) {
    writer_str(w, "{ ");
    uint64_t arc = 0;
    bool first = true;
    for (size_t i = 0; i < octets.len; i++) {
        if (arc >> 57)
            w->failed = true; // an arc of more than 64 bits
        arc = arc << 7 | (octets.ptr[i] & 0x7f);
        if (octets.ptr[i] & 0x80)
            continue;
        uint64_t top = arc < 40 ? 0 : arc < 80 ? 1 : 2;
        if (first)
            writer_printf(w, "%llu %llu ", (unsigned long long)top,
                          (unsigned long long)(arc - top * 40));
        else
            writer_printf(w, "%llu ", (unsigned long long)arc);
        first = false;
        arc = 0;
    }
    writer_u8(w, '}');
    if (octets.ptr[octets.len - 1] & 0x80)
        w->failed = true; // the last arc has no end
}

OM_uint32 gss_oid_to_str(OM_uint32 *minor, gss_OID oid, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!oid_whole(oid))
        return GSS_S_CALL_INACCESSIBLE_READ;
    uint8_t text[OID_TEXT_MAX];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    write_oid(&w, slice_of(oid->elements, oid->length));
    writer_u8(&w, '\0'); // counted, as MIT krb5 counts it
    if (!writer_ok(&w))
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "the OID of %u octets is malformed", (unsigned)oid->length);
    return gssapi_buffer_copy(out, writer_slice(&w)) ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}
