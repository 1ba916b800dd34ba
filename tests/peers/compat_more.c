// compat_more.c: calls of libkrb5 that few programs make: what they answer is printed, so that a
// run on MIT's library and one on ours can be compared, and what one makes the other can read. For
// test_compat_more.py. It is linked with MIT's libraries.
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Exported by MIT's library and not in its header.
krb5_error_code krb5_ser_pack_int32(krb5_int32, krb5_octet **, size_t *);
krb5_error_code krb5_ser_unpack_int32(krb5_int32 *, krb5_octet **, size_t *);
krb5_error_code krb5_ser_pack_bytes(krb5_octet *, size_t, krb5_octet **, size_t *);
krb5_error_code krb5_gen_portaddr(krb5_context, const krb5_address *, krb5_const_pointer,
                                  krb5_address **);
krb5_error_code krb5_gen_replay_name(krb5_context, const krb5_address *, const char *, char **);
krb5_error_code encode_krb5_ticket(const krb5_ticket *, krb5_data **);
krb5_error_code encode_krb5_enc_tkt_part(const krb5_enc_tkt_part *, krb5_data **);
krb5_error_code decode_krb5_enc_tkt_part(const krb5_data *, krb5_enc_tkt_part **);

static krb5_context context;
static const krb5_enctype ETYPES[] = {17, 18, 19, 20, 23, 25, 26};

