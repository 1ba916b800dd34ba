// gssapi_calls_names.h: the calls of fuzz_gssapi_calls.c on names, OIDs, mechanisms and bytes.
#ifndef OBOL_TESTS_FUZZ_GSSAPI_CALLS_NAMES_H
#define OBOL_TESTS_FUZZ_GSSAPI_CALLS_NAMES_H

#include "gssapi_calls.h"

static inline void call_import_name(struct play *p) {
    gss_buffer_desc hold;
    struct name_out o;
    gss_buffer_t text = bytes_in(p, &hold);
    gss_OID type = oid_in(p);
    name_take(p, &o, done(p, gss_import_name(p->m, text, type, name_want(p, &o))));
}
static inline void call_display_name(struct play *p) {
    gss_name_t name = name_in(p);
    struct buffer_out o;
    gss_OID type = &STRANGE_OID;
    OM_uint32 major = done(p, gss_display_name(p->m, name, buffer_want(p, &o), &type));
    must_hold(type != &STRANGE_OID);
    buffer_take(p, &o, major);
}
static inline void call_display_name_ext(struct play *p) {
    gss_name_t name = name_in(p);
    gss_OID type = oid_in(p);
    struct buffer_out o;
    buffer_take(p, &o, done(p, gss_display_name_ext(p->m, name, type, buffer_want(p, &o))));
}
static inline void call_compare_name(struct play *p) {
    gss_name_t a = name_in(p), b = name_in(p);
    int equal = 7, back = 7;
    OM_uint32 major = done(p, gss_compare_name(p->m, a, b, &equal));
    must_hold(gss_compare_name(p->m, b, a, &back) == major && equal == back && !(equal & ~1));
    must_hold(!GSS_ERROR(major) || !equal);
}
static inline void call_canonicalize_name(struct play *p) {
    gss_name_t name = name_in(p);
    gss_OID mech = oid_in(p);
    struct name_out o;
    name_take(p, &o, done(p, gss_canonicalize_name(p->m, name, mech, name_want(p, &o))));
}
static inline void call_duplicate_name(struct play *p) {
    gss_name_t name = name_in(p);
    struct name_out o;
    name_take(p, &o, done(p, gss_duplicate_name(p->m, name, name_want(p, &o))));
}
static inline void call_export_name(struct play *p) {
    gss_name_t name = name_in(p);
    bool composite = next(p) & 1;
    struct buffer_out o;
    gss_buffer_t out = buffer_want(p, &o);
    OM_uint32 major =
        composite ? gss_export_name_composite(p->m, name, out) : gss_export_name(p->m, name, out);
    buffer_take(p, &o, done(p, major));
}
static inline void call_release_name(struct play *p) {
    uint8_t arg = next(p);
    gss_name_t *name = arg & ARG_NONE ? NULL : &p->names[arg % SLOTS];
    OM_uint32 major = done(p, gss_release_name(p->m, name));
    must_hold(GSS_ERROR(major) || !*name);
}

// The attributes that a name tells of can be asked for.
static inline void call_inquire_name(struct play *p) {
    gss_name_t name = name_in(p);
    OM_uint32 minor;
    int is_mn = 7;
    gss_OID mech = &STRANGE_OID;
    gss_buffer_set_t attrs = (gss_buffer_set_t)(uintptr_t)&POISON;
    OM_uint32 major = done(p, gss_inquire_name(p->m, name, &is_mn, &mech, &attrs));
    must_hold((void *)attrs != &POISON && mech != &STRANGE_OID && !(is_mn & ~1));
    must_hold(!GSS_ERROR(major) || (!attrs && !mech && !is_mn));
    for (size_t i = 0; attrs && i < attrs->count; i++) {
        int more = -1;
        must_hold(!GSS_ERROR(gss_get_name_attribute(&minor, name, &attrs->elements[i], NULL, NULL,
                                                    NULL, NULL, &more)));
    }
    must_hold(gss_release_buffer_set(&minor, &attrs) == GSS_S_COMPLETE && !attrs);
}
static inline void call_get_attribute(struct play *p) {
    gss_name_t name = name_in(p);
    gss_buffer_desc hold;
    gss_buffer_t attr = bytes_in(p, &hold);
    struct buffer_out value, shown;
    int authenticated = 7, complete = 7, more = -1;
    gss_buffer_t v = buffer_want(p, &value), s = buffer_want(p, &shown);
    OM_uint32 major =
        done(p, gss_get_name_attribute(p->m, name, attr, &authenticated, &complete, v, s, &more));
    must_hold(!GSS_ERROR(major) || (!authenticated && !complete));
    buffer_take(p, &value, major);
    buffer_take(p, &shown, major);
}
static inline void call_set_attribute(struct play *p) {
    gss_name_t name = name_in(p);
    int complete = next(p) & 1;
    gss_buffer_desc hold[2];
    gss_buffer_t attr = bytes_in(p, &hold[0]), value = bytes_in(p, &hold[1]);
    done(p, gss_set_name_attribute(p->m, name, complete, attr, value));
}
static inline void call_delete_attribute(struct play *p) {
    gss_name_t name = name_in(p);
    gss_buffer_desc hold;
    done(p, gss_delete_name_attribute(p->m, name, bytes_in(p, &hold)));
}
static inline void call_map_name(struct play *p) {
    gss_name_t name = name_in(p);
    gss_buffer_desc hold;
    gss_any_t any = (gss_any_t)(uintptr_t)&POISON;
    gss_buffer_t type = bytes_in(p, &hold);
    OM_uint32 minor, major = done(p, gss_map_name_to_any(p->m, name, 0, type, &any));
    must_hold((void *)any != &POISON && (!GSS_ERROR(major) || !any));
    if (any)
        must_hold(gss_release_any_name_mapping(&minor, name, type, &any) == GSS_S_COMPLETE && !any);
}

