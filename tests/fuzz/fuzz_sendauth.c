// fuzz_sendauth.c: the AP exchange over a stream (krb5_sendauth, krb5_recvauth), each end hearing
// bytes of the fuzzer's making; the keys are at hand. The first byte chooses: 0 the service hears
// raw bytes; 1 a good client whose stream is changed here and there and goes on; 2 the client hears
// raw bytes; 3 the client hears consent and an AP-REP with bytes that are sealed rightly.
#include "base/reader.h"
#include "compat/convert.h"
#include "fuzz.h"
#include "krb/seal.h"
#include "proto/types.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t SERVICE_KEY[32] = "the service's key, known to us",
                     SESSION_KEY[32] = "session";
static char APPLICATION[] = "sample";
static krb5_context context;
static krb5_keytab keytab;
static krb5_creds creds;
static struct arena arena;

static struct crypto_key *key_of(const uint8_t bytes[32]) {
    struct crypto_key *key;
    must_hold(crypto_key_in_arena(&key, &arena, ENCTYPE_AES256_SHA1, slice_of(bytes, 32), NULL) ==
              OBOL_OK);
    return key;
}

static void make_ticket(void) {
    struct principal client, server;
    struct slice der;
    int64_t now = env_now(env_system());
    must_hold(principal_in(creds.client, &arena, &client, NULL) == OBOL_OK);
    must_hold(principal_in(creds.server, &arena, &server, NULL) == OBOL_OK);
    const struct enc_ticket_part part = {
        .key = {ENCTYPE_AES256_SHA1, slice_of(SESSION_KEY, 32)},
        .crealm = client.realm,
        .cname = client.name,
        .authtime = now - 100,
        .endtime = now + 100000,
    };
    struct ticket ticket = {.tkt_vno = KRB_PVNO, .realm = server.realm, .sname = server.name};
    must_hold(krb_seal(&TYPE_ENC_TICKET_PART, &part, key_of(SERVICE_KEY), KU_TICKET, 2,
                       env_system(), &arena, &ticket.enc_part, NULL) == OBOL_OK);
    must_hold(der_encode(&TYPE_TICKET, &ticket, &arena, &der, NULL) == OBOL_OK);
    must_hold(data_out(&creds.ticket, der));
    must_hold(keyblock_out(&creds.keyblock, ENCTYPE_AES256_SHA1, slice_of(SESSION_KEY, 32)));
}

static void start(void) {
    krb5_keytab_entry e = {.vno = 2};
    setenv("KRB5_CONFIG", "/dev/null", 1);
    setenv("KRB5RCACHENAME", "none:", 1);
    must_hold(arena_init(&arena, 1 << 16, 1 << 20));
    must_hold(krb5_init_context(&context) == 0);
    must_hold(krb5_parse_name(context, "alice@R.TEST", &creds.client) == 0);
    must_hold(krb5_parse_name(context, "host/a@R.TEST", &creds.server) == 0);
    must_hold(krb5_kt_resolve(context, "MEMORY:fuzz", &keytab) == 0);
    e.principal = creds.server;
    e.key = (krb5_keyblock){KV5M_KEYBLOCK, ENCTYPE_AES256_SHA1, 32,
                            (krb5_octet *)(uintptr_t)SERVICE_KEY};
    must_hold(krb5_kt_add_entry(context, keytab, &e) == 0);
    make_ticket();
    arena_reset(&arena);
}

// Our end hears exactly these bytes, and then that nobody is there.
static void say(int fd, struct slice bytes) {
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n <= 0)
            return; // the pair is full: the rest is not heard
        at += (size_t)n;
    }
}

static void serve(int fd) {
    krb5_auth_context ac = NULL;
    krb5_ticket *ticket = NULL;
    if (krb5_recvauth(context, &ac, &fd, APPLICATION, NULL, 0, keytab, &ticket) == 0)
        krb5_free_ticket(context, ticket);
    (void)krb5_auth_con_free(context, ac);
}

