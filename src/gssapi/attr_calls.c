// attr_calls.c: the calls of the naming extensions (RFC 6680 7). Attributes have the names that MIT
// krb5 gives them: "urn:mspac:" is the whole PAC, "urn:mspac:logon-info" and such its buffers,
// "auth-indicators" the indicators, a value each.
#include "gssapi/attr.h"
#include "gssapi/name.h"
#include "gssapi/status.h"
#include "proto/authdata.h"
#include "proto/codes.h"
#include <stdlib.h>

#define NO_SUCH_NAME (GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME)
#define PAC_PREFIX   "urn:mspac:"
#define INDICATORS   "auth-indicators"

static const struct {
    uint32_t type;
    const char *name;
} pac_names[] = {
    {1, PAC_PREFIX "logon-info"},      {2, PAC_PREFIX "credentials-info"},
    {6, PAC_PREFIX "server-checksum"}, {7, PAC_PREFIX "privsvr-checksum"},
    {10, PAC_PREFIX "client-info"},    {11, PAC_PREFIX "delegation-info"},
    {12, PAC_PREFIX "upn-dns-info"},
};

static void pac_name_write(struct writer *w, uint32_t type) {
    for (size_t i = 0; i < COUNT_OF(pac_names); i++)
        if (pac_names[i].type == type) {
            writer_str(w, pac_names[i].name);
            return;
        }
    writer_printf(w, PAC_PREFIX "%u", type);
}

// The buffer that a name means; false if it is none of a PAC. *whole: all of it.
static bool pac_name_read(struct slice name, uint32_t *type, bool *whole) {
    size_t prefix = sizeof PAC_PREFIX - 1;
    *whole = false;
    if (!slice_eq_nocase(slice_sub(name, 0, prefix), SLICE_LITERAL(PAC_PREFIX)))
        return false;
    for (size_t i = 0; i < COUNT_OF(pac_names); i++)
        if (slice_eq_nocase(name, slice_str(pac_names[i].name))) {
            *type = pac_names[i].type;
            return true;
        }
    struct slice number = slice_sub(name, prefix, name.len);
    *whole = number.len == 0;
    uint64_t value = 0;
    for (size_t i = 0; i < number.len; i++) {
        if (number.ptr[i] < '0' || number.ptr[i] > '9' || value > UINT32_MAX)
            return false;
        value = value * 10 + (uint64_t)(number.ptr[i] - '0');
    }
    *type = (uint32_t)value;
    return value <= UINT32_MAX;
}

// A value that was found.
struct found {
    const struct gssapi_attr *attr;
    struct slice value;
    bool text; // to be shown as it is
    int more;  // the next index of this attribute; 0: none
};

static bool find_pac(const struct gssapi_attrs *attrs, struct slice name, struct found *out) {
    uint32_t type = 0;
    bool whole;
    if (!pac_name_read(name, &type, &whole))
        return false;
    for (size_t i = 0; i < attrs->count; i++) {
        const struct gssapi_attr *attr = &attrs->items[i];
        struct slice value = attr->data;
        if (attr->ad_type != AD_WIN2K_PAC ||
            (!whole && !gssapi_pac_buffer(attr->data, type, &value)))
            continue;
        *out = (struct found){attr, value, false, 0};
        return true;
    }
    return false;
}

// The index-th indicator of all elements.
static bool find_indicator(const struct gssapi_attrs *attrs, struct arena *a, size_t index,
                           struct found *out) {
    size_t seen = 0;
    bool found = false;
    for (size_t i = 0; i < attrs->count; i++) {
        struct slice_list list;
        if (attrs->items[i].ad_type != AD_AUTHENTICATION_INDICATOR ||
            der_decode(&TYPE_AD_AUTHENTICATION_INDICATOR, attrs->items[i].data, a, &list, NULL) !=
                OBOL_OK)
            continue;
        for (size_t j = 0; j < list.count; j++, seen++) {
            if (found && seen > index) {
                out->more = (int)seen;
                return true;
            }
            if (seen == index) {
                *out = (struct found){&attrs->items[i], list.items[j], true, 0};
                found = true;
            }
        }
    }
    return found;
}

static OM_uint32 no_attribute(OM_uint32 *minor, gss_buffer_t attr) {
    return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_NOT_FOUND,
                         "the name has no attribute \"%.*s\"", SLICE_ARG(gssapi_slice(attr)));
}

static void set_int(int *out, int value) {
    if (out)
        *out = value;
}