static inline void call_localname(struct play *p) {
    gss_name_t name = name_in(p);
    gss_OID mech = oid_in(p);
    struct buffer_out o;
    uid_t uid = 0;
    if (next(p) & 1)
        done(p, gss_pname_to_uid(p->m, name, mech, &uid));
    else
        buffer_take(p, &o, done(p, gss_localname(p->m, name, mech, buffer_want(p, &o))));
}
static inline void call_authorize(struct play *p) {
    gss_name_t name = name_in(p), user = name_in(p);
    size_t len;
    char *text = text_in(p, &len);
    int allowed = gss_userok(name, text);
    must_hold(!(allowed & ~1));
    free(text);
    done(p, gss_authorize_localname(p->m, name, user));
}
static inline void call_mechs_for_name(struct play *p) {
    gss_name_t name = name_in(p);
    struct set_out o;
    set_take(p, &o, done(p, gss_inquire_mechs_for_name(p->m, name, set_want(p, &o))));
}

// What a name of a mechanism is exported and shown as comes back as the same name. Nobody can say
// of an anonymous one whom it stands for (RFC 2744 5.4), and a realm that is to be found
// ("host/web@") is the default one once it is text.
static inline void same_name(gss_name_t name, const gss_buffer_desc *bytes, gss_OID type) {
    OM_uint32 minor;
    gss_name_t back;
    int equal;
    gss_buffer_desc copy = *bytes;
    must_hold(gss_import_name(&minor, &copy, type, &back) == GSS_S_COMPLETE);
    must_hold(gss_compare_name(&minor, name, back, &equal) == GSS_S_COMPLETE);
    must_hold(equal || gssapi_name_is_anonymous(name));
    name_drop(&back);
}
static inline void call_name_comes_back(struct play *p) {
    gss_name_t name = name_in(p);
    OM_uint32 minor;
    gss_buffer_desc b;
    gss_OID type;
    if (!name)
        return;
    must_hold(gss_display_name(&minor, name, &b, &type) == GSS_S_COMPLETE);
    if (name->mech && name->principal.realm.len)
        same_name(name, &b, gss_nt_krb5_name);
    must_hold(gss_release_buffer(&minor, &b) == GSS_S_COMPLETE);
    OM_uint32 major = gss_export_name(&minor, name, &b);
    must_hold(major == (name->mech ? GSS_S_COMPLETE : GSS_S_NAME_NOT_MN));
    if (!name->mech)
        return;
    same_name(name, &b, GSS_C_NT_EXPORT_NAME);
    must_hold(gss_release_buffer(&minor, &b) == GSS_S_COMPLETE);
    must_hold(gss_export_name_composite(&minor, name, &b) == GSS_S_COMPLETE);
    same_name(name, &b, GSS_C_NT_COMPOSITE_EXPORT);
    must_hold(gss_release_buffer(&minor, &b) == GSS_S_COMPLETE);
}

// ---- bytes: put into a slot, changed there, cut, released

static inline void call_buffer(struct play *p) {
    uint8_t what = next(p);
    struct bytes *slot = &p->buffers[next(p) % BUFFERS];
    size_t len, at = next(p);
    if (what % 4 == 0) {
        char *text = text_in(p, &len);
        buffer_drop(slot);
        slot->b = (gss_buffer_desc){len, len ? text : NULL}; // empty ones are not freed for us
        if (!len)
            free(text);
    } else if (what % 4 == 1 && slot->b.length) {
        ((uint8_t *)slot->b.value)[at % slot->b.length] ^= next(p);
        slot->sealed = 0;
        slot->is_cred = false;
    } else if (what % 4 == 2 && slot->b.length) {
        slot->b.length = 1 + at % slot->b.length;
        slot->sealed = 0;
        slot->is_cred = false;
    } else {
        OM_uint32 major =
            done_freely(p, gss_release_buffer(p->m, what & ARG_NONE ? NULL : &slot->b));
        if (!GSS_ERROR(major) && !slot->b.value)
            *slot = (struct bytes){0};
    }
}

// ---- OIDs and sets of them