static void ask(int fd) {
    krb5_auth_context ac = NULL;
    krb5_error *error = NULL;
    krb5_ap_rep_enc_part *reply = NULL;
    (void)krb5_sendauth(context, &ac, &fd, APPLICATION, creds.client, creds.server,
                        AP_OPTS_MUTUAL_REQUIRED, NULL, &creds, NULL, &error, &reply, NULL);
    krb5_free_error(context, error);
    krb5_free_ap_rep_enc_part(context, reply);
    (void)krb5_auth_con_free(context, ac);
}

static void framed(struct writer *w, struct slice message) {
    writer_be32(w, (uint32_t)message.len);
    writer_bytes(w, message);
}

// What a good client says, changed: each three bytes of the input are a place and what is added to
// it, until a place of 0xffff; the rest is said after it.
static struct slice changed_client(struct reader *r) {
    krb5_auth_context ac = NULL;
    krb5_data request;
    static uint8_t room[4096];
    struct writer w = writer_to_buf(buf_of(room, sizeof room));
    must_hold(krb5_mk_req_extended(context, &ac, AP_OPTS_MUTUAL_REQUIRED, NULL, &creds, &request) ==
              0);
    framed(&w, slice_of("KRB5_SENDAUTH_V1.0", 19));
    framed(&w, slice_of(APPLICATION, sizeof APPLICATION));
    framed(&w, data_in(&request));
    krb5_free_data_contents(context, &request);
    (void)krb5_auth_con_free(context, ac);
    must_hold(writer_ok(&w));
    while (reader_left(r) >= 3) {
        uint16_t at = reader_be16(r);
        uint8_t change = reader_u8(r);
        if (at == 0xffff)
            break;
        room[at % w.len] ^= change;
    }
    struct slice rest = reader_rest(r);
    writer_bytes(&w, slice_sub(rest, 0, rest.len < 1000 ? rest.len : 1000));
    return writer_slice(&w);
}

static struct slice consent(struct slice plain) {
    struct ap_rep rep = {.pvno = KRB_PVNO, .msg_type = KRB_AP_REP};
    static uint8_t room[16384];
    struct slice der;
    const struct enctype *e = enctype_find(ENCTYPE_AES256_SHA1);
    struct buf sealed = arena_buf(&arena, enctype_sealed_length(e, plain.len));
    must_hold(sealed.ptr);
    must_hold(crypto_seal(key_of(SESSION_KEY), KU_AP_REP, env_system(), plain, sealed, NULL) ==
              OBOL_OK);
    rep.enc_part =
        (struct encrypted_data){.etype = ENCTYPE_AES256_SHA1, .cipher = slice_of_buf(sealed)};
    must_hold(der_encode(&TYPE_AP_REP, &rep, &arena, &der, NULL) == OBOL_OK);
    struct writer w = writer_to_buf(buf_of(room, sizeof room));
    writer_u8(&w, 0);   // the protocol and the application are right
    writer_be32(&w, 0); // the AP-REQ is, too
    framed(&w, der);
    return writer_ok(&w) ? writer_slice(&w) : (struct slice){0};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int pair[2];
    if (!context)
        start();
    if (size < 1 || size > 8192 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 0;
    struct reader r = reader_of(slice_of(data + 1, size - 1));
    unsigned what = data[0] % 4;
    must_hold(fcntl(pair[1], F_SETFL, O_NONBLOCK) == 0);
    say(pair[1], what == 1   ? changed_client(&r)
                 : what == 3 ? consent(reader_rest(&r))
                             : reader_rest(&r));
    shutdown(pair[1], SHUT_WR);
    if (what < 2)
        serve(pair[0]);
    else
        ask(pair[0]);
    close(pair[0]);
    close(pair[1]);
    arena_reset(&arena);
    return 0;
}
