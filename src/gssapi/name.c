// name.c: names as objects; see handles.h and name.h. A name is one block of the heap: the struct,
// the array of components, the bytes. It is built whole from a template whose slices borrow.
#include "gssapi/name.h"
#include "gssapi/attr.h"
#include "gssapi/conf.h"
#include "net/host.h"
#include "proto/codes.h"
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static struct slice put(uint8_t **at, struct slice s) {
    struct slice copy = slice_of(*at, s.len);
    if (s.len)
        memcpy(*at, s.ptr, s.len);
    *at += s.len;
    return copy;
}

struct gss_name_struct *gssapi_name_build(const struct gss_name_struct *like) {
    const struct slice_list *parts = &like->principal.name.name_string;
    size_t bytes = like->text.len + like->service.len + like->host.len + like->principal.realm.len;
    for (size_t i = 0; i < parts->count; i++)
        bytes += parts->items[i].len;
    struct gss_name_struct *name =
        calloc(1, sizeof *name + parts->count * sizeof(struct slice) + bytes);
    if (!name)
        return NULL;
    struct slice *items = (struct slice *)(name + 1);
    uint8_t *at = (uint8_t *)(items + parts->count);
    *name = *like;
    name->self = name;
    name->tag = GSSAPI_TAG_NAME;
    name->attrs = NULL;
    name->text = put(&at, like->text);
    name->service = put(&at, like->service);
    name->host = put(&at, like->host);
    name->principal.realm = put(&at, like->principal.realm);
    name->principal.name.name_string.items = items;
    for (size_t i = 0; i < parts->count; i++)
        items[i] = put(&at, parts->items[i]);
    return name;
}

struct gss_name_struct *gssapi_name_copy(const struct gss_name_struct *from) {
    struct gss_name_struct *name = gssapi_name_build(from);
    if (name && from->attrs && !(name->attrs = gssapi_attrs_copy(from->attrs))) {
        gssapi_name_free(name);
        return NULL;
    }
    return name;
}

void gssapi_name_free(struct gss_name_struct *name) {
    if (!name)
        return;
    gssapi_attrs_free(name->attrs);
    name->tag = 0;
    free(name);
}

struct gss_name_struct *gssapi_name_of_principal(const struct principal *p, unsigned mech) {
    uint8_t text[4096];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    principal_write(&w, p);
    if (!writer_ok(&w))
        return NULL;
    const struct gss_name_struct like = {
        .type = principal_is_anonymous(p) ? GSS_C_NT_ANONYMOUS : gss_nt_krb5_name,
        .text = writer_slice(&w),
        .mech = mech,
        .has_principal = true,
        .principal = *p,
    };
    return gssapi_name_build(&like);
}

bool gssapi_name_is_anonymous(const struct gss_name_struct *name) {
    return name->type == GSS_C_NT_ANONYMOUS ||
           (name->has_principal && principal_is_anonymous(&name->principal));
}

static enum obol_code host_service(const struct gss_name_struct *name,
                                   const struct gssapi_conf *conf, struct arena *a,
                                   struct principal *out, struct error *err) {
    const struct net net = {.conf = &conf->conf};
    struct slice host = name->host;
    char own[256] = "";
    if (host.len == 0) { // RFC 1964 2.1.2: this host
        ENSURE(gethostname(own, sizeof own - 1) == 0, IO, "this host's name cannot be read: %s",
               strerror(errno));
        host = slice_str(own);
    }
    struct principal forms[NET_HOST_NAMES_MAX];
    size_t count;
    TRY(net_host_service(&net, name->service, host, a, forms, &count, err));
    return principal_copy(&forms[0], a, out, err);
}

// RFC 1964 2.2.2, 2.2.3: the user of this machine with that number.
static enum obol_code user_of_uid(const struct gss_name_struct *name,
                                  const struct gssapi_conf *conf, struct arena *a,
                                  struct principal *out, struct error *err) {
    uint64_t uid = 0;
    if (name->type == GSS_C_NT_MACHINE_UID_NAME) {
        uid_t number;
        memcpy(&number, name->text.ptr, sizeof number); // its length was checked at the import
        uid = number;
    } else {
        for (size_t i = 0; i < name->text.len && uid <= UINT32_MAX; i++)
            uid = uid * 10 + (uint64_t)(name->text.ptr[i] - '0');
    }
    struct passwd entry, *found = NULL;
    char *room = arena_alloc(a, 16384);
    ENSURE_MEMORY(room);
    ENSURE(uid <= UINT32_MAX && getpwuid_r((uid_t)uid, &entry, room, 16384, &found) == 0 && found,
           NAME_MALFORMED, "this machine has no user with the number %llu",
           (unsigned long long)uid);
    return principal_parse(slice_str(found->pw_name), conf->conf.default_realm, NT_PRINCIPAL, a,
                           out, err);
}

enum obol_code gssapi_name_principal(const struct gss_name_struct *name,
                                     const struct gssapi_conf *conf, struct arena *a,
                                     struct principal *out, struct error *err) {
    if (name->service.len && !name->has_principal)
        return host_service(name, conf, a, out, err);
    if (name->type == GSS_C_NT_MACHINE_UID_NAME || name->type == GSS_C_NT_STRING_UID_NAME)
        return user_of_uid(name, conf, a, out, err);
    ENSURE(name->has_principal, NAME_MALFORMED, "a certificate is no principal name");
    TRY(principal_copy(&name->principal, a, out, err));
    if (out->realm.len || name->mech) // a mechanism name may leave its realm to be found
        return OBOL_OK;
    ENSURE(conf->conf.default_realm.len, CONFIG_NO_REALM, "\"%.*s\" names no realm",
           SLICE_ARG(name->text));
    ENSURE(arena_copy(a, conf->conf.default_realm, &out->realm), NO_MEMORY,
           "the request's memory is used up");
    return OBOL_OK;
}
