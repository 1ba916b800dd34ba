// compat_gic.c: a login with the options that few programs give, and what it is asked. Linked with
// MIT's library, it runs on MIT's and on ours. For test_compat_gic.py, test_otp.py, test_pkinit.py.
//
//   compat_gic PRINCIPAL [NAME=VALUE ...]
//     password=P   salt=S   preauth=TYPE,...   addresses=A.B.C.D,... or none   armor=CACHE
//     identity=FILE:...   anchors=FILE:...   cache=CACHE   trace=FILE
//     otp=CODE, pin=P, token=N, passphrase=P: answers of the responder
//     prompt=A,B: answers of the prompter, in turn
#include <arpa/inet.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static krb5_context context;
static char **words;

static void must(krb5_error_code code, const char *what) {
    if (!code)
        return;
    fprintf(stderr, "%s: %s (%ld)\n", what, krb5_get_error_message(context, code), (long)code);
    exit(1);
}

static char *value(const char *name) {
    size_t n = strlen(name);
    for (char **w = words; *w; w++)
        if (strncmp(*w, name, n) == 0 && (*w)[n] == '=')
            return *w + n + 1;
    return NULL;
}

static void answer_otp(krb5_responder_context rctx) {
    krb5_responder_otp_challenge *c;
    must(krb5_responder_otp_get_challenge(context, rctx, &c), "otp_get_challenge");
    printf("service %s\n", c->service ? c->service : "-");
    for (size_t i = 0; c->tokeninfo[i]; i++)
        printf("token %zu: flags %d, format %d, length %d, %s\n", i, (int)c->tokeninfo[i]->flags,
               (int)c->tokeninfo[i]->format, (int)c->tokeninfo[i]->length,
               c->tokeninfo[i]->challenge ? "challenged" : "unchallenged");
    krb5_responder_otp_challenge_free(context, rctx, c);
    size_t token = value("token") ? (size_t)atoi(value("token")) : 0;
    if (value("otp"))
        must(krb5_responder_otp_set_answer(context, rctx, token, value("otp"), value("pin")),
             "otp_set_answer");
}

static void answer_pkinit(krb5_responder_context rctx) {
    krb5_responder_pkinit_challenge *c;
    must(krb5_responder_pkinit_get_challenge(context, rctx, &c), "pkinit_get_challenge");
    for (size_t i = 0; c->identities[i]; i++) {
        printf("identity %s: flags %d\n", c->identities[i]->identity,
               (int)c->identities[i]->token_flags);
        if (!value("passphrase"))
            continue;
        // Set, taken back, and set again.
        const char *id = c->identities[i]->identity;
        must(krb5_responder_pkinit_set_answer(context, rctx, id, "another"), "set_answer");
        must(krb5_responder_pkinit_set_answer(context, rctx, id, NULL), "set_answer");
        must(krb5_responder_pkinit_set_answer(context, rctx, id, value("passphrase")),
             "set_answer");
    }
    krb5_responder_pkinit_challenge_free(context, rctx, c);
}

static krb5_error_code respond(krb5_context ctx, void *data, krb5_responder_context rctx) {
    (void)data;
    for (const char *const *q = krb5_responder_list_questions(ctx, rctx); *q; q++) {
        printf("asked: %s\n", *q);
        if (strcmp(*q, "otp") == 0)
            answer_otp(rctx);
        else if (strcmp(*q, "pkinit") == 0)
            answer_pkinit(rctx);
    }
    printf("unasked: %ld\n", (long)krb5_responder_set_answer(ctx, rctx, "nothing", "1"));
    return 0;
}

