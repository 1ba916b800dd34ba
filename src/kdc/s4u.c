// s4u.c: a service asks for a ticket to itself in a user's name (S4U2Self, protocol transition;
// MS-SFU 3.2.5.1): whom it means, by his name or the certificate with which he came, and whether it
// may pass that ticket on. For a user of another
// realm it asks that realm's KDC, which sends it back to its own with a TGT whose PAC is the
// user's.
#include "kdc/authdata/pac.h"
#include "kdc/certificate.h"
#include "kdc/tgs.h"

#define KU_FOR_USER     17 // MS-SFU 2.2.1
#define KU_X509_REQUEST 26 // MS-SFU 2.2.2
#define KU_X509_REPLY   27
#define USE_REPLY_USAGE KERBEROS_FLAG(2)

static struct crypto_key *request_key(const struct exchange *x) {
    return x->header.subkey ? x->header.subkey : x->header.session;
}

// The checksum is keyed: with an unkeyed one anybody on the way could name another user
// (CVE-2018-16860).
static enum obol_code check_sum(struct exchange *x, enum obol_code code, int32_t type) {
    struct error *err = &x->err;
    ENSURE(code != OBOL_CKSUMTYPE_UNSUPPORTED, KRB_AP_ERR_INAPP_CKSUM,
           "the user's name is protected by a checksum of type %d", type);
    ENSURE(code != OBOL_CHECKSUM_MISMATCH, KRB_AP_ERR_MODIFIED,
           "the user's name is not the one that the service asked for");
    return code;
}

static enum obol_code read_for_user(struct exchange *x, struct slice bytes, struct principal *out) {
    struct error *err = &x->err;
    struct pa_for_user pa;
    TRY(der_decode(&TYPE_PA_FOR_USER, bytes, x->arena, &pa, err));
    struct writer w = writer_to_arena(x->arena);
    writer_le32(&w, (uint32_t)pa.user_name.name_type);
    for (size_t i = 0; i < pa.user_name.name_string.count; i++)
        writer_bytes(&w, pa.user_name.name_string.items[i]);
    writer_bytes(&w, pa.user_realm);
    writer_bytes(&w, pa.auth_package);
    ENSURE(writer_ok(&w), NO_MEMORY, "a user's name");
    *out = (struct principal){pa.user_realm, pa.user_name};
    // MS-SFU 2.2.1 wants HMAC-MD5 whatever the key is; Heimdal's and Samba's clients send the type
    // of the session key, which AD and MIT's KDC take too.
    int32_t type = pa.cksum.cksumtype;
    enum obol_code code = type == CKSUMTYPE_HMAC_MD5
                              ? crypto_verify_hmac_md5(x->header.session, KU_FOR_USER,
                                                       writer_slice(&w), pa.cksum.checksum, NULL)
                              : crypto_verify(x->header.session, KU_FOR_USER, type,
                                              writer_slice(&w), pa.cksum.checksum, NULL);
    return check_sum(x, code, type);
}

static bool is_named(const struct s4u_user_id *id) {
    return (id->present & S4U_USER_ID_CNAME) && id->cname.name_string.count > 0;
}

static enum obol_code read_x509_user(struct exchange *x, struct slice bytes,
                                     struct principal *out) {
    struct error *err = &x->err;
    struct pa_s4u_x509_user *pa = arena_zalloc(x->arena, 1, sizeof *pa);
    ENSURE_MEMORY(pa);
    TRY(der_decode(&TYPE_PA_S4U_X509_USER, bytes, x->arena, pa, err));
    const struct s4u_user_id *id = &pa->user_id;
    enum obol_code code = crypto_verify(request_key(x), KU_X509_REQUEST, pa->checksum.cksumtype,
                                        id->raw, pa->checksum.checksum, NULL);
    TRY(check_sum(x, code, pa->checksum.cksumtype));
    ENSURE((uint32_t)id->nonce == (uint32_t)x->req.req_body.nonce, KRB_AP_ERR_MODIFIED,
           "the user's name is of another request");
    x->s4u_request = pa;
    *out = (struct principal){id->crealm, id->cname};
    if (is_named(id))
        return OBOL_OK;
    ENSURE(id->present & S4U_USER_ID_SUBJECT_CERTIFICATE, KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "the service says neither the user's name nor his certificate");
    // MS-SFU 3.2.5.1.1: the KDC of his realm says how he is named, the others hear it.
    ENSURE(slice_eq(id->crealm, x->kdc->realm), KDC_ERR_POLICY,
           "a user of realm %.*s is named by a certificate only", SLICE_ARG(id->crealm));
    return certificate_owner(x, id->subject_certificate, out);
}

