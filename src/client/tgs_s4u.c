// tgs_s4u.c: tickets in a user's name (MS-SFU), from the client's side. To ourselves (S4U2Self,
// 3.1.5.1.1): asked for at the user's realm, whose KDC sends us back to ours with TGTs that have
// his PAC; by his certificate, too, which that KDC alone can read. On to another service
// (S4U2Proxy, 3.1.5.2.2): asked for at our realm with the ticket that shows that he came. If the
// service is of another realm, the KDC gives a TGT with his PAC, and the service's KDC takes that
// in the place of his ticket, beside a TGT of our own.
#include "client/tgs_stage.h"
#include "proto/s4u.h"

#define KU_FOR_USER     17 // MS-SFU 2.2.1
#define KU_X509_REQUEST 26 // MS-SFU 2.2.2
#define KU_X509_REPLY   27
#define USE_REPLY_USAGE KERBEROS_FLAG(2)

static struct slice tgt_target(const struct cred *tgt) {
    return tgt->server.name.name_string.items[1];
}

void tgs_s4u_start(struct tgs_client *c) {
    const struct tgs_params *p = &c->params;
    c->home = c->tgt.client.realm;
    if (!p->act_for)
        return;
    c->user = *p->act_for;
    c->s4u = p->s4u_self ? TGS_SELF_GO : TGS_PROXY_FIRST;
    c->toward = p->s4u_self ? c->user.realm : c->realm;
}

// A new leg, by another TGT: its realms are visited anew.
static void set_out(struct tgs_client *c, const struct cred *tgt, struct slice toward) {
    c->tgt = *tgt;
    c->realm = tgt_target(tgt);
    c->realms[0] = c->realm;
    c->realm_count = 1;
    c->toward = toward;
    c->use_tcp = false;
}

enum obol_code tgs_s4u_arrive(struct tgs_client *c, bool *elsewhere, struct error *err) {
    UNUSED(err);
    struct slice there = c->realm;
    *elsewhere = false;
    if (c->s4u == TGS_SELF_GO) {
        c->s4u = TGS_SELF_BACK;
        set_out(c, &c->tgt, (struct slice){0});
    } else if (c->s4u == TGS_PROXY_OWN && c->toward.len) {
        c->s4u = TGS_PROXY_GO;
        c->own_tgt = c->tgt;
        c->params.path.count = 0;
        set_out(c, &c->user_tgt, there);
        *elsewhere = true;
    } else if (c->s4u == TGS_PROXY_GO) {
        c->s4u = TGS_PROXY_LAST;
        c->user_tgt = c->tgt;
        set_out(c, &c->own_tgt, there);
    }
    return OBOL_OK;
}

// service/host@REALM as one component, for KDCs of other realms (MS-SFU 3.1.5.1.1.1, RFC 6806 5).
static enum obol_code enterprise(struct tgs_client *c, struct slice realm,
                                 struct principal_name *out, struct error *err) {
    const struct principal whole = {realm, c->params.service.name};
    struct slice *item = arena_alloc(c->arena, sizeof *item);
    ENSURE_MEMORY(item);
    *item = principal_text(&whole, c->arena);
    ENSURE(item->len, NO_MEMORY, "the name of the service");
    *out = (struct principal_name){NT_ENTERPRISE, {item, 1}};
    return OBOL_OK;
}

enum obol_code tgs_s4u_name(struct tgs_client *c, struct error *err) {
    struct slice realm = c->params.service.realm;
    switch ((int)c->s4u) {
    case TGS_SELF_BACK:
        if (!slice_eq(c->realm, c->home))
            return enterprise(c, c->home, &c->asked.name, err);
        return OBOL_OK;
    case TGS_PROXY_FIRST:
        if (realm.len && !slice_eq(realm, c->realm) && !c->plain_name)
            TRY(enterprise(c, realm, &c->asked.name, err));
        // By its host its realm is found; KDCs look for that in names of this type only.
        if (c->plain_name)
            c->asked.name.name_type = NT_SRV_HST;
        c->target = c->asked.name;
        return OBOL_OK;
    case TGS_PROXY_OWN:
        c->options &= ~(uint32_t)KDC_OPT_CNAME_IN_ADDL_TKT;
        c->asked.name = c->target;
        return OBOL_OK;
    default: // TGS_PROXY_LAST
        c->asked.name = c->target;
        return OBOL_OK;
    }
}