static krb5_error_code prompt(krb5_context ctx, void *data, const char *name, const char *banner,
                              int count, krb5_prompt *prompts) {
    char **rest = data;
    (void)name;
    krb5_prompt_type *types = krb5_get_prompt_types(ctx);
    for (int i = 0; i < count; i++) {
        const char *answer = strsep(rest, ",");
        printf("prompt: %s%s (%d, %d)\n", banner ? banner : "", prompts[i].prompt,
               prompts[i].hidden, types ? (int)types[i] : -1);
        if (!answer)
            return KRB5_LIBOS_CANTREADPWD;
        snprintf(prompts[i].reply->data, prompts[i].reply->length, "%s", answer);
        prompts[i].reply->length = (unsigned)strlen(answer);
    }
    return 0;
}

static void take_list(krb5_get_init_creds_opt *opt) {
    static krb5_preauthtype types[8];
    static krb5_address *addresses[8];
    char *list = value("preauth");
    int count = 0;
    for (char *one; list && (one = strsep(&list, ","));)
        types[count++] = atoi(one);
    if (value("preauth"))
        krb5_get_init_creds_opt_set_preauth_list(opt, types, count);
    list = value("addresses");
    count = 0;
    for (char *one; list && (one = strsep(&list, ","));) {
        krb5_address *a = calloc(1, sizeof *a);
        a->addrtype = ADDRTYPE_INET;
        a->length = 4;
        a->contents = calloc(1, 4);
        if (inet_pton(AF_INET, one, a->contents) == 1)
            addresses[count++] = a;
    }
    if (value("addresses"))
        krb5_get_init_creds_opt_set_address_list(opt, addresses);
}

static krb5_get_init_creds_opt *options(void) {
    static krb5_data salt;
    krb5_get_init_creds_opt *opt;
    must(krb5_get_init_creds_opt_alloc(context, &opt), "alloc");
    must(krb5_get_init_creds_opt_set_responder(context, opt, respond, NULL), "set_responder");
    take_list(opt);
    if (value("salt")) {
        salt = (krb5_data){0, (unsigned)strlen(value("salt")), value("salt")};
        krb5_get_init_creds_opt_set_salt(opt, &salt);
    }
    if (value("armor"))
        must(krb5_get_init_creds_opt_set_fast_ccache_name(context, opt, value("armor")), "armor");
    if (value("identity"))
        must(krb5_get_init_creds_opt_set_pa(context, opt, "X509_user_identity", value("identity")),
             "identity");
    if (value("anchors"))
        must(krb5_get_init_creds_opt_set_pa(context, opt, "X509_anchors", value("anchors")),
             "anchors");
    return opt;
}

static void show(const krb5_creds *creds) {
    printf("logged in, %s initial, addresses:", creds->ticket_flags & TKT_FLG_INITIAL ? "" : "not");
    for (size_t i = 0; creds->addresses && creds->addresses[i]; i++) {
        char text[64];
        const krb5_address *a = creds->addresses[i];
        printf(" %s", inet_ntop(a->length == 4 ? AF_INET : AF_INET6, a->contents, text, 64));
    }
    printf("\n");
}

int main(int argc, char **argv) {
    krb5_principal client;
    krb5_creds creds;
    krb5_ccache cc;
    (void)argc;
    words = argv + 2;
    char *prompts = value("prompt");
    must(krb5_init_context(&context), "init_context");
    if (value("trace"))
        must(krb5_set_trace_filename(context, value("trace")), "trace");
    must(krb5_parse_name(context, argv[1], &client), "parse_name");
    krb5_error_code code =
        krb5_get_init_creds_password(context, &creds, client, value("password"),
                                     prompts ? prompt : NULL, &prompts, 0, NULL, options());
    if (code) {
        printf("code %ld\n", (long)code);
        fprintf(stderr, "%s\n", krb5_get_error_message(context, code));
        return 0;
    }
    show(&creds);
    if (!value("cache"))
        return 0;
    must(krb5_cc_resolve(context, value("cache"), &cc), "resolve");
    must(krb5_cc_initialize(context, cc, creds.client), "initialize");
    must(krb5_cc_store_cred(context, cc, &creds), "store");
    return 0;
}
