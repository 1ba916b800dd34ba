// gss_cred.c: acquires a GSS-API credential in one of the ways that there are, and says in lines of
// "key: value" what came of it. Linked with MIT's library, it runs on MIT's and on ours.
//
//   gss_cred initiate|accept|both [name=USER] [service=SERVICE@HOST] [password=...] [KEY=VALUE ...]
//            [as=USER] [target=SERVICE@HOST] [into=CCACHE] [primary=]
//
// `as` goes on with a credential in that user's name (S4U2Self); `target` begins a context, before
// anybody asks the credential whose it is. KEY=VALUE (ccache, keytab, client_keytab, rcache,
// verify) go into a credential store, as +password does; `into` stores what was acquired.
#include <gssapi/gssapi_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(const char *key, OM_uint32 status, int type) {
    OM_uint32 minor, more = 0;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    (void)gss_display_status(&minor, status, type, GSS_C_NO_OID, &more, &text);
    printf("%s: %.*s\n", key, (int)text.length, text.value ? (char *)text.value : "");
    (void)gss_release_buffer(&minor, &text);
}

static int check(const char *call, OM_uint32 major, OM_uint32 minor) {
    printf("%s: %08x\n", call, major);
    if (!GSS_ERROR(major))
        return 1;
    say("major", major, GSS_C_GSS_CODE);
    say("minor", minor, GSS_C_MECH_CODE);
    return 0;
}

static int is_key(const char *argument, const char *key) {
    size_t n = strlen(key);
    return strncmp(argument, key, n) == 0 && argument[n] == '=';
}

struct asked {
    gss_cred_usage_t usage;
    gss_name_t name, as, target;
    OM_uint32 primary;
    gss_buffer_desc password;
    gss_key_value_element_desc store[8], into[1];
    OM_uint32 stored, stored_into;
};

static int read_arguments(struct asked *a, int argc, char **argv) {
    OM_uint32 major, minor;
    a->usage = strcmp(argv[1], "initiate") == 0 ? GSS_C_INITIATE
               : strcmp(argv[1], "accept") == 0 ? GSS_C_ACCEPT
                                                : GSS_C_BOTH;
    for (int i = 2; i < argc && a->stored < 8; i++) {
        char *value = strchr(argv[i], '=');
        if (!value)
            return 0;
        value++;
        gss_buffer_desc text = {strlen(value), value};
        int host = is_key(argv[i], "service") || is_key(argv[i], "target");
        if (host || is_key(argv[i], "name") || is_key(argv[i], "as")) {
            major = gss_import_name(&minor, &text,
                                    host ? GSS_C_NT_HOSTBASED_SERVICE : GSS_C_NT_USER_NAME,
                                    is_key(argv[i], "as")       ? &a->as
                                    : is_key(argv[i], "target") ? &a->target
                                                                : &a->name);
            if (!check("import", major, minor))
                return 0;
        } else if (is_key(argv[i], "password")) {
            a->password = text;
        } else if (is_key(argv[i], "into")) {
            a->into[a->stored_into++] = (gss_key_value_element_desc){"ccache", value};
        } else if (is_key(argv[i], "primary")) {
            a->primary = 1;
        } else {
            value[-1] = '\0';
            a->store[a->stored++] =
                (gss_key_value_element_desc){argv[i] + (argv[i][0] == '+'), value};
        }
    }
    return 1;
}

static int acquire(struct asked *a, gss_cred_id_t *cred) {
    OM_uint32 major, minor;
    gss_key_value_set_desc store = {a->stored, a->store};
    if (a->password.value)
        major = gss_acquire_cred_with_password(&minor, a->name, &a->password, 0, GSS_C_NO_OID_SET,
                                               a->usage, cred, NULL, NULL);
    else
        major = gss_acquire_cred_from(&minor, a->name, 0, GSS_C_NO_OID_SET, a->usage,
                                      a->stored ? &store : NULL, cred, NULL, NULL);
    return check("acquire", major, minor);
}

static int look(gss_cred_id_t cred) {
    OM_uint32 major, minor, life = 0;
    gss_name_t name = GSS_C_NO_NAME;
    gss_cred_usage_t usage = 99;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    major = gss_inquire_cred(&minor, cred, &name, &life, &usage, NULL);
    if (!check("inquire", major, minor))
        return 0;
    if (name)
        (void)gss_display_name(&minor, name, &text, NULL);
    printf("name: %.*s\nlife: %s\nusage: %d\n", (int)text.length,
           text.value ? (char *)text.value : "",
           life == GSS_C_INDEFINITE ? "indefinite"
           : life > 0               ? "some"
                                    : "none",
           usage);
    (void)gss_release_buffer(&minor, &text);
    (void)gss_release_name(&minor, &name);
    return 1;
}

// Goes on as another; says who impersonates.
static int become(struct asked *a, gss_cred_id_t *cred) {
    static gss_OID_desc IMPERSONATOR = {11, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0e"};
    OM_uint32 major, minor;
    gss_cred_id_t other = GSS_C_NO_CREDENTIAL;
    gss_buffer_set_t who = GSS_C_NO_BUFFER_SET;
    major = gss_acquire_cred_impersonate_name(&minor, *cred, a->as, 0, GSS_C_NO_OID_SET,
                                              GSS_C_INITIATE, &other, NULL, NULL);
    if (!check("impersonate", major, minor))
        return 0;
    (void)gss_release_cred(&minor, cred);
    *cred = other;
    major = gss_inquire_cred_by_oid(&minor, other, &IMPERSONATOR, &who);
    if (check("who", major, minor) && who->count)
        printf("impersonator: %.*s\n", (int)who->elements[0].length,
               (char *)who->elements[0].value);
    (void)gss_release_buffer_set(&minor, &who);
    return 1;
}

// Begins a context, which a one-way one ends, too, and says as whom.
static int begin(struct asked *a, gss_cred_id_t cred) {
    OM_uint32 major, minor, ignored;
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER, text = GSS_C_EMPTY_BUFFER;
    gss_name_t client = GSS_C_NO_NAME;
    major =
        gss_init_sec_context(&minor, cred, &ctx, a->target, GSS_C_NO_OID, 0, 0,
                             GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
    if (!check("begin", major, minor))
        return 0;
    major = gss_inquire_context(&minor, ctx, &client, NULL, NULL, NULL, NULL, NULL, NULL);
    if (check("context", major, minor))
        (void)gss_display_name(&minor, client, &text, NULL);
    printf("client: %.*s\n", (int)text.length, text.value ? (char *)text.value : "");
    (void)gss_release_buffer(&ignored, &text);
    (void)gss_release_buffer(&ignored, &token);
    (void)gss_release_name(&ignored, &client);
    (void)gss_delete_sec_context(&ignored, &ctx, GSS_C_NO_BUFFER);
    return 1;
}

int main(int argc, char **argv) {
    struct asked a = {.name = GSS_C_NO_NAME};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 major, minor;
    if (argc < 2 || !read_arguments(&a, argc, argv))
        return 2;
    int well = acquire(&a, &cred) && (!a.as || become(&a, &cred)) &&
               (!a.target || begin(&a, cred)) && look(cred);
    if (well && a.stored_into) {
        gss_key_value_set_desc into = {1, a.into};
        major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, GSS_C_NO_OID, 1, a.primary, &into,
                                    NULL, NULL);
        well = check("store", major, minor);
    }
    (void)gss_release_cred(&minor, &cred);
    (void)gss_release_name(&minor, &a.name);
    (void)gss_release_name(&minor, &a.as);
    (void)gss_release_name(&minor, &a.target);
    return well ? 0 : 1;
}