// A KDC may know of no names of the form name@REALM: ours, or the service's, which is asked under
// the name that ours has said in the PAC. Then all of it begins anew.
bool tgs_s4u_other_name(struct tgs_client *c) {
    const struct principal *service = &c->params.service;
    bool here = c->s4u == TGS_PROXY_FIRST, there = c->s4u == TGS_PROXY_LAST;
    bool has = (here || there) && !c->plain_name && service->realm.len &&
               !slice_eq(service->realm, c->home) && service->name.name_string.count == 2;
    if (has && there) {
        c->s4u = TGS_PROXY_FIRST;
        c->tgt_count = 0;
        set_out(c, c->params.tgt, tgt_target(c->params.tgt));
    }
    c->plain_name |= has;
    return has;
}

// Only a KDC that says that it knows of delegation across realms gave a TGT with the user's PAC,
// and no usual one (MS-SFU 3.1.5.2.2).
static enum obol_code check_knows(struct tgs_client *c, struct error *err) {
    const struct padata_list *list = &c->enc.encrypted_pa_data;
    struct pa_pac_options options = {0};
    bool has = c->enc.present & ENC_KDC_REP_PART_ENCRYPTED_PA_DATA;
    for (size_t i = 0; has && i < list->count; i++)
        if (list->items[i].padata_type == PA_PAC_OPTIONS)
            TRY(der_decode(&TYPE_PA_PAC_OPTIONS, list->items[i].padata_value, c->arena, &options,
                           err));
    ENSURE(options.flags & (uint32_t)PAC_OPTION_RESOURCE_BASED_CONSTRAINED_DELEGATION,
           REPLY_MISMATCH,
           "the KDC of %.*s does not know of delegation to services of other realms",
           SLICE_ARG(c->realm));
    return OBOL_OK;
}

static bool is_tgt(const struct tgs_client *c) {
    return principal_is_krbtgt(&c->rep.ticket.sname);
}

static enum obol_code next_of_proxy(struct tgs_client *c, bool referred, enum tgs_next *next,
                                    struct error *err) {
    if (c->s4u == TGS_PROXY_FIRST && referred) {
        TRY(check_knows(c, err));
        c->s4u = TGS_PROXY_OWN;
        c->user_tgt = c->ticket;
        const struct cred tgt = c->tgt;
        // Where the realm is not known the KDCs are asked for the service, as anybody asks.
        set_out(c, &tgt, c->params.service.realm);
        *next = TGS_NEXT_ASK;
    } else if (c->s4u == TGS_PROXY_OWN && !referred) {
        c->toward = c->realm; // found
        *next = TGS_NEXT_ASK;
    } else if (c->s4u == TGS_PROXY_LAST) {
        ENSURE(
            !referred, REPLY_MISMATCH,
            "the KDC of %.*s, of which there was a TGT, says that the service is of another realm",
            SLICE_ARG(c->realm));
        TRY(check_knows(c, err));
    }
    return OBOL_OK;
}

enum obol_code tgs_s4u_next(struct tgs_client *c, enum tgs_next *next, struct error *err) {
    bool referred = *next == TGS_NEXT_ENTER;
    if (c->s4u != TGS_SELF_BACK)
        return next_of_proxy(c, referred, next, err);
    ENSURE(referred || slice_eq(c->realm, c->home), REPLY_MISMATCH,
           "the KDC of %.*s gave a ticket for a service of %.*s", SLICE_ARG(c->realm),
           SLICE_ARG(c->home));
    return OBOL_OK;
}