static void must(krb5_error_code code, const char *what) {
    if (!code)
        return;
    fprintf(stderr, "%s: %s (%ld)\n", what, krb5_get_error_message(context, code), (long)code);
    _exit(1);
}
static void hex(const char *label, const void *bytes, size_t len) {
    printf("%s ", label);
    for (size_t i = 0; i < len; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
    printf("\n");
}
static size_t unhex(const char *text, unsigned char *out) {
    size_t n = 0;
    for (; text[0] && text[1]; text += 2)
        sscanf(text, "%2hhx", &out[n++]);
    return n;
}
static krb5_keyblock key_of(krb5_enctype etype) {
    static krb5_octet bytes[32] = "a key that no one else would use";
    size_t seed, length;
    must(krb5_c_keylengths(context, etype, &seed, &length), "keylengths");
    return (krb5_keyblock){KV5M_KEYBLOCK, etype, length, bytes};
}

// ---- what has one answer

static void lengths(void) {
    for (size_t i = 0; i < sizeof ETYPES / sizeof *ETYPES; i++)
        for (krb5_cryptotype type = 0; type < 9; type++) {
            unsigned size = 0, padding = 99;
            krb5_error_code code = krb5_c_crypto_length(context, ETYPES[i], type, &size);
            printf("length %d %d: %ld %u\n", ETYPES[i], type, (long)code, code ? 0 : size);
            code = krb5_c_padding_length(context, ETYPES[i], 5, &padding);
            printf("padding %d: %ld %u\n", ETYPES[i], (long)code, padding);
        }
    unsigned size;
    printf("length of none: %ld\n", (long)krb5_c_crypto_length(context, 99, 1, &size));
}

static void v4_names(void) {
    static const char *const names[] = {"alice@R",
                                        "alice/admin@R",
                                        "host/web.a.b@R",
                                        "HTTP/web.a.b@R",
                                        "imap/m.x@R",
                                        "kadmin/m.x@R",
                                        "host/short@R",
                                        "a/b/c@R",
                                        "changepw/kerberos@R",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@R"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64] = "", instance[64] = "", realm[64] = "";
        krb5_principal p;
        must(krb5_parse_name(context, names[i], &p), "parse_name");
        krb5_error_code code = krb5_524_conv_principal(context, p, name, instance, realm);
        printf("v4 %s: %ld %s %s %s\n", names[i], (long)code, code ? "" : name,
               code ? "" : instance, code ? "" : realm);
        krb5_free_principal(context, p);
    }
    printf("v4 creds: %ld\n", (long)krb5_524_convert_creds(context, NULL, NULL));
}

static void packing(void) {
    krb5_octet room[8] = {0}, *at = room;
    size_t left = sizeof room;
    krb5_int32 value = 0;
    printf("pack %ld", (long)krb5_ser_pack_int32(-2, &at, &left));
    printf(" %ld", (long)krb5_ser_pack_bytes((krb5_octet *)"abc", 3, &at, &left));
    printf(" %ld %zu\n", (long)krb5_ser_pack_int32(1, &at, &left), left);
    hex("packed", room, sizeof room);
    at = room;
    left = 4;
    printf("unpack %ld %d", (long)krb5_ser_unpack_int32(&value, &at, &left), value);
    printf(" %ld\n", (long)krb5_ser_unpack_int32(&value, &at, &left));
    krb5_octet here[] = {127, 0, 0, 1};
    unsigned short port = 0x5000;
    krb5_address address = {KV5M_ADDRESS, ADDRTYPE_INET, 4, here}, *full;
    char *name;
    must(krb5_gen_portaddr(context, &address, &port, &full), "gen_portaddr");
    printf("portaddr %d ", full->addrtype);
    hex("", full->contents, full->length);
    must(krb5_gen_replay_name(context, full, "_tag", &name), "gen_replay_name");
    printf("replay name %s\n", name);
    address.addrtype = 99;
    printf("portaddr of another %ld\n", (long)krb5_gen_portaddr(context, &address, &port, &full));
}

static void containers(void) {
    krb5_authdata one = {KV5M_AUTHDATA, 5, 3, (krb5_octet *)"abc"}, *list[] = {&one, NULL};
    krb5_authdata **outside, **inside, bad = {KV5M_AUTHDATA, 1, 2, (krb5_octet *)"\x30\x09"};
    must(krb5_encode_authdata_container(context, 1, list, &outside), "encode_authdata_container");
    hex("container", outside[0]->contents, outside[0]->length);
    must(krb5_decode_authdata_container(context, 1, outside[0], &inside), "decode");
    printf("inside %d %.*s\n", inside[0]->ad_type, inside[0]->length, inside[0]->contents);
    printf("of another type %ld\n",
           (long)krb5_decode_authdata_container(context, 4, outside[0], &inside));
    printf("cut off %d\n", krb5_decode_authdata_container(context, 1, &bad, &inside) != 0);
}

static void tickets(void) {
    krb5_principal p;
    must(krb5_parse_name(context, "alice@R", &p), "parse_name");
    krb5_keyblock key = key_of(18);
    krb5_enc_tkt_part part = {.magic = KV5M_ENC_TKT_PART,
                              .flags = 0x40000000,
                              .session = &key,
                              .client = p,
                              .transited = {.tr_type = 1}},
                      *again;
    part.times = (krb5_ticket_times){1000, 1000, 2000, 3000};
    krb5_ticket ticket = {.magic = KV5M_TICKET, .server = p};
    ticket.enc_part =
        (krb5_enc_data){.enctype = 18, .kvno = 3, .ciphertext = {.length = 4, .data = "abcd"}};
    krb5_data *der, cut;
    must(encode_krb5_ticket(&ticket, &der), "encode_krb5_ticket");
    hex("ticket", der->data, der->length);
    must(encode_krb5_enc_tkt_part(&part, &der), "encode_krb5_enc_tkt_part");
    hex("part", der->data, der->length);
    must(decode_krb5_enc_tkt_part(der, &again), "decode_krb5_enc_tkt_part");
    printf("again %x %d %d %.*s\n", again->flags, again->times.renew_till, again->session->enctype,
           again->client->data[0].length, again->client->data[0].data);
    cut = (krb5_data){.length = der->length - 1, .data = der->data};
    printf("cut off %d\n", decode_krb5_enc_tkt_part(&cut, &again) != 0);
}

static void old_calls(void) {
    for (size_t i = 0; i < sizeof ETYPES / sizeof *ETYPES; i++) {
        krb5_keyblock key = key_of(ETYPES[i]);
        krb5_encrypt_block block = {.magic = KV5M_ENCRYPT_BLOCK, .key = &key};
        char sealed[256], plain[256] = "", other[256];
        size_t size = krb5_encrypt_size(16, ETYPES[i]);
        must(krb5_encrypt(context, "sixteen bytes!!!", sealed, 16, &block, NULL), "encrypt");
        must(krb5_decrypt(context, sealed, plain, size, &block, NULL), "decrypt");
        sealed[size - 1] ^= 1;
        int refused = krb5_decrypt(context, sealed, other, size, &block, NULL) != 0;
        printf("old %d: %zu %.16s %d\n", ETYPES[i], size, plain, refused);
    }
}

// MIT's takes this call for the checksums of DES alone.
static void old_checksum(void) {
    krb5_keyblock key = key_of(18);
    krb5_data data = {.length = 3, .data = "abc"};
    krb5_checksum sum;
    must(krb5_c_make_checksum(context, 16, &key, 0, &data, &sum), "make_checksum");
    printf("%ld",
           (long)krb5_verify_checksum(context, 16, &sum, "abc", 3, key.contents, key.length));
    printf(" %d\n",
           krb5_verify_checksum(context, 16, &sum, "abd", 3, key.contents, key.length) != 0);
}

// What the KDC says of a client's key.
static void etype_info(const char *name) {
    krb5_principal p;
    krb5_enctype etype = 0;
    krb5_data salt = {0}, params = {0};
    must(krb5_parse_name(context, name, &p), "parse_name");
    must(krb5_get_etype_info(context, p, NULL, &etype, &salt, &params), "get_etype_info");
    printf("%d %.*s ", etype, salt.length, salt.data);
    hex("", params.data, params.length);
}

static void sums(void) {
    for (size_t i = 0; i < sizeof ETYPES / sizeof *ETYPES; i++) {
        krb5_keyblock key = key_of(ETYPES[i]);
        char sum[64], data[] = "data";
        krb5_boolean valid = 0;
        krb5_crypto_iov iov[] = {
            {KRB5_CRYPTO_TYPE_SIGN_ONLY, {.length = 4, .data = "head"}},
            {KRB5_CRYPTO_TYPE_DATA, {.length = 4, .data = data}},
            {KRB5_CRYPTO_TYPE_CHECKSUM, {.length = sizeof sum, .data = sum}},
        };
        must(krb5_c_make_checksum_iov(context, 0, &key, 7, iov, 3), "make_checksum_iov");
        hex("sum", sum, iov[2].data.length);
        must(krb5_c_verify_checksum_iov(context, 0, &key, 7, iov, 3, &valid), "verify");
        printf("valid %d", valid);
        data[0] = 'D';
        must(krb5_c_verify_checksum_iov(context, 0, &key, 7, iov, 3, &valid), "verify");
        printf(" %d\n", valid);
    }
}

// ---- what one makes and the other reads

static void seal(krb5_enctype etype) {
    krb5_keyblock key = key_of(etype);
    char header[64], trailer[64], one[] = "first ", two[] = "second";
    unsigned head, tail;
    must(krb5_c_crypto_length(context, etype, KRB5_CRYPTO_TYPE_HEADER, &head), "length");
    must(krb5_c_crypto_length(context, etype, KRB5_CRYPTO_TYPE_TRAILER, &tail), "length");
    krb5_crypto_iov iov[] = {
        {KRB5_CRYPTO_TYPE_HEADER, {.length = head, .data = header}},
        {KRB5_CRYPTO_TYPE_DATA, {.length = 6, .data = one}},
        {KRB5_CRYPTO_TYPE_SIGN_ONLY, {.length = 5, .data = "shown"}},
        {KRB5_CRYPTO_TYPE_DATA, {.length = 6, .data = two}},
        {KRB5_CRYPTO_TYPE_PADDING, {.length = 0}},
        {KRB5_CRYPTO_TYPE_TRAILER, {.length = tail, .data = trailer}},
    };
    must(krb5_c_encrypt_iov(context, &key, 7, NULL, iov, 6), "encrypt_iov");
    char all[256];
    size_t at = 0;
    memcpy(all, header, head);
    memcpy(all + (at += head), one, 6);
    memcpy(all + (at += 6), two, 6);
    memcpy(all + (at += 6), trailer, tail);
    hex("", all, at + tail);
}

static void unseal(krb5_enctype etype, const char *text) {
    krb5_keyblock key = key_of(etype);
    unsigned char all[256];
    unsigned len = unhex(text, all), head, tail;
    must(krb5_c_crypto_length(context, etype, KRB5_CRYPTO_TYPE_HEADER, &head), "length");
    must(krb5_c_crypto_length(context, etype, KRB5_CRYPTO_TYPE_TRAILER, &tail), "length");
    char *at = (char *)all;
    krb5_crypto_iov iov[] = {
        {KRB5_CRYPTO_TYPE_HEADER, {.length = head, .data = at}},
        {KRB5_CRYPTO_TYPE_DATA, {.length = 6, .data = at + head}},
        {KRB5_CRYPTO_TYPE_SIGN_ONLY, {.length = 5, .data = "shown"}},
        {KRB5_CRYPTO_TYPE_DATA, {.length = len - head - tail - 6, .data = at + head + 6}},
        {KRB5_CRYPTO_TYPE_TRAILER, {.length = tail, .data = at + len - tail}},
    };
    must(krb5_c_decrypt_iov(context, &key, 7, NULL, iov, 5), "decrypt_iov");
    printf("%.*s\n", (int)(len - head - tail), at + head);
}

static krb5_auth_context context_with_key(int flags) {
    krb5_auth_context ac;
    krb5_keyblock key = key_of(18);
    must(krb5_auth_con_init(context, &ac), "auth_con_init");
    must(krb5_auth_con_setuseruserkey(context, ac, &key), "setuseruserkey");
    must(krb5_auth_con_setflags(context, ac, flags), "setflags");
    return ac;
}

static void give(int forward) {
    krb5_auth_context ac = context_with_key(KRB5_AUTH_CONTEXT_DO_TIME);
    krb5_ccache cc;
    krb5_cc_cursor cursor;
    krb5_creds creds;
    krb5_data *message, forwarded;
    krb5_replay_data told;
    must(krb5_cc_default(context, &cc), "cc_default");
    if (forward) {
        krb5_principal client;
        must(krb5_cc_get_principal(context, cc, &client), "get_principal");
        must(krb5_fwd_tgt_creds(context, ac, NULL, client, client, cc, 1, &forwarded),
             "fwd_tgt_creds");
        hex("", forwarded.data, forwarded.length);
        return;
    }
    must(krb5_cc_start_seq_get(context, cc, &cursor), "start_seq_get");
    do
        must(krb5_cc_next_cred(context, cc, &cursor, &creds), "next_cred");
    while (krb5_is_config_principal(context, creds.server));
    must(krb5_mk_1cred(context, ac, &creds, &message, &told), "mk_1cred");
    hex("", message->data, message->length);
}

static void take(const char *text) {
    static unsigned char bytes[65536];
    krb5_auth_context ac = context_with_key(0);
    krb5_data message = {.length = unhex(text, bytes), .data = (char *)bytes};
    krb5_creds **creds;
    char *client, *server;
    must(krb5_rd_cred(context, ac, &message, &creds, NULL), "rd_cred");
    must(krb5_unparse_name(context, creds[0]->client, &client), "unparse_name");
    must(krb5_unparse_name(context, creds[0]->server, &server), "unparse_name");
    printf("%s %s %d %x %u\n", client, server, creds[0]->keyblock.enctype,
           creds[0]->ticket_flags & TKT_FLG_FORWARDED, creds[1] ? 2 : 1);
}

// A login whose password a responder gives, and what else it is asked.
static krb5_error_code respond(krb5_context ctx, void *data, krb5_responder_context rctx) {
    const char *const *questions = krb5_responder_list_questions(ctx, rctx);
    krb5_responder_otp_challenge *otp = NULL;
    krb5_responder_pkinit_challenge *pkinit = NULL;
    for (; *questions; questions++)
        printf("asked %s: '%s'\n", *questions, krb5_responder_get_challenge(ctx, rctx, *questions));
    printf("otp %ld", (long)krb5_responder_otp_get_challenge(ctx, rctx, &otp));
    printf(" %d", otp != NULL);
    printf(" pkinit %ld", (long)krb5_responder_pkinit_get_challenge(ctx, rctx, &pkinit));
    printf(" %d", pkinit != NULL);
    printf(" unasked %ld\n", (long)krb5_responder_set_answer(ctx, rctx, "otp", "1"));
    krb5_responder_otp_challenge_free(ctx, rctx, otp);
    krb5_responder_pkinit_challenge_free(ctx, rctx, pkinit);
    return krb5_responder_set_answer(ctx, rctx, "password", data);
}

static void log_in(const char *name, char *password) {
    krb5_get_init_creds_opt *opt;
    krb5_principal p;
    krb5_creds creds;
    must(krb5_parse_name(context, name, &p), "parse_name");
    must(krb5_get_init_creds_opt_alloc(context, &opt), "alloc");
    must(krb5_get_init_creds_opt_set_responder(context, opt, respond, password), "set_responder");
    must(krb5_get_init_creds_opt_set_pac_request(context, opt, 0), "set_pac_request");
    must(krb5_get_init_creds_password(context, &creds, p, NULL, NULL, NULL, 0, NULL, opt),
         "get_init_creds_password");
    printf("logged in\n");
}

static void choose(const char *name) {
    krb5_principal server, client = NULL;
    krb5_ccache cc = NULL;
    char *text = NULL;
    must(krb5_parse_name(context, name, &server), "parse_name");
    server->type = KRB5_NT_SRV_HST;
    krb5_error_code code = krb5_cc_select(context, server, &cc, &client);
    if (client)
        must(krb5_unparse_name(context, client, &text), "unparse_name");
    printf("%ld %s %d\n", (long)code, text ? text : "", cc != NULL);
}

int main(int argc, char **argv) {
    must(krb5_init_context(&context), "init_context");
    must(krb5_allow_weak_crypto(context, 1), "allow_weak_crypto");
    if (argc == 1) {
        lengths();
        v4_names();
        packing();
        containers();
        tickets();
        old_calls();
        sums();
    } else if (strcmp(argv[1], "seal") == 0)
        seal(atoi(argv[2]));
    else if (strcmp(argv[1], "open") == 0)
        unseal(atoi(argv[2]), argv[3]);
    else if (strcmp(argv[1], "give") == 0)
        give(argc > 2);
    else if (strcmp(argv[1], "take") == 0)
        take(argv[2]);
    else if (strcmp(argv[1], "login") == 0)
        log_in(argv[2], argv[3]);
    else if (strcmp(argv[1], "checksum") == 0)
        old_checksum();
    else if (strcmp(argv[1], "etype") == 0)
        etype_info(argv[2]);
    else
        choose(argv[2]);
    return 0;
}
