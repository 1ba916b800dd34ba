// compat_steps.c: a login and a ticket step by step, the program carrying the messages itself; PACs
// and tickets signed, and verified by whoever made them or not. Linked with MIT's library, it runs
// on MIT's and on ours. For test_compat_steps.py.
//
//   compat_steps steps PRINCIPAL PASSWORD SERVICE PORT
//   compat_steps get PRINCIPAL PASSWORD STEPS PORT  so many steps, then the library does the rest
//   compat_steps sign pac|ticket ETYPE            prints what was signed, in hexadecimal
//   compat_steps verify pac|ticket ETYPE HEX      prints each check's code
#include <arpa/inet.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Exported by MIT's library and not in its header.
krb5_error_code encode_krb5_enc_tkt_part(const krb5_enc_tkt_part *, krb5_data **);
krb5_error_code decode_krb5_enc_tkt_part(const krb5_data *, krb5_enc_tkt_part **);

static krb5_context context;

static void must(krb5_error_code code, const char *what) {
    if (!code)
        return;
    fprintf(stderr, "%s: %s (%ld)\n", what, krb5_get_error_message(context, code), (long)code);
    exit(1);
}

// ---- steps

static krb5_data carry(int port, const krb5_data *message) {
    static char reply[65536];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval patience = {10, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t n = -1;
    if (sendto(fd, message->data, message->length, 0, (struct sockaddr *)&to, sizeof to) > 0)
        n = recv(fd, reply, sizeof reply, 0);
    close(fd);
    return (krb5_data){0, n > 0 ? (unsigned)n : 0, reply};
}

typedef krb5_error_code step_fn(krb5_context, void *, krb5_data *, krb5_data *, krb5_data *,
                                unsigned *);
static krb5_error_code init_step(krb5_context c, void *ctx, krb5_data *in, krb5_data *out,
                                 krb5_data *realm, unsigned *flags) {
    return krb5_init_creds_step(c, ctx, in, out, realm, flags);
}
static krb5_error_code tkt_step(krb5_context c, void *ctx, krb5_data *in, krb5_data *out,
                                krb5_data *realm, unsigned *flags) {
    return krb5_tkt_creds_step(c, ctx, in, out, realm, flags);
}

static krb5_error_code run(step_fn *step, void *ctx, int port) {
    krb5_data in = {0}, out, realm;
    unsigned flags = 0;
    for (;;) {
        krb5_error_code code = step(context, ctx, &in, &out, &realm, &flags);
        if (code || !(flags & KRB5_INIT_CREDS_STEP_FLAG_CONTINUE))
            return code;
        in = carry(port, &out);
        krb5_free_data_contents(context, &out);
        krb5_free_data_contents(context, &realm);
    }
}

static void say(const char *what, const krb5_creds *creds) {
    char *client, *server;
    must(krb5_unparse_name(context, creds->client, &client), "unparse");
    must(krb5_unparse_name(context, creds->server, &server), "unparse");
    printf("%s: %s for %s, %d\n", what, server, client, creds->keyblock.enctype);
    krb5_free_unparsed_name(context, client);
    krb5_free_unparsed_name(context, server);
}

// The code of what failed, and what the KDC said last.
static void say_failure(krb5_init_creds_context init, krb5_error_code code) {
    krb5_error *error = NULL;
    must(krb5_init_creds_get_error(context, init, &error), "get_error");
    printf("login: %ld, KDC: %d", (long)code, error ? (int)error->error : -1);
    if (error) {
        char *server = NULL;
        must(krb5_unparse_name(context, error->server, &server), "unparse");
        printf(" for %s at %s", server, error->stime ? "a time" : "no time");
        krb5_free_unparsed_name(context, server);
    }
    printf("\n");
    krb5_free_error(context, error);
}

static int get(char **words) {
    krb5_principal client;
    krb5_creds tgt;
    krb5_init_creds_context init;
    krb5_data in = {0}, out, realm;
    unsigned flags;
    must(krb5_parse_name(context, words[0], &client), "parse");
    must(krb5_init_creds_init(context, client, NULL, NULL, 0, NULL, &init), "init");
    must(krb5_init_creds_set_password(context, init, words[1]), "password");
    for (int n = atoi(words[2]); n > 0; n--) {
        must(krb5_init_creds_step(context, init, &in, &out, &realm, &flags), "step");
        in = carry(atoi(words[3]), &out);
        krb5_free_data_contents(context, &out);
        krb5_free_data_contents(context, &realm);
    }
    krb5_error_code code = krb5_init_creds_get(context, init);
    if (code) {
        say_failure(init, code);
        return 0;
    }
    must(krb5_init_creds_get_creds(context, init, &tgt), "get_creds");
    say("login", &tgt);
    printf("again: %d\n", krb5_init_creds_get(context, init) != 0);
    krb5_free_cred_contents(context, &tgt);
    krb5_init_creds_free(context, init);
    return 0;
}

static int steps(char **words) {
    krb5_principal client;
    krb5_creds tgt, want = {0}, got;
    krb5_init_creds_context init;
    krb5_tkt_creds_context tkt;
    krb5_ticket_times times;
    krb5_ccache cc;
    int port = atoi(words[3]);
    must(krb5_parse_name(context, words[0], &client), "parse");
    must(krb5_init_creds_init(context, client, NULL, NULL, 0, NULL, &init), "init");
    must(krb5_init_creds_set_password(context, init, words[1]), "password");
    krb5_error_code code = run(init_step, init, port);
    if (code) {
        say_failure(init, code);
        return 0;
    }
    must(krb5_init_creds_get_creds(context, init, &tgt), "get_creds");
    krb5_init_creds_free(context, init);
    say("login", &tgt);
    must(krb5_cc_resolve(context, "MEMORY:steps", &cc), "cache");
    must(krb5_cc_initialize(context, cc, tgt.client), "initialize");
    must(krb5_cc_store_cred(context, cc, &tgt), "store");
    want.client = tgt.client;
    must(krb5_parse_name(context, words[2], &want.server), "parse");
    must(krb5_tkt_creds_init(context, cc, &want, 0, &tkt), "tkt init");
    code = run(tkt_step, tkt, port);
    if (code) {
        printf("ticket: %ld\n", (long)code);
        return 0;
    }
    must(krb5_tkt_creds_get_creds(context, tkt, &got), "get_creds");
    must(krb5_tkt_creds_get_times(context, tkt, &times), "get_times");
    krb5_tkt_creds_free(context, tkt);
    say("ticket", &got);
    printf("times: %d\n", times.endtime == got.times.endtime && times.endtime <= tgt.times.endtime);
    return 0;
}

// ---- PACs

#define AUTHTIME 1790000000
static krb5_octet bytes[2][32];

static krb5_keyblock key_of(krb5_enctype etype, int which) {
    size_t seed, length;
    must(krb5_c_keylengths(context, etype, &seed, &length), "keylengths");
    memset(bytes[which], 7 + which, sizeof bytes[which]);
    return (krb5_keyblock){KV5M_KEYBLOCK, etype, (unsigned)length, bytes[which]};
}

static int sign(const char *kind, krb5_enctype etype) {
    krb5_keyblock server = key_of(etype, 0), kdc = key_of(etype, 1);
    krb5_principal alice, http;
    krb5_pac pac;
    krb5_data info = {KV5M_DATA, 11, "logon infos"}, out, *der = &out;
    must(krb5_parse_name(context, "alice@A.TEST", &alice), "parse");
    must(krb5_parse_name(context, "HTTP/web@A.TEST", &http), "parse");
    must(krb5_pac_init(context, &pac), "init");
    must(krb5_pac_add_buffer(context, pac, KRB5_PAC_LOGON_INFO, &info), "add_buffer");
    if (strcmp(kind, "pac") == 0) {
        must(krb5_pac_sign(context, pac, AUTHTIME, alice, &server, &kdc, &out), "sign");
    } else {
        krb5_enc_tkt_part part = {.session = &server, .client = alice};
        part.transited.tr_type = 1;
        part.times.authtime = part.times.endtime = AUTHTIME;
        must(krb5_kdc_sign_ticket(context, &part, pac, http, alice, &server, &kdc, 0), "sign");
        must(encode_krb5_enc_tkt_part(&part, &der), "encode");
    }
    for (unsigned i = 0; i < der->length; i++)
        printf("%02x", (unsigned char)der->data[i]);
    printf("\n");
    return 0;
}

static void check_pac(krb5_pac pac, krb5_keyblock *server, krb5_keyblock *kdc) {
    krb5_principal alice, bob;
    krb5_timestamp when = 0;
    char *name = NULL;
    krb5_data info;
    must(krb5_parse_name(context, "alice@A.TEST", &alice), "parse");
    must(krb5_parse_name(context, "bob@A.TEST", &bob), "parse");
    printf("verify: %ld\n", (long)krb5_pac_verify(context, pac, AUTHTIME, alice, server, kdc));
    printf("login: %ld\n", (long)krb5_pac_verify(context, pac, AUTHTIME + 1, alice, server, kdc));
    printf("client: %ld\n", (long)krb5_pac_verify(context, pac, AUTHTIME, bob, server, kdc));
    printf("realm: %ld\n",
           (long)krb5_pac_verify_ext(context, pac, AUTHTIME, alice, server, kdc, 1));
    printf("key: %d\n", krb5_pac_verify(context, pac, AUTHTIME, alice, kdc, NULL) != 0);
    must(krb5_pac_get_client_info(context, pac, &when, &name), "client_info");
    printf("name: %s %ld\n", name, (long)when);
    must(krb5_pac_get_buffer(context, pac, KRB5_PAC_LOGON_INFO, &info), "get_buffer");
    printf("info: %.*s\n", (int)info.length, info.data);
}

static int verify(const char *kind, krb5_enctype etype, const char *hex) {
    krb5_keyblock server = key_of(etype, 0), kdc = key_of(etype, 1);
    size_t len = strlen(hex) / 2;
    char *raw = malloc(len + 1);
    krb5_pac pac = NULL;
    for (size_t i = 0; i < len; i++)
        (void)sscanf(hex + 2 * i, "%2hhx", (unsigned char *)&raw[i]);
    if (strcmp(kind, "pac") == 0) {
        must(krb5_pac_parse(context, raw, len, &pac), "parse");
        check_pac(pac, &server, &kdc);
        return 0;
    }
    krb5_data der = {KV5M_DATA, (unsigned)len, raw};
    krb5_enc_tkt_part *part;
    krb5_principal http;
    must(krb5_parse_name(context, "HTTP/web@A.TEST", &http), "parse");
    must(decode_krb5_enc_tkt_part(&der, &part), "decode");
    must(krb5_kdc_verify_ticket(context, part, http, &server, &kdc, &pac), "verify_ticket");
    check_pac(pac, &server, &kdc);
    part->flags ^= 1;
    printf("altered: %d\n", krb5_kdc_verify_ticket(context, part, http, &server, &kdc, &pac) != 0);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 4 || krb5_init_context(&context))
        return 2;
    if (strcmp(argv[1], "steps") == 0 && argc == 6)
        return steps(argv + 2);
    if (strcmp(argv[1], "get") == 0 && argc == 6)
        return get(argv + 2);
    if (strcmp(argv[1], "sign") == 0)
        return sign(argv[2], atoi(argv[3]));
    return argc == 5 ? verify(argv[2], atoi(argv[3]), argv[4]) : 2;
}