// ---- the parts of a request

struct slice tgs_s4u_evidence(const struct tgs_client *c) {
    if (c->s4u == TGS_PROXY_LAST)
        return c->user_tgt.ticket;
    const struct slice none = {0};
    return c->s4u == TGS_PROXY_OWN ? none : c->params.additional_ticket;
}

static struct crypto_key *request_key(const struct tgs_client *c) {
    return c->subkey ? c->subkey : c->session;
}

// Signed with the TGT's session key.
static enum obol_code make_for_user(struct tgs_client *c, struct slice *out, struct error *err) {
    const struct principal *user = &c->user;
    struct pa_for_user pa = {
        .user_name = user->name,
        .user_realm = user->realm,
        .auth_package = SLICE_LITERAL("Kerberos"),
    };
    struct writer w = writer_to_arena(c->arena);
    writer_le32(&w, (uint32_t)user->name.name_type);
    for (size_t i = 0; i < user->name.name_string.count; i++)
        writer_bytes(&w, user->name.name_string.items[i]);
    writer_bytes(&w, user->realm);
    writer_bytes(&w, pa.auth_package);
    struct buf sum = arena_buf(c->arena, cksumtype_length(CKSUMTYPE_HMAC_MD5));
    ENSURE_MEMORY(sum.ptr);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for PA-FOR-USER");
    TRY(crypto_checksum_type(c->session, KU_FOR_USER, CKSUMTYPE_HMAC_MD5, writer_slice(&w), sum,
                             err));
    pa.cksum = (struct checksum){CKSUMTYPE_HMAC_MD5, slice_of_buf(sum)};
    return der_encode(&TYPE_PA_FOR_USER, &pa, c->arena, out, err);
}

static bool is_named(const struct tgs_client *c) {
    return c->user.name.name_string.count > 0;
}

// Bound to the request by its nonce. With rc4 its checksum is none to rely on (MS-SFU 2.2.2).
static enum obol_code make_x509_user(struct tgs_client *c, struct slice *out, struct error *err) {
    const struct enctype *e = crypto_key_enctype(request_key(c));
    struct pa_s4u_x509_user pa = {
        .user_id = {.present = S4U_USER_ID_OPTIONS,
                    .nonce = c->nonce,
                    .cname = c->user.name,
                    .crealm = c->user.realm,
                    .subject_certificate = c->params.certificate,
                    .options = (uint32_t)USE_REPLY_USAGE},
    };
    if (is_named(c))
        pa.user_id.present |= S4U_USER_ID_CNAME;
    if (c->params.certificate.len && !c->user_known)
        pa.user_id.present |= S4U_USER_ID_SUBJECT_CERTIFICATE;
    struct slice id;
    struct buf sum = arena_buf(c->arena, enctype_checksum_length(e));
    ENSURE_MEMORY(sum.ptr);
    TRY(der_encode(&TYPE_S4U_USER_ID, &pa.user_id, c->arena, &id, err));
    TRY(crypto_checksum(request_key(c), KU_X509_REQUEST, id, sum, err));
    pa.checksum = (struct checksum){enctype_checksum_type(e), slice_of_buf(sum)};
    return der_encode(&TYPE_PA_S4U_X509_USER, &pa, c->arena, out, err);
}

// MS-SFU 3.1.5.2.1: a KDC may also ask the list of the service acted towards.
static enum obol_code make_pac_options(struct tgs_client *c, struct slice *out, struct error *err) {
    const struct pa_pac_options pa = {(uint32_t)PAC_OPTION_RESOURCE_BASED_CONSTRAINED_DELEGATION};
    return der_encode(&TYPE_PA_PAC_OPTIONS, &pa, c->arena, out, err);
}

