// local.c: names and the accounts of this machine: gss_localname, gss_userok and such, by
// auth_to_local of krb5.conf and ~/.k5login (cred/account.h).
#include "cred/account.h"
#include "gssapi/conf.h"
#include "gssapi/name.h"
#include "gssapi/status.h"
#include <pwd.h>
#include <string.h>

#define NO_SUCH_NAME (GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME)

static enum obol_code account(const struct gss_name_struct *name, struct arena *a,
                              struct slice *out, struct error *err) {
    struct gssapi_conf *conf = NULL;
    struct principal p;
    TRY(gssapi_conf_get(&conf, err));
    enum obol_code code = gssapi_name_principal(name, conf, a, &p, err);
    if (code == OBOL_OK)
        code = account_of(&conf->conf, conf->conf.default_realm, &p, a, out, err);
    gssapi_conf_put(conf);
    return code;
}

OM_uint32 gss_localname(OM_uint32 *minor, gss_name_t name, gss_const_OID mech, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!gssapi_mech_of(mech))
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "names are made for krb5, IAKERB and SPNEGO");
    struct arena *a = gssapi_arena_take();
    struct error err;
    struct slice user;
    error_init(&err);
    if (!a)
        return gssapi_no_memory(minor);
    OM_uint32 major = GSS_S_COMPLETE;
    enum obol_code code = account(name, a, &user, &err);
    if (code == OBOL_NOT_FOUND) // as MIT krb5's says where no rule makes an account of the name
        major = gssapi_fail_as(minor, GSS_S_UNAVAILABLE, &err);
    else if (code != OBOL_OK)
        major = gssapi_fail(minor, &err);
    else if (!gssapi_buffer_copy(out, user))
        major = gssapi_no_memory(minor);
    gssapi_arena_give(a);
    return major;
}

OM_uint32 gss_pname_to_uid(OM_uint32 *minor, gss_name_t name, gss_OID mech, uid_t *uid) {
    if (gssapi_begin(minor) || !uid)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    gss_buffer_desc user = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = gss_localname(minor, name, mech, &user);
    if (major != GSS_S_COMPLETE || !user.value)
        return major;
    char room[16384];
    struct passwd entry, *found = NULL;
    const int failed = getpwnam_r(user.value, &entry, room, sizeof room, &found);
    if (found)
        *uid = found->pw_uid;
    else if (failed)
        major = gssapi_refuse(minor, GSS_S_FAILURE, OBOL_IO, "the users of this machine: %s",
                              strerror(failed));
    else
        major = gssapi_refuse(minor, GSS_S_FAILURE, OBOL_NOT_FOUND, "this machine has no user %.*s",
                              SLICE_ARG(gssapi_slice(&user)));
    (void)gss_release_buffer(NULL, &user);
    return major;
}

static enum obol_code allowed(const struct gss_name_struct *name, struct slice user, bool *out,
                              struct error *err) {
    struct gssapi_conf *conf = NULL;
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    struct principal p;
    *out = false;
    enum obol_code code = gssapi_conf_get(&conf, err);
    if (code == OBOL_OK)
        code = gssapi_name_principal(name, conf, a, &p, err);
    const char *text = arena_cstr(a, user); // NULL for a name that holds a NUL: nobody's
    if (code == OBOL_OK && text)
        *out = account_allows(&conf->conf, conf->conf.default_realm, &p, text, a);
    gssapi_conf_put(conf);
    gssapi_arena_give(a);
    return code;
}

OM_uint32 gss_authorize_localname(OM_uint32 *minor, gss_name_t name, gss_name_t user) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name) || !gssapi_is_name(user))
        return NO_SUCH_NAME;
    if (!name->mech)
        return gssapi_refuse(minor, GSS_S_NAME_NOT_MN, OBOL_NAME_MALFORMED,
                             "\"%.*s\" was not canonicalized for a mechanism",
                             SLICE_ARG(name->text));
    if (user->mech)
        return GSS_S_BAD_NAME;
    if (user->type && user->type != GSS_C_NT_USER_NAME)
        return gssapi_refuse(minor, GSS_S_BAD_NAMETYPE, OBOL_NAME_MALFORMED,
                             "an account is a name of type GSS_C_NT_USER_NAME");
    struct error err;
    bool ok = false;
    error_init(&err);
    // An anonymous client is nobody here, whatever a rule makes of its name (RFC 8062 3); that of a
    // realm, too.
    bool nobody = name->has_principal && principal_name_is_anonymous(&name->principal.name);
    if (!nobody && allowed(name, user->text, &ok, &err) != OBOL_OK)
        return gssapi_fail(minor, &err);
    if (!nobody && ok)
        return GSS_S_COMPLETE;
    return gssapi_refuse(minor, GSS_S_UNAUTHORIZED, OBOL_PERMISSION,
                         "%.*s may not act as user %.*s", SLICE_ARG(name->text),
                         SLICE_ARG(user->text));
}

int gss_userok(gss_name_t name, const char *username) {
    OM_uint32 minor;
    gss_name_t user;
    gss_buffer_desc b = {username ? strlen(username) : 0, (void *)(uintptr_t)username};
    if (gss_import_name(&minor, &b, GSS_C_NT_USER_NAME, &user) != GSS_S_COMPLETE)
        return 0;
    OM_uint32 major = gss_authorize_localname(&minor, name, user);
    (void)gss_release_name(&minor, &user);
    return major == GSS_S_COMPLETE;
}