static OM_uint32 give(OM_uint32 *minor, const struct found *f, int *authenticated, int *complete,
                      gss_buffer_t value, gss_buffer_t display, int *more) {
    if (value && !gssapi_buffer_copy(value, f->value))
        return gssapi_no_memory(minor);
    if (display && f->text && !gssapi_buffer_copy(display, f->value)) {
        (void)gss_release_buffer(NULL, value);
        return gssapi_no_memory(minor);
    }
    set_int(authenticated, f->attr->verified);
    set_int(complete, 1);
    *more = f->more;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_get_name_attribute(OM_uint32 *minor, gss_name_t name, gss_buffer_t attr,
                                 int *authenticated, int *complete, gss_buffer_t value,
                                 gss_buffer_t display, int *more) {
    set_int(authenticated, 0);
    set_int(complete, 0);
    if (value)
        *value = (gss_buffer_desc){0};
    if (display)
        *display = (gss_buffer_desc){0};
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!attr || !attr->value || !more)
        return GSS_S_CALL_INACCESSIBLE_READ;
    struct slice asked = gssapi_slice(attr);
    struct found f = {0};
    if (!name->attrs)
        return no_attribute(minor, attr);
    if (*more == -1 && find_pac(name->attrs, asked, &f))
        return give(minor, &f, authenticated, complete, value, display, more);
    struct arena *a = gssapi_arena_take();
    if (!a)
        return gssapi_no_memory(minor);
    OM_uint32 major = slice_eq_str(asked, INDICATORS) && *more >= -1 &&
                              find_indicator(name->attrs, a, *more < 0 ? 0 : (size_t)*more, &f)
                          ? give(minor, &f, authenticated, complete, value, display, more)
                          : no_attribute(minor, attr);
    gssapi_arena_give(a);
    return major;
}

static bool add_name(gss_buffer_set_t *set, const struct writer *w) {
    OM_uint32 minor;
    gss_buffer_desc text = {w->len, w->out.ptr};
    return gss_add_buffer_set_member(&minor, &text, set) == GSS_S_COMPLETE;
}

static bool list_attributes(const struct gssapi_attrs *attrs, gss_buffer_set_t *set) {
    bool ok = true, indicators = false;
    for (size_t i = 0; attrs && i < attrs->count && ok; i++) {
        uint8_t text[64];
        struct writer w = writer_to_buf(buf_of(text, sizeof text));
        indicators = indicators || attrs->items[i].ad_type == AD_AUTHENTICATION_INDICATOR;
        if (attrs->items[i].ad_type != AD_WIN2K_PAC)
            continue;
        writer_str(&w, PAC_PREFIX);
        ok = add_name(set, &w);
        uint32_t type;
        for (size_t n = 0; ok && gssapi_pac_type(attrs->items[i].data, n, &type); n++) {
            w = writer_to_buf(buf_of(text, sizeof text));
            pac_name_write(&w, type);
            ok = add_name(set, &w);
        }
    }
    struct writer w = writer_to_buf(buf_of((void *)(uintptr_t)INDICATORS, sizeof INDICATORS - 1));
    w.len = w.out.len;
    return ok && (!indicators || add_name(set, &w));
}

OM_uint32 gss_inquire_name(OM_uint32 *minor, gss_name_t name, int *is_mn, gss_OID *mech,
                           gss_buffer_set_t *attrs) {
    set_int(is_mn, 0);
    if (mech)
        *mech = GSS_C_NO_OID;
    if (attrs)
        *attrs = GSS_C_NO_BUFFER_SET;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    set_int(is_mn, name->mech != 0);
    if (mech && name->mech)
        *mech = gssapi_mech_oid(name->mech);
    if (attrs && !list_attributes(name->attrs, attrs)) {
        (void)gss_release_buffer_set(NULL, attrs);
        return gssapi_no_memory(minor);
    }
    return GSS_S_COMPLETE;
}

// RFC 6680 7.6, 7.7: what a ticket says about its client is the KDC's to change.
OM_uint32 gss_set_name_attribute(OM_uint32 *minor, gss_name_t name, int complete, gss_buffer_t attr,
                                 gss_buffer_t value) {
    UNUSED(complete);
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!attr || !value)
        return GSS_S_CALL_INACCESSIBLE_READ;
    return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                         "attribute \"%.*s\" is not one that a program can set",
                         SLICE_ARG(gssapi_slice(attr)));
}

OM_uint32 gss_delete_name_attribute(OM_uint32 *minor, gss_name_t name, gss_buffer_t attr) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!attr)
        return GSS_S_CALL_INACCESSIBLE_READ;
    return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                         "attribute \"%.*s\" is not one that a program can delete",
                         SLICE_ARG(gssapi_slice(attr)));
}

// The one mapping that MIT krb5 gives out, and squid asks for: the PAC as a krb5_pac.
static bool is_mspac(gss_buffer_t type_id) {
    return slice_eq(gssapi_slice(type_id), SLICE_LITERAL("mspac"));
}

OM_uint32 gss_map_name_to_any(OM_uint32 *minor, gss_name_t name, int authenticated,
                              gss_buffer_t type_id, gss_any_t *out) {
    if (out)
        *out = NULL;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!type_id)
        return GSS_S_CALL_INACCESSIBLE_READ;
    struct found pac;
    if (!is_mspac(type_id) || !name->attrs ||
        !find_pac(name->attrs, SLICE_LITERAL("urn:mspac:"), &pac) ||
        (authenticated && !pac.attr->verified))
        return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                             "no mapping \"%.*s\"; take the attributes with gss_get_name_attribute",
                             SLICE_ARG(gssapi_slice(type_id)));
    *out = (gss_any_t)gssapi_pac_handle(pac.value);
    return *out ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}

OM_uint32 gss_release_any_name_mapping(OM_uint32 *minor, gss_name_t name, gss_buffer_t type_id,
                                       gss_any_t *input) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!type_id || !input)
        return GSS_S_CALL_INACCESSIBLE_READ;
    if (!is_mspac(type_id))
        return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                             "no such mapping was ever given out");
    gssapi_pac_handle_free((struct krb5_pac_data *)*input);
    *input = NULL;
    return GSS_S_COMPLETE;
}