// PA-S4U-X509-USER protects more, so it goes first. With rc4 its checksum is unkeyed (MS-SFU 2.2.2
// as implemented): then the other one counts, which every client sends beside it.
static enum obol_code read_user(struct exchange *x, struct principal *out) {
    const struct padata *x509 = exchange_padata(x, PA_S4U_X509_USER);
    const struct padata *for_user = exchange_padata(x, PA_FOR_USER);
    bool rc4 = enctype_number(crypto_key_enctype(request_key(x))) == ENCTYPE_RC4_HMAC;
    if (x509 && !(rc4 && for_user))
        return read_x509_user(x, x509->padata_value, out);
    return read_for_user(x, for_user->padata_value, out);
}

static bool names_user(const struct exchange *x) {
    return exchange_padata(x, PA_FOR_USER) || exchange_padata(x, PA_S4U_X509_USER);
}

bool s4u_may_go_onward(const struct exchange *x) {
    return !names_user(x) && !exchange_option(x, KDC_OPT_CNAME_IN_ADDL_TKT);
}

enum obol_code s4u_foreign_user(struct exchange *x, struct slice *text) {
    struct principal user;
    *text = (struct slice){0};
    if (!names_user(x))
        return OBOL_OK;
    TRY(read_user(x, &user));
    TRY(principal_check(&user, &x->err));
    if (!slice_eq(user.realm, x->kdc->realm))
        *text = principal_text(&user, x->arena);
    return OBOL_OK;
}

enum obol_code s4u_find_user(struct exchange *x, const struct principal *user) {
    struct error *err = &x->err;
    struct slice text;
    enum obol_code code = exchange_find_client(x, user, &text, &x->client);
    ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_C_PRINCIPAL_UNKNOWN, "there is no user %.*s",
           SLICE_ARG(text));
    TRY(code);
    ENSURE(!(x->client->record.flags & RECORD_NO_CLIENT), KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "%.*s is a service that cannot log in", SLICE_ARG(x->client->record.name));
    const struct s4u_user_id *id = x->s4u_request ? &x->s4u_request->user_id : NULL;
    if (id && (id->present & S4U_USER_ID_SUBJECT_CERTIFICATE))
        TRY(certificate_check_shown(x, id->subject_certificate, &user->name));
    return tgs_check_user(x, x->now);
}

// The four cases of a request that comes by another realm's TGT (MS-SFU 3.2.5.1.2): of which realm
// the user is, and whether the service is one of ours.
static enum obol_code s4u_self_abroad(struct exchange *x) {
    struct error *err = &x->err;
    struct principal user;
    TRY(read_user(x, &user));
    TRY(principal_check(&user, err));
    bool ours = slice_eq(user.realm, x->kdc->realm);
    bool onward = principal_is_krbtgt(&x->server_name.name);
    ENSURE(x->held_pac, KDC_ERR_TGT_REVOKED, "the TGT of the service has no PAC");
    ENSURE(!(x->req.req_body.present & KDC_REQ_BODY_SNAME) ||
               !principal_is_krbtgt(&x->req.req_body.sname),
           KDC_ERR_BADOPTION, "a service asks for a TGT in its user's name");
    if (onward) {
        ENSURE(!slice_eq(x->client_name.realm, x->kdc->realm), KDC_ERR_S_PRINCIPAL_UNKNOWN,
               "the service is not known here");
        if (ours)
            TRY(s4u_find_user(x, &user)); // the ticket stays the service's
        x->subject = ours ? x->client->principal : user;
    } else {
        ENSURE(!ours, KDC_ERR_C_PRINCIPAL_UNKNOWN,
               "a service of this realm asks for a user of it by another realm's TGT");
        ENSURE(x->client && x->server->record.id == x->client->record.id, KRB_AP_ERR_BADMATCH,
               "%.*s asks for a ticket of a user to %.*s, which is another account",
               SLICE_ARG(x->event->client), SLICE_ARG(x->server->record.name));
        x->requester = x->client;
        x->client = NULL;
        x->subject = x->client_name = user;
    }
    x->held_authdata.count = 0;
    x->s4u = S4U_SELF;
    return OBOL_OK;
}

static enum obol_code s4u_self(struct exchange *x) {
    struct error *err = &x->err;
    struct principal user;
    TRY(read_user(x, &user));
    TRY(principal_check(&user, err));
    // Any name of the account will do (MS-SFU 3.2.5.1.1).
    ENSURE(x->server->record.id == x->requester->record.id, KRB_AP_ERR_BADMATCH,
           "%.*s asks for a ticket of a user to %.*s, which is another account",
           SLICE_ARG(x->requester->record.name), SLICE_ARG(x->server->record.name));
    ENSURE(slice_eq(user.realm, x->kdc->realm), KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "the user is of realm %.*s", SLICE_ARG(user.realm));
    TRY(s4u_find_user(x, &user));
    x->client_name = user;
    bool named = !x->s4u_request || is_named(&x->s4u_request->user_id);
    if (!named || user.name.name_type == NT_ENTERPRISE || exchange_option(x, KDC_OPT_CANONICALIZE))
        x->client_name.name = x->client->principal.name;
    // What the service's own TGT says beside its PAC is about the service.
    x->held_authdata.count = 0;
    x->s4u = S4U_SELF;
    return OBOL_OK;
}

