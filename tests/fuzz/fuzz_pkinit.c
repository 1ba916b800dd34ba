// fuzz_pkinit.c: what PKINIT reads from strangers. The first byte chooses: a PA-PK-AS-REQ as it
// stands, an AuthPack that nobody signed (an anonymous client's), one that alice signed, a CMS
// message as either end opens it, a PA-PK-AS-REP to our client, the KDCDHKeyInfo in one that the
// realm's own KDC has signed, and a certificate in the place of a client's name. Neither of the
// answers makes a login succeed: the reply's sealed part is under no key that comes of it.
#include "../kdc/pkinit.h"
#include "client/as.h"
#include "fuzz.h"

enum kind { PADATA, ANONYMOUS, SIGNED, MESSAGE, ANSWER, KEY_INFO, SHOWN, KINDS };

static struct pkinit_realm p;

int LLVMFuzzerInitialize(int *argc, char ***argv);

static void end(void) {
    pkinit_close(&p);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    UNUSED(argc);
    UNUSED(argv);
    pkinit_open(&p);
    (void)atexit(end);
    p.r.policy.retransmission = 0; // each input stands alone
    realm_start_kdc(&p.r);
    return 0;
}

static void send(const char *client, struct slice value) {
    struct kdc_req req = realm_as_req(&p.r, client, "krbtgt/EXAMPLE.COM");
    if (principal_name_is_anonymous(&req.req_body.cname))
        req.req_body.kdc_options |= (uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
    realm_add_padata(&p.r, &req, PA_PK_AS_REQ, value);
    (void)realm_send(&p.r, realm_encode(&p.r, &req));
}

static void send_pack(const char *client, const struct certificate *who, struct slice pack) {
    struct pa_pk_as_req pa = {0};
    struct slice value;
    must(pki_message_sign(who ? who->identity : NULL, pack, PKINIT_AUTH_DATA, &p.r.arena,
                          &pa.signed_auth_pack, err));
    must(der_encode(&TYPE_PA_PK_AS_REQ, &pa, &p.r.arena, &value, err));
    send(client, value);
}

static void open_message(struct slice bytes) {
    struct pki_message m;
    struct error err;
    error_init(&err);
    if (pki_message_open(&m, bytes, PKINIT_DH_KEY_DATA, &p.r.arena, &err) == OBOL_OK && m.signer) {
        struct pki_names names;
        (void)(pki_trust_check(p.trust, &m, REALM_START, false, &err) == OBOL_OK);
        (void)(pki_names_read(m.signer, &p.r.arena, &names, &err) == OBOL_OK);
        (void)pki_purposes(m.signer);
        (void)pki_rule_matches(SLICE_LITERAL("subject:CN=alice;issuer:CN=CA"), m.signer,
                               &p.r.arena);
    }
    pki_message_clear(&m);
    (void)pki_told_text(bytes, &p.r.arena);
}

// MS-SFU 3.1.5.1.1.1.
static void show(struct slice certificate) {
    static struct slice empty = {(const uint8_t *)"", 0};
    struct kdc_req req = realm_as_req(&p.r, "unused", "krbtgt/EXAMPLE.COM");
    req.req_body.cname = (struct principal_name){NT_X500_PRINCIPAL, {&empty, 1}};
    realm_add_padata(&p.r, &req, PA_S4U_X509_USER, certificate);
    (void)realm_send(&p.r, realm_encode(&p.r, &req));
}

static struct slice encoded(const struct der_type *type, const void *value) {
    struct slice out;
    must(der_encode(type, value, &p.r.arena, &out, err));
    return out;
}

// The KDC asks for PKINIT, then answers so.
static struct slice reply_of(int step, struct slice answer) {
    static const uint8_t sealed[64];
    struct principal tgs = realm_name(&p.r, "krbtgt/EXAMPLE.COM"),
                     alice = realm_name(&p.r, "alice");
    struct padata pa = {step ? PA_PK_AS_REP : PA_PK_AS_REQ, step ? answer : (struct slice){0}};
    const struct padata_list list = {&pa, 1};
    struct krb_error e = {.present = KRB_ERROR_E_DATA,
                          .pvno = 5,
                          .msg_type = KRB_ERROR,
                          .stime = REALM_START,
                          .error_code = 25, // KDC_ERR_PREAUTH_REQUIRED
                          .realm = tgs.realm,
                          .sname = tgs.name};
    const struct kdc_rep rep = {
        .present = KDC_REP_PADATA,
        .pvno = 5,
        .msg_type = KRB_AS_REP,
        .padata = list,
        .crealm = alice.realm,
        .cname = alice.name,
        .ticket = {.tkt_vno = 5, .realm = tgs.realm, .sname = tgs.name},
        .enc_part = {.etype = 18, .cipher = slice_of(sealed, sizeof sealed)},
    };
    if (step)
        return encoded(&TYPE_AS_REP, &rep);
    e.e_data = encoded(&TYPE_METHOD_DATA, &list);
    return encoded(&TYPE_KRB_ERROR, &e);
}

// The KDC has signed this KDCDHKeyInfo for the present request: its nonce is put in where the rest
// can be read.
static struct slice signed_answer(struct slice bytes, uint32_t nonce) {
    struct pa_pk_as_rep rep = {.present = PA_PK_AS_REP_DH_INFO};
    struct kdc_dh_key_info info;
    if (der_decode(&TYPE_KDC_DH_KEY_INFO, bytes, &p.r.arena, &info, NULL) == OBOL_OK) {
        info.nonce = nonce;
        bytes = encoded(&TYPE_KDC_DH_KEY_INFO, &info);
    }
    must(pki_message_sign(p.kdc.identity, bytes, PKINIT_DH_KEY_DATA, &p.r.arena,
                          &rep.dh_info.dh_signed_data, err));
    return encoded(&TYPE_PA_PK_AS_REP, &rep);
}

static void answer(struct slice value, bool sign) {
    const struct client_pkinit pkinit = {
        .identity = p.alice.identity,
        .trust = p.trust,
        .purposes = PKI_PURPOSE_KDC,
        .group = pkinit_group_find(SLICE_LITERAL("P-256")),
    };
    const struct as_params params = {.client = realm_name(&p.r, "alice"), .pkinit = &pkinit};
    struct as_client c;
    struct client_output want;
    struct error err;
    struct slice reply = {0};
    error_init(&err);
    enum obol_code code = as_client_init(&c, &params, &p.r.env, &p.r.arena, &err);
    for (int step = 0; code == OBOL_OK && step < 3; step++) {
        code = as_client_step(&c, reply, &want, &err);
        if (code == OBOL_OK && want.want == CLIENT_DONE)
            abort();
        if (code == OBOL_OK && step < 2)
            reply = reply_of(step, step && sign ? signed_answer(value, c.nonce) : value);
    }
    as_client_clear(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 20000)
        return 0;
    struct slice rest = slice_of(data + 1, size - 1);
    p.r.nonce = 1000;
    p.r.seed = 1;
    if (data[0] % KINDS == PADATA)
        send("alice", rest);
    if (data[0] % KINDS == ANONYMOUS)
        send_pack("WELLKNOWN/ANONYMOUS", NULL, rest);
    if (data[0] % KINDS == SIGNED && rest.len)
        send_pack("alice", &p.alice, rest);
    if (data[0] % KINDS == MESSAGE)
        open_message(rest);
    if (data[0] % KINDS == ANSWER)
        answer(rest, false);
    if (data[0] % KINDS == KEY_INFO && rest.len)
        answer(rest, true);
    if (data[0] % KINDS == SHOWN)
        show(rest);
    arena_reset(&p.r.arena);
    return 0;
}
