// fuzz_pkinit.c: what PKINIT reads from strangers. The first byte chooses: a PA-PK-AS-REQ as it
// stands, an AuthPack that nobody signed (an anonymous client's), one that alice signed, a CMS
// message as either end opens it.
#include "../kdc/pkinit.h"

enum kind { PADATA, ANONYMOUS, SIGNED, MESSAGE, KINDS };

static struct pkinit_realm p;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    arena_reset(&p.r.arena);
    return 0;
}
