// copies.h: a GSS library as a program finds it by dlopen: the calls that a login needs.
#ifndef OBOL_TESTS_GSSAPI_COPIES_H
#define OBOL_TESTS_GSSAPI_COPIES_H

#include <dlfcn.h>
#include <gssapi/gssapi.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// X(name): every call of the table.
#define COPY_CALLS(X)                                                                              \
    X(import_name)                                                                                 \
    X(release_name)                                                                                \
    X(init_sec_context)                                                                            \
    X(accept_sec_context)                                                                          \
    X(delete_sec_context) X(wrap) X(unwrap) X(release_buffer) X(display_status) X(display_name)

struct copy {
    void *so;
#define X(name) __typeof__(gss_##name) *name;
    COPY_CALLS(X)
#undef X
    gss_OID hostbased;
};

static inline bool copy_open(struct copy *c, const char *path) {
    bool whole = true;
    *c = (struct copy){.so = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    if (!c->so) {
        fprintf(stderr, "%s\n", dlerror());
        return false;
    }
#define X(name)                                                                                    \
    *(void **)&c->name = dlsym(c->so, "gss_" #name);                                               \
    whole = whole && c->name;
    COPY_CALLS(X)
#undef X
    gss_OID *hostbased = dlsym(c->so, "GSS_C_NT_HOSTBASED_SERVICE");
    // Heimdal has the OID itself, under another name.
    c->hostbased = hostbased ? *hostbased : dlsym(c->so, "__gss_c_nt_hostbased_service_oid_desc");
    return whole && c->hostbased;
}

// What a copy says of a failure; static to the thread.
static inline const char *copy_text(const struct copy *c, OM_uint32 major, OM_uint32 minor) {
    static _Thread_local char text[1024];
    OM_uint32 m, more = 0;
    gss_buffer_desc b = {0, NULL};
    (void)c->display_status(&m, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &b);
    (void)snprintf(text, sizeof text, "major %08x: %.*s", major, (int)b.length,
                   b.value ? (char *)b.value : "");
    (void)c->release_buffer(&m, &b);
    return text;
}

// A context between two copies, which may be the same, with a message from one to the other. NULL:
// it went well; else who said what.
static inline const char *copy_login(const struct copy *from, const struct copy *to, gss_OID mech,
                                     const char *service) {
    OM_uint32 m, major, flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    gss_name_t target = NULL;
    gss_ctx_id_t i = NULL, a = NULL;
    gss_buffer_desc name = {strlen(service), (void *)(uintptr_t)service}, to_a = {0, NULL},
                    to_i = {0, NULL}, none = {0, NULL}, text = {4, (void *)(uintptr_t) "text"};
    const struct copy *at = from;
    const char *failed = NULL;
    major = from->import_name(&m, &name, from->hostbased, &target);
    if (!GSS_ERROR(major))
        major = from->init_sec_context(&m, NULL, &i, target, mech, flags, 0, NULL, NULL, NULL,
                                       &to_a, NULL, NULL);
    if (!GSS_ERROR(major)) {
        at = to;
        major =
            to->accept_sec_context(&m, &a, NULL, &to_a, NULL, NULL, NULL, &to_i, NULL, NULL, NULL);
    }
    if (!GSS_ERROR(major)) {
        at = from;
        major = from->init_sec_context(&m, NULL, &i, target, mech, flags, 0, NULL, &to_i, NULL,
                                       &none, NULL, NULL);
    }
    (void)from->release_buffer(&(OM_uint32){0}, &to_a);
    (void)to->release_buffer(&(OM_uint32){0}, &to_i);
    if (!GSS_ERROR(major))
        major = from->wrap(&m, i, 1, 0, &text, NULL, &to_a);
    if (!GSS_ERROR(major)) {
        at = to;
        major = to->unwrap(&m, a, &to_a, &to_i, NULL, NULL);
    }
    if (GSS_ERROR(major))
        failed = copy_text(at, major, m);
    else if (to_i.length != text.length || memcmp(to_i.value, text.value, text.length) != 0)
        failed = "the message came out as another";
    (void)from->release_buffer(&m, &to_a);
    (void)from->release_buffer(&m, &none);
    (void)to->release_buffer(&m, &to_i);
    (void)from->release_name(&m, &target);
    (void)from->delete_sec_context(&m, &i, GSS_C_NO_BUFFER);
    (void)to->delete_sec_context(&m, &a, GSS_C_NO_BUFFER);
    return failed;
}

#endif