static inline void call_oid_set(struct play *p) {
    uint8_t what = next(p);
    int present = 7;
    struct set_out o;
    if (what % 4 == 0) {
        set_take(p, &o, done(p, gss_create_empty_oid_set(p->m, set_want(p, &o))));
        return;
    }
    gss_OID_set *set = what & ARG_NONE ? NULL : &p->sets[next(p) % SLOTS];
    if (what % 4 == 1) {
        done(p, gss_add_oid_set_member(p->m, oid_in(p), set));
    } else if (what % 4 == 2) {
        done(p, gss_test_oid_set_member(p->m, oid_in(p), set ? *set : NULL, &present));
        must_hold(!(present & ~1));
    } else {
        done_freely(p, gss_release_oid_set(p->m, set));
        must_hold(!set || !*set);
    }
}
static inline void call_oid_text(struct play *p) {
    OM_uint32 minor;
    struct buffer_out o;
    gss_buffer_desc hold, text;
    gss_OID oid = &STRANGE_OID;
    if (next(p) & 1) {
        oid = oid_in(p);
        buffer_take(p, &o, done(p, gss_oid_to_str(p->m, oid, buffer_want(p, &o))));
        return;
    }
    OM_uint32 major = done(p, gss_str_to_oid(p->m, bytes_in(p, &hold), &oid));
    must_hold(GSS_ERROR(major) ? !oid : oid != &STRANGE_OID);
    if (!oid)
        return;
    must_hold(gss_oid_to_str(&minor, oid, &text) == GSS_S_COMPLETE);
    must_hold(gss_release_buffer(&minor, &text) == GSS_S_COMPLETE);
    must_hold(gss_release_oid(&minor, &oid) == GSS_S_COMPLETE && !oid);
}

// ---- mechanisms

static inline void call_mechs(struct play *p) {
    uint8_t what = next(p);
    struct set_out o;
    gss_OID_set *out = set_want(p, &o);
    OM_uint32 major;
    if (what % 3 == 0) {
        major = gss_indicate_mechs(p->m, out);
    } else if (what % 3 == 1) {
        major = gss_inquire_names_for_mech(p->m, oid_in(p), out);
    } else {
        gss_OID_set desired = set_in(p), except = set_in(p), critical = set_in(p);
        major = gss_indicate_mechs_by_attrs(p->m, desired, except, critical, out);
    }
    set_take(p, &o, done(p, major));
}
static inline void call_mech_attributes(struct play *p) {
    gss_OID oid = oid_in(p);
    struct set_out of_mech, known;
    struct buffer_out texts[3];
    gss_OID_set *m = set_want(p, &of_mech), *k = set_want(p, &known);
    OM_uint32 major = done(p, gss_inquire_attrs_for_mech(p->m, oid, m, k));
    set_take(p, &of_mech, major);
    set_take(p, &known, major);
    gss_buffer_t b[3];
    for (size_t i = 0; i < 3; i++)
        b[i] = buffer_want(p, &texts[i]);
    major = done(p, gss_display_mech_attr(p->m, oid, b[0], b[1], b[2]));
    for (size_t i = 0; i < 3; i++)
        buffer_take(p, &texts[i], major);
}
static inline void call_saslname(struct play *p) {
    OM_uint32 major;
    gss_buffer_desc hold;
    gss_OID mech = &STRANGE_OID;
    struct buffer_out texts[3];
    if (next(p) & 1) {
        major = done(p, gss_inquire_mech_for_saslname(p->m, bytes_in(p, &hold), &mech));
        must_hold(mech != &STRANGE_OID && (!GSS_ERROR(major) || !mech));
        return;
    }
    gss_buffer_t b[3];
    mech = oid_in(p);
    for (size_t i = 0; i < 3; i++)
        b[i] = buffer_want(p, &texts[i]);
    major = done(p, gss_inquire_saslname_for_mech(p->m, mech, b[0], b[1], b[2]));
    for (size_t i = 0; i < 3; i++)
        buffer_take(p, &texts[i], major);
}

// The texts of the last failure, of both kinds, come to an end.
static inline void call_status(struct play *p) {
    int type = next(p) % 4;
    OM_uint32 value = type == GSS_C_GSS_CODE ? p->last_major : p->last_minor;
    OM_uint32 more = next(p) & 0x80 ? next(p) : 0;
    gss_OID mech = oid_in(p);
    struct buffer_out o;
    for (int i = 0; i < 40; i++) {
        OM_uint32 major =
            done(p, gss_display_status(p->m, value, type, mech, &more, buffer_want(p, &o)));
        buffer_take(p, &o, major);
        if (GSS_ERROR(major) || !more)
            return;
    }
    must_hold(false);
}

static inline void call_frame(struct play *p) {
    bool undo = next(p) & 1;
    gss_buffer_desc hold;
    gss_buffer_t in = bytes_in(p, &hold);
    gss_OID oid = oid_in(p);
    struct buffer_out o;
    gss_buffer_t out = buffer_want(p, &o);
    OM_uint32 major =
        undo ? gss_decapsulate_token(in, oid, out) : gss_encapsulate_token(in, oid, out);
    buffer_take(p, &o, major);
}

#endif
