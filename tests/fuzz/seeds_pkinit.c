// seeds_pkinit.c: writes the seeds of fuzz_pkinit into the folder pkinit/ of the folder named on
// the command line. Keys and signatures are new at each run.
//     ninja -C build tests/fuzz/seeds_pkinit && build/tests/fuzz/seeds_pkinit tests/fuzz/corpus
#include "../kdc/pkinit.h"

static struct pkinit_realm p;
static const char *folder;

static void write_seed(const char *name, uint8_t kind, struct slice bytes) {
    char full[512];
    snprintf(full, sizeof full, "%s/pkinit/%s", folder, name);
    FILE *f = fopen(full, "wb");
    if (!f || fputc(kind, f) == EOF || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len ||
        fclose(f) != 0) {
        perror(full);
        exit(1);
    }
}

static struct slice pack_of(struct pkinit_request *q) {
    struct slice out;
    must(der_encode(&TYPE_AUTH_PACK, &q->pack, &p.r.arena, &out, err));
    return out;
}

static void write_requests(void) {
    static const char *const groups[] = {"2048", "4096", "P-256", "P-384"};
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        struct pkinit_request q;
        char name[32];
        pkinit_begin(&p, "alice", groups[i], &q);
        snprintf(name, sizeof name, "pack-%s", groups[i]);
        write_seed(name, 2, pack_of(&q));
        pkinit_encode(&p, &p.alice, &q);
        snprintf(name, sizeof name, "padata-%s", groups[i]);
        write_seed(name, 0, q.req.padata.items[0].padata_value);
        pkinit_dh_clear(&q.dh);
    }
    struct pkinit_request q;
    pkinit_begin(&p, "WELLKNOWN/ANONYMOUS", "P-256", &q);
    q.pack.present |= AUTH_PACK_CLIENT_DH_NONCE;
    q.pack.client_dh_nonce = SLICE_LITERAL("nonce");
    q.pack.pk_authenticator.present |= PK_AUTHENTICATOR_FRESHNESS_TOKEN;
    q.pack.pk_authenticator.freshness_token = SLICE_LITERAL("OBC1");
    write_seed("anonymous", 1, pack_of(&q));
    pkinit_dh_clear(&q.dh);
}

static void write_message(void) {
    struct kdc_dh_key_info info = {.nonce = 1000};
    struct slice bytes, message;
    struct pkinit_dh dh;
    must(pkinit_dh_start(&dh, pkinit_group_find(SLICE_LITERAL("P-256")), err));
    must(pkinit_dh_public(&dh, &p.r.arena, &info.subject_public_key, err));
    pkinit_dh_clear(&dh);
    must(der_encode(&TYPE_KDC_DH_KEY_INFO, &info, &p.r.arena, &bytes, err));
    must(pki_message_sign(p.kdc.identity, bytes, PKINIT_DH_KEY_DATA, &p.r.arena, &message, err));
    write_seed("message", 3, message);
    write_seed("key-info", 5, bytes);
    struct pa_pk_as_rep rep = {.present = PA_PK_AS_REP_DH_INFO};
    rep.dh_info.dh_signed_data = message;
    rep.dh_info.present = DH_REP_INFO_KDF;
    rep.dh_info.kdf.kdf_id = pkinit_kdf_oid(pkinit_kdf_at(0));
    struct slice answer;
    must(der_encode(&TYPE_PA_PK_AS_REP, &rep, &p.r.arena, &answer, err));
    write_seed("answer", 4, answer);
    must(pki_message_sign(NULL, bytes, PKINIT_DH_KEY_DATA, &p.r.arena, &message, err));
    write_seed("message-unsigned", 3, message);
}

static void write_certificates(void) {
    struct slice der;
    must(pki_certificate_der(p.alice.pem, &p.r.arena, &der, err));
    write_seed("shown", 6, der);
    must(pki_certificate_der(p.ca.pem, &p.r.arena, &der, err));
    write_seed("shown-nameless", 6, der);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    folder = argv[1];
    pkinit_open(&p);
    write_requests();
    write_message();
    write_certificates();
    pkinit_close(&p);
    return 0;
}