static bool in_users_name(const struct tgs_client *c) {
    return !c->asking_realm &&
           (c->s4u == TGS_SELF_BACK || c->s4u == TGS_PROXY_FIRST || c->s4u == TGS_PROXY_LAST);
}

enum obol_code tgs_s4u_padata(struct tgs_client *c, struct padata *out, size_t *count,
                              struct error *err) {
    struct slice made;
    if (!in_users_name(c))
        return OBOL_OK;
    bool self = c->s4u == TGS_SELF_BACK, shown = self && c->params.certificate.len;
    bool rc4 = enctype_number(crypto_key_enctype(request_key(c))) == ENCTYPE_RC4_HMAC;
    ENSURE(!shown || !rc4, ENCTYPE_UNSUPPORTED,
           "a user's certificate cannot be shown under a session key of rc4-hmac");
    if (!self || is_named(c)) {
        TRY(self ? make_for_user(c, &made, err) : make_pac_options(c, &made, err));
        out[(*count)++] = (struct padata){self ? PA_FOR_USER : PA_PAC_OPTIONS, made};
    }
    if (!self || rc4)
        return OBOL_OK;
    TRY(make_x509_user(c, &made, err));
    out[(*count)++] = (struct padata){PA_S4U_X509_USER, made};
    return OBOL_OK;
}

// ---- its answer

// A KDC that knows no certificates cannot have read one.
static enum obol_code check_not_told(const struct tgs_client *c, struct error *err) {
    ENSURE(c->user_known || !c->params.certificate.len, REPLY_MISMATCH,
           "the KDC of %.*s does not say whose the certificate is", SLICE_ARG(c->realm));
    return OBOL_OK;
}

// The KDC of the user's realm says, under protection, how he is named there; that stays (MS-SFU
// 3.1.5.1.1.2). A KDC that does not answer means the name that was asked for.
enum obol_code tgs_s4u_check_user(struct tgs_client *c, struct error *err) {
    const struct padata_list *list = &c->rep.padata;
    struct pa_s4u_x509_user pa;
    bool found = false;
    if (c->s4u != TGS_SELF_BACK || c->asking_realm)
        return OBOL_OK;
    bool has = c->rep.present & KDC_REP_PADATA;
    for (size_t i = 0; has && i < list->count && !found; i++)
        if (list->items[i].padata_type == PA_S4U_X509_USER) {
            TRY(der_decode(&TYPE_PA_S4U_X509_USER, list->items[i].padata_value, c->arena, &pa,
                           err));
            found = true;
        }
    if (!found)
        return check_not_told(c, err);
    const struct s4u_user_id *id = &pa.user_id;
    bool reply_usage =
        (id->present & S4U_USER_ID_OPTIONS) && (id->options & (uint32_t)USE_REPLY_USAGE);
    enum obol_code code =
        crypto_verify(request_key(c), reply_usage ? KU_X509_REPLY : KU_X509_REQUEST,
                      pa.checksum.cksumtype, id->raw, pa.checksum.checksum, NULL);
    ENSURE(code == OBOL_OK && id->nonce == c->nonce && (id->present & S4U_USER_ID_CNAME),
           REPLY_MISMATCH, "the reply's name of the user is not protected, or of another request");
    const struct principal named = {id->crealm, id->cname};
    bool may_differ = !c->user_known && (!is_named(c) || c->user.name.name_type == NT_ENTERPRISE);
    ENSURE(may_differ || principal_eq(&named, &c->user), REPLY_MISMATCH,
           "the reply is about %.*s, asked for was %.*s",
           SLICE_ARG(principal_text(&named, c->arena)),
           SLICE_ARG(principal_text(&c->user, c->arena)));
    c->user = named;
    c->user_known = true;
    return OBOL_OK;
}

// Whom the ticket names: the TGT's client, or the one that it is to act for.
const struct principal *tgs_s4u_client(const struct tgs_client *c) {
    return in_users_name(c) && !is_tgt(c) ? &c->user : &c->tgt.client;
}
