// impersonate.c: credentials in the name of another (S4U2Self, MS-SFU 3.1.5.1): a service that has
// authenticated a user by other means asks its KDC for a ticket for itself in his name.
#include "gssapi/part.h"
#include "gssapi/status.h"
#include "net/ticket.h"
#include "proto/codes.h"

// The ticket for ourselves. The part is locked.
static enum obol_code self_ticket(struct gssapi_part *part, const struct gssapi_conf *conf,
                                  const struct gss_name_struct *name, struct arena *a,
                                  struct gssapi_part **out, struct error *err) {
    const struct net net = {.conf = &conf->conf};
    struct principal user = {0}, self, tgs;
    TRY(part_resolve(part, conf, err));
    ENSURE(part->name && part->cache, CRED_NOT_FOUND, "nobody is logged in to act for another");
    TRY(gssapi_name_principal(part->name, conf, a, &self, err));
    bool shown = name->type == GSS_KRB5_NT_X509_CERT; // its KDC says whose it is
    if (!shown)
        TRY(gssapi_name_principal(name, conf, a, &user, err));
    TRY(principal_krbtgt(self.realm, self.realm, a, &tgs, err));
    struct ticket_params params = {.cache = part->cache, .service = tgs};
    struct ticket_result tgt, ticket;
    TRY(net_ticket(&net, &params, a, &tgt, err));
    params = (struct ticket_params){
        .cache = part->cache,
        .service = self,
        .act_for = shown ? NULL : &user,
        .certificate = shown ? name->text : (struct slice){0},
        .s4u_self = true,
        .no_cached = true,
        .no_store = true,
    };
    TRY(net_ticket(&net, &params, a, &ticket, err));
    return part_impersonate(&ticket.ticket.client, &ticket.ticket, &tgt.ticket, tgt.clock_offset,
                            out, err);
}

static enum obol_code impersonate(struct gss_cred_id_struct *impersonator,
                                  const struct gss_name_struct *name, struct gssapi_part **out,
                                  struct error *err) {
    struct gssapi_conf *conf = NULL;
    struct gssapi_part *part = cred_part_for(impersonator, GSS_C_INITIATE);
    ENSURE(part, PERMISSION, "the impersonator's credential is for accepting contexts only");
    struct arena *a = gssapi_arena_take();
    enum obol_code code =
        a ? gssapi_conf_get(&conf, err) : error_set(err, OBOL_NO_MEMORY, __func__, "no room");
    pthread_mutex_lock(&part->lock);
    if (code == OBOL_OK)
        code = self_ticket(part, conf, name, a, out, err);
    pthread_mutex_unlock(&part->lock);
    gssapi_conf_put(conf);
    gssapi_arena_give(a);
    part_drop(part);
    return code;
}

static OM_uint32 begin(OM_uint32 *minor, gss_cred_id_t impersonator, gss_name_t name,
                       gss_cred_usage_t usage) {
    if (!gssapi_is_cred(impersonator))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!gssapi_is_name(name))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME;
    if (usage == GSS_C_INITIATE || usage == GSS_C_BOTH)
        return GSS_S_COMPLETE;
    return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                         "another is impersonated to begin contexts (1: initiate)");
}

// Adds the part of the user to a handle, under the mechanisms of the call.
static OM_uint32 add(OM_uint32 *minor, gss_cred_id_t impersonator, gss_name_t name, unsigned mechs,
                     struct gss_cred_id_struct *cred, OM_uint32 *life) {
    struct gssapi_part *part = NULL;
    struct error err;
    error_init(&err);
    enum obol_code code = impersonate(impersonator, name, &part, &err);
    if (code != OBOL_OK)
        return code == OBOL_NO_MEMORY ? gssapi_fail(minor, &err)
                                      : gssapi_fail_as(minor, GSS_S_NO_CRED, &err);
    for (unsigned mech = 1; mech <= GSSAPI_ALL_MECHS; mech <<= 1)
        if (mechs & mech) {
            part_hold(part);
            cred_add(cred, mech, part);
        }
    if (life)
        *life = part_lifetime(part);
    part_drop(part);
    return GSS_S_COMPLETE;
}

OM_uint32 gss_acquire_cred_impersonate_name(OM_uint32 *minor, gss_cred_id_t impersonator,
                                            gss_name_t name, OM_uint32 time_req, gss_OID_set mechs,
                                            gss_cred_usage_t usage, gss_cred_id_t *out,
                                            gss_OID_set *actual, OM_uint32 *time_rec) {
    UNUSED(time_req);
    if (out)
        *out = GSS_C_NO_CREDENTIAL;
    if (actual)
        *actual = GSS_C_NO_OID_SET;
    if (time_rec)
        *time_rec = 0;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major = begin(minor, impersonator, name, usage);
    if (major != GSS_S_COMPLETE)
        return major;
    unsigned wanted =
        (mechs ? gssapi_mechs_of(mechs) : GSSAPI_KRB5 | GSSAPI_SPNEGO) & (unsigned)~GSSAPI_IAKERB;
    if (!wanted)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "others are impersonated with krb5 and SPNEGO");
    struct gss_cred_id_struct *cred = cred_new();
    if (!cred)
        return gssapi_no_memory(minor);
    major = add(minor, impersonator, name, wanted, cred, time_rec);
    if (major == GSS_S_COMPLETE && actual)
        major = gssapi_mechs_set(minor, wanted, actual);
    if (major == GSS_S_COMPLETE)
        *out = cred;
    else
        gssapi_cred_free(cred);
    return major;
}

OM_uint32 gss_add_cred_impersonate_name(OM_uint32 *minor, gss_cred_id_t input,
                                        gss_cred_id_t impersonator, gss_name_t name, gss_OID mech,
                                        gss_cred_usage_t usage, OM_uint32 initiator_req,
                                        OM_uint32 acceptor_req, gss_cred_id_t *out,
                                        gss_OID_set *actual, OM_uint32 *initiator_rec,
                                        OM_uint32 *acceptor_rec) {
    UNUSED(initiator_req);
    UNUSED(acceptor_req);
    if (out)
        *out = GSS_C_NO_CREDENTIAL;
    if (actual)
        *actual = GSS_C_NO_OID_SET;
    if (initiator_rec)
        *initiator_rec = 0;
    if (acceptor_rec)
        *acceptor_rec = 0;
    if (gssapi_begin(minor) || (!input && !out))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (input && !gssapi_is_cred(input))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    OM_uint32 major = begin(minor, impersonator, name, usage);
    if (major != GSS_S_COMPLETE)
        return major;
    unsigned wanted = gssapi_mech_of(mech);
    struct gssapi_part *there = input ? cred_part(input, wanted) : NULL;
    part_drop(there);
    if (there)
        return gssapi_refuse(minor, GSS_S_DUPLICATE_ELEMENT, OBOL_EXISTS,
                             "the credential has this mechanism already");
    if (!wanted || wanted == GSSAPI_IAKERB)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "others are impersonated with krb5 and SPNEGO");
    struct gss_cred_id_struct *cred = !input ? cred_new() : out ? cred_copy_handle(input) : input;
    if (!cred)
        return gssapi_no_memory(minor);
    major = add(minor, impersonator, name, wanted, cred, initiator_rec);
    if (major == GSS_S_COMPLETE && actual)
        major = gssapi_mechs_set(minor, gssapi_cred_mechs(cred), actual);
    if (major == GSS_S_COMPLETE && out)
        *out = cred;
    else if (cred != input)
        gssapi_cred_free(cred);
    return major;
}