enum obol_code tgs_act_for(struct exchange *x) {
    struct error *err = &x->err;
    static const uint32_t others = (uint32_t)KDC_OPT_RENEW | (uint32_t)KDC_OPT_VALIDATE |
                                   (uint32_t)KDC_OPT_PROXY | (uint32_t)KDC_OPT_FORWARDED |
                                   (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY;
    bool proxy = exchange_option(x, KDC_OPT_CNAME_IN_ADDL_TKT);
    bool self = names_user(x);
    bool onward = !proxy && !self && x->subject.realm.len > 0; // pac_delegated.c
    if (LIKELY(!proxy && !self && !onward))
        return OBOL_OK;
    // A PAC is what ties a user's ticket to its user: without it nobody acts for others.
    ENSURE(x->kdc->policy.pac, KDC_ERR_BADOPTION,
           "nobody acts for users here: `disable_pac` is set in kdc.conf");
    ENSURE(!(proxy && self) && !(x->req.req_body.kdc_options & others), KDC_ERR_BADOPTION,
           "a ticket for a user cannot be something else at once");
    if (onward)
        return s4u_proxy_onward(x);
    if (x->header_is_tgt && !slice_eq(x->header.service.realm, x->kdc->realm))
        return self ? s4u_self_abroad(x) : s4u_proxy_abroad(x);
    if (!x->requester) // else a record was waited for, and x->client is the user by now
        x->requester = x->client;
    ENSURE(x->header_is_tgt && x->requester, KDC_ERR_POLICY,
           "a service that acts for users must log in to this realm itself");
    return proxy ? s4u_proxy(x) : s4u_self(x);
}

// MS-SFU 3.2.5.1.2: a service that is trusted to say who its users are may pass their tickets on.
// So may one that no list lets act anywhere: the services that list it decide.
bool s4u_may_forward(const struct exchange *x) {
    if (x->s4u != S4U_SELF)
        return true;
    if (!x->requester)
        return true; // its own realm decides
    const struct record *r = &x->requester->record;
    return (r->flags & RECORD_TRUSTED_TO_AUTH) || r->delegate_to.count == 0;
}

// MS-SFU 2.2.2: the client learns the name in the ticket under protection.
enum obol_code s4u_answer(struct exchange *x) {
    struct error *err = &x->err;
    if (!x->s4u_request)
        return OBOL_OK;
    const struct s4u_user_id *asked = &x->s4u_request->user_id;
    // On the way it is the user's KDC that says how he is named; the others say it after that.
    struct principal named = {asked->crealm, asked->cname};
    if (x->requester || x->subject.realm.len)
        named = x->requester ? x->client_name : x->subject;
    bool reply_usage =
        (asked->present & S4U_USER_ID_OPTIONS) && (asked->options & (uint32_t)USE_REPLY_USAGE);
    struct pa_s4u_x509_user answer = {
        .user_id = {.present = S4U_USER_ID_CNAME,
                    .nonce = asked->nonce,
                    .cname = named.name,
                    .crealm = named.realm},
    };
    if (reply_usage) {
        answer.user_id.present |= S4U_USER_ID_OPTIONS;
        answer.user_id.options = (uint32_t)USE_REPLY_USAGE;
    }
    struct crypto_key *key = request_key(x);
    const struct enctype *e = crypto_key_enctype(key);
    struct buf mac = arena_buf(x->arena, enctype_checksum_length(e));
    struct padata *pa = arena_zalloc(x->arena, 1, sizeof *pa);
    struct slice id;
    ENSURE_MEMORY(mac.ptr && pa ? pa : NULL);
    TRY(der_encode(&TYPE_S4U_USER_ID, &answer.user_id, x->arena, &id, err));
    TRY(crypto_checksum(key, reply_usage ? KU_X509_REPLY : KU_X509_REQUEST, id, mac, err));
    answer.checksum = (struct checksum){enctype_checksum_type(e), slice_of_buf(mac)};
    pa->padata_type = PA_S4U_X509_USER;
    TRY(der_encode(&TYPE_PA_S4U_X509_USER, &answer, x->arena, &pa->padata_value, err));
    x->rep.present |= KDC_REP_PADATA;
    x->rep.padata = (struct padata_list){pa, 1};
    return OBOL_OK;
}
