// compat_ap.c: a client and a service that authenticate by the calls of libkrb5, for
// test_compat_krb5.py. It is linked with MIT's libraries and runs on them or on ours. Usage:
// compat_ap client SERVICE | compat_ap server, with standard input a socket to the other.
#include <krb5.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static krb5_context context;
static krb5_auth_context ac;

static void must(krb5_error_code code, const char *what) {
    if (!code)
        return;
    fprintf(stderr, "%s: %s (%ld)\n", what, krb5_get_error_message(context, code), (long)code);
    _exit(1);
}

static void send_message(const krb5_data *d) {
    unsigned char head[4] = {d->length >> 24, d->length >> 16, d->length >> 8, d->length};
    if (write(0, head, 4) != 4 || write(0, d->data, d->length) != (ssize_t)d->length)
        must(KRB5_CC_IO, "write");
}

static void read_all(void *out, size_t len) {
    for (size_t at = 0; at < len;) {
        ssize_t n = read(0, (char *)out + at, len - at);
        if (n <= 0)
            must(KRB5_CC_IO, "read");
        at += n;
    }
}
static krb5_data read_message(void) {
    static char buffer[65536];
    unsigned char head[4];
    read_all(head, 4);
    krb5_data d = {.length = head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3],
                   .data = buffer};
    if (d.length > sizeof buffer)
        must(KRB5_BAD_MSIZE, "length");
    read_all(buffer, d.length);
    return d;
}

static void prepare(void) {
    krb5_octet here[4] = {127, 0, 0, 1};
    krb5_address address = {KV5M_ADDRESS, ADDRTYPE_INET, 4, here};
    must(krb5_auth_con_init(context, &ac), "auth_con_init");
    must(krb5_auth_con_setflags(context, ac,
                                KRB5_AUTH_CONTEXT_DO_TIME | KRB5_AUTH_CONTEXT_DO_SEQUENCE |
                                    KRB5_AUTH_CONTEXT_USE_SUBKEY),
         "setflags");
    must(krb5_auth_con_setaddrs(context, ac, &address, &address), "setaddrs");
}

static void show_key(krb5_keyblock *key, const char *what) {
    char name[100];
    must(krb5_enctype_to_name(key->enctype, 0, name, sizeof name), "enctype_to_name");
    printf("%s %s\n", what, name);
    krb5_free_keyblock(context, key);
}

static void client(const char *service) {
    krb5_ccache cc;
    krb5_creds want = {0}, *creds;
    krb5_data text = {.length = 11, .data = "checksummed"}, message, plain;
    krb5_ap_rep_enc_part *reply;
    krb5_keyblock *key;
    must(krb5_cc_default(context, &cc), "cc_default");
    must(krb5_cc_get_principal(context, cc, &want.client), "get_principal");
    must(krb5_parse_name(context, service, &want.server), "parse_name");
    must(krb5_get_credentials(context, 0, cc, &want, &creds), "get_credentials");
    must(krb5_mk_req_extended(context, &ac, AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY, &text,
                              creds, &message),
         "mk_req_extended");
    send_message(&message);
    krb5_free_data_contents(context, &message);
    message = read_message();
    must(krb5_rd_rep(context, ac, &message, &reply), "rd_rep");
    krb5_free_ap_rep_enc_part(context, reply);
    text = (krb5_data){.length = 6, .data = "secret"};
    must(krb5_mk_priv(context, ac, &text, &message, NULL), "mk_priv");
    send_message(&message);
    krb5_free_data_contents(context, &message);
    message = read_message();
    must(krb5_rd_safe(context, ac, &message, &plain, NULL), "rd_safe");
    printf("safe %.*s\n", (int)plain.length, plain.data);
    krb5_free_data_contents(context, &plain);
    must(krb5_auth_con_getkey(context, ac, &key), "getkey");
    show_key(key, "session");
    krb5_free_creds(context, creds);
    krb5_free_cred_contents(context, &want);
    must(krb5_cc_close(context, cc), "cc_close");
}

static void server(void) {
    krb5_ticket *ticket;
    krb5_flags options;
    krb5_data message = read_message(), reply, plain, text = {.length = 8, .data = "checked."};
    krb5_keyblock *key;
    char *name;
    must(krb5_rd_req(context, &ac, &message, NULL, NULL, &options, &ticket), "rd_req");
    must(krb5_unparse_name(context, ticket->enc_part2->client, &name), "unparse_name");
    printf("client %s\nmutual %d\n", name, (options & AP_OPTS_MUTUAL_REQUIRED) != 0);
    must(krb5_mk_rep(context, ac, &reply), "mk_rep");
    send_message(&reply);
    krb5_free_data_contents(context, &reply);
    message = read_message();
    must(krb5_rd_priv(context, ac, &message, &plain, NULL), "rd_priv");
    printf("priv %.*s\n", (int)plain.length, plain.data);
    krb5_free_data_contents(context, &plain);
    must(krb5_mk_safe(context, ac, &text, &reply, NULL), "mk_safe");
    send_message(&reply);
    krb5_free_data_contents(context, &reply);
    must(krb5_auth_con_getrecvsubkey(context, ac, &key), "getrecvsubkey");
    show_key(key, "subkey");
    krb5_free_unparsed_name(context, name);
    krb5_free_ticket(context, ticket);
}

static void send_auth(const char *service) {
    krb5_ccache cc;
    krb5_principal me, server_name;
    krb5_ap_rep_enc_part *reply;
    int fd = 0;
    must(krb5_cc_default(context, &cc), "cc_default");
    must(krb5_cc_get_principal(context, cc, &me), "get_principal");
    must(krb5_parse_name(context, service, &server_name), "parse_name");
    must(krb5_sendauth(context, &ac, &fd, "sample", me, server_name,
                       AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY, NULL, NULL, cc, NULL, &reply,
                       NULL),
         "sendauth");
    printf("proved %d\n", reply != NULL);
    krb5_free_ap_rep_enc_part(context, reply);
    krb5_free_principal(context, me);
    krb5_free_principal(context, server_name);
    must(krb5_cc_close(context, cc), "cc_close");
}

static void receive_auth(void) {
    krb5_ticket *ticket;
    char *name;
    int fd = 0;
    must(krb5_recvauth(context, &ac, &fd, "sample", NULL, 0, NULL, &ticket), "recvauth");
    must(krb5_unparse_name(context, ticket->enc_part2->client, &name), "unparse_name");
    printf("client %s\n", name);
    krb5_free_unparsed_name(context, name);
    krb5_free_ticket(context, ticket);
}

int main(int argc, char **argv) {
    must(krb5_init_context(&context), "init_context");
    prepare();
    if (argc == 3 && strcmp(argv[1], "send") == 0)
        send_auth(argv[2]);
    else if (argc == 2 && strcmp(argv[1], "receive") == 0)
        receive_auth();
    else if (argc == 3)
        client(argv[2]);
    else
        server();
    must(krb5_auth_con_free(context, ac), "auth_con_free");
    krb5_free_context(context);
    return 0;
}
