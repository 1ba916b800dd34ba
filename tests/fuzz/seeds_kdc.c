// seeds_kdc.c: writes the seeds of fuzz_kdc and fuzz_ap into the folders kdc/ and ap/ of the folder
// named on the command line. Run again when the messages change:
//     ninja -C build tests/fuzz/seeds_kdc && build/tests/fuzz/seeds_kdc tests/fuzz/corpus
#include "../kdc/realm.h"
#include "proto/fast.h"
#include "proto/spake.h"
#include <sys/stat.h>

static struct realm r;
static const char *folder;

static void write_seed(const char *path, uint8_t kind, struct slice bytes) {
    char full[512];
    snprintf(full, sizeof full, "%s/%s", folder, path);
    FILE *f = fopen(full, "wb");
    if (!f || fputc(kind, f) == EOF || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len ||
        fclose(f) != 0) {
        perror(full);
        exit(1);
    }
}

static struct slice encoded(const struct der_type *type, const void *value) {
    struct slice out;
    must(der_encode(type, value, &r.arena, &out, err));
    return out;
}

static void write_as(void) {
    struct crypto_key *key = realm_key(&r, "alice@EXAMPLE.COM", 2, 18);
    struct kdc_req req = realm_as_req(&r, "alice", "krbtgt/EXAMPLE.COM");
    write_seed("kdc/as-req", 0, realm_encode(&r, &req));
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, key, REALM_START));
    realm_add_padata(&r, &req, PA_REQ_ENC_PA_REP, (struct slice){0});
    write_seed("kdc/as-req-timestamp", 0, realm_encode(&r, &req));
    req = realm_as_req(&r, "open", "kadmin/changepw");
    req.req_body.present |= KDC_REQ_BODY_FROM | KDC_REQ_BODY_RTIME;
    req.req_body.kdc_options = 0x50810010;
    req.req_body.rtime = REALM_START + DAY;
    write_seed("kdc/as-req-options", 0, realm_encode(&r, &req));
    const struct pa_enc_ts_enc ts = {PA_ENC_TS_ENC_PAUSEC, REALM_START, 7};
    write_seed("kdc/timestamp", 1, encoded(&TYPE_PA_ENC_TS_ENC, &ts));
}

static void write_preauth(void) {
    static int32_t groups[] = {1, 2};
    static const uint8_t point[32] = {1}, cipher[48];
    const struct pa_spake support = {.present = PA_SPAKE_SUPPORT, .support = {{groups, 2}}};
    const struct pa_spake response = {
        .present = PA_SPAKE_RESPONSE,
        .response = {slice_of(point, 32), {0, 20, 0, slice_of(cipher, 48)}},
    };
    write_seed("kdc/spake-support", 6, encoded(&TYPE_PA_SPAKE, &support));
    write_seed("kdc/spake-response", 6, encoded(&TYPE_PA_SPAKE, &response));
    struct kdc_req req = realm_as_req(&r, "alice", "krbtgt/EXAMPLE.COM");
    struct padata items[] = {{PA_SPAKE, encoded(&TYPE_PA_SPAKE, &support)},
                             {PA_ENCRYPTED_CHALLENGE, slice_of(cipher, 48)},
                             {PA_REQ_ENC_PA_REP, {0}}};
    struct krb_fast_req inside = {0x40000000, {items, 3}, req.req_body};
    write_seed("kdc/armor", 7, encoded(&TYPE_KRB_FAST_REQ, &inside));
    inside.padata.count = 1;
    write_seed("kdc/armor-spake", 7, encoded(&TYPE_KRB_FAST_REQ, &inside));
    // Version 1, group 1, kvno 2, enctype 20, private key, transcript.
    uint8_t state[13 + 64] = {1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 20, 8};
    write_seed("kdc/cookie", 8, slice_of(state, sizeof state));
}

static void write_tgs(const struct session *tgt) {
    struct kdc_req req = realm_tgs_req(&r, "HTTP/web.example.com");
    write_seed("kdc/tgs-body", 2, realm_body(&r, &req));
    write_seed("kdc/tgs-req", 0, realm_present(&r, tgt, &req));
    req = realm_tgs_req(&r, "krbtgt/EXAMPLE.COM");
    req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    write_seed("kdc/tgs-body-renew", 2, realm_body(&r, &req));
    req = realm_tgs_req(&r, "alice");
    req.req_body.kdc_options = (uint32_t)KDC_OPT_ENC_TKT_IN_SKEY;
    req.req_body.present |= KDC_REQ_BODY_ADDITIONAL_TICKETS;
    struct ticket second = tgt->rep.ticket;
    req.req_body.additional_tickets = (struct ticket_list){&second, 1};
    write_seed("kdc/tgs-body-user-to-user", 2, realm_body(&r, &req));
    struct enc_ticket_part part = realm_ticket(&r, tgt, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    write_seed("kdc/ticket", 4, encoded(&TYPE_ENC_TICKET_PART, &part));
    write_seed("ap/ticket", 1, encoded(&TYPE_ENC_TICKET_PART, &part));
    struct authdata items[] = {{AD_WIN2K_PAC, SLICE_LITERAL("x")}, {7, SLICE_LITERAL("y")}};
    struct authdata_list list = {items, 2};
    struct authdata outer = {AD_IF_RELEVANT, encoded(&TYPE_AUTHORIZATION_DATA, &list)};
    list = (struct authdata_list){&outer, 1};
    write_seed("kdc/authdata", 5, encoded(&TYPE_AUTHORIZATION_DATA, &list));
}

static void write_ap(const struct session *tgt) {
    struct principal alice = realm_name(&r, "alice");
    struct authenticator auth = {
        .present = AUTHENTICATOR_SUBKEY | AUTHENTICATOR_SEQ_NUMBER | AUTHENTICATOR_CKSUM,
        .authenticator_vno = 5,
        .crealm = alice.realm,
        .cname = alice.name,
        .ctime = REALM_START,
        .subkey = {18, realm_key_bytes(&r, "subkey", 1, 18)},
        .seq_number = 99,
        .cksum = {16, SLICE_LITERAL("twelve bytes")},
    };
    write_seed("kdc/authenticator", 3, encoded(&TYPE_AUTHENTICATOR, &auth));
    write_seed("ap/authenticator", 2, encoded(&TYPE_AUTHENTICATOR, &auth));
    struct ap_req_params params = realm_params(tgt);
    struct ap_req_sent sent;
    struct slice bytes;
    must(ap_req_build(&params, &r.env, &r.arena, &bytes, &sent, err));
    write_seed("ap/ap-req", 0, bytes);
    struct ap_rep rep = {5, KRB_AP_REP, tgt->rep.enc_part};
    write_seed("ap/ap-rep", 3, encoded(&TYPE_AP_REP, &rep));
    const struct enc_ap_rep_part part = {ENC_AP_REP_PART_SEQ_NUMBER, REALM_START, 0, {0}, 5};
    write_seed("ap/enc-ap-rep", 4, encoded(&TYPE_ENC_AP_REP_PART, &part));
}

int main(int argc, char **argv) {
    char path[512];
    if (argc != 2)
        return 2;
    folder = argv[1];
    snprintf(path, sizeof path, "%s/kdc", folder);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/ap", folder);
    mkdir(path, 0755);
    realm_open(&r);
    struct session tgt = realm_login(&r, "alice");
    write_as();
    write_preauth();
    write_tgs(&tgt);
    write_ap(&tgt);
    realm_close(&r);
    return 0;
}
