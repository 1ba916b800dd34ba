// cmd_pki.c: obol pki: a small CA with certificates for the KDC and for users, to try logins by
// certificate (PKINIT, RFC 4556) with. Who has a CA uses that instead.
#include "cli/commands.h"
#include "cli/pki.h"
#include "cli/realm.h"
#include "cred/pki_file.h"
#include "proto/codes.h"

#define OPTION(name, type, member, argument, help)                                                 \
    { name, 0, type, offsetof(struct pki_options, member), argument, help, 0, 0 }
#define COMMON                                                                                     \
    OPTION("dir", CLI_TEXT, dir, "DIR", "where the files stand; HOME/pki if not given"),           \
        OPTION("rsa", CLI_FLAG, rsa, NULL, "an RSA key of 2048 bits instead of one of P-256"),     \
        OPTION("days", CLI_NUMBER, days, "N", "how long the certificate is good")
static const struct cli_option CA_OPTIONS[] = {COMMON, {0}};
static const struct cli_option KDC_OPTIONS[] = {
    COMMON,
    OPTION("host", CLI_LIST, hosts, "NAME", "a host name of the KDC; may be given again"),
    {0}};
static const struct cli_option USER_OPTIONS[] = {
    COMMON,
    OPTION("upn", CLI_TEXT, upn, "USER@SUFFIX", "a user principal name, as Windows has them"),
    {0}};

static enum obol_code pki_ca(struct cli *c, const void *options, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    struct pki_wanted wanted = {
        .common_name = arena_printf(c->arena, "CA of %.*s", SLICE_ARG(adm->realm)), .ca = true};
    return pki_make(c, options, &wanted, "ca", err);
}

static enum obol_code pki_kdc(struct cli *c, const void *options, struct error *err) {
    const struct pki_options *o = options;
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct principal tgs;
    TRY(realm_open(c, true, &adm, err));
    TRY(principal_krbtgt(adm->realm, adm->realm, c->arena, &tgs, err));
    struct pki_wanted wanted = {
        .common_name = arena_printf(c->arena, "KDC of %.*s", SLICE_ARG(adm->realm)),
        .principal = &tgs,
        .hosts = o->hosts,
        .purposes = PKI_PURPOSE_KDC | PKI_PURPOSE_SERVER_AUTH,
    };
    TRY(pki_make(c, o, &wanted, "kdc", err));
    if (c->json)
        return OBOL_OK;
    cli_print(c, CLI_PLAIN,
              "For the realm in kdc.conf, then a reload of the KDC:\n"
              "  pkinit_identity = FILE:%.*s,%.*s\n  pkinit_anchors = FILE:%.*s\n"
              "For the realm in the clients' krb5.conf:\n  pkinit_anchors = FILE:%.*s\n",
              SLICE_ARG(pki_place(c, o, "kdc.pem")), SLICE_ARG(pki_place(c, o, "kdc.key")),
              SLICE_ARG(pki_place(c, o, "ca.pem")), SLICE_ARG(pki_place(c, o, "ca.pem")));
    return OBOL_OK;
}

// The file's name is the principal's, with "_" where a file's cannot be as it is.
static const char *stem_of(struct cli *c, const struct principal *p) {
    const struct slice special = SLICE_LITERAL("/\\,:;.");
    struct writer w = writer_to_arena(c->arena);
    for (size_t i = 0; i < p->name.name_string.count; i++) {
        struct slice part = p->name.name_string.items[i];
        if (i)
            writer_u8(&w, '_');
        for (size_t k = 0; k < part.len; k++) {
            bool plain = part.ptr[k] > ' ' && part.ptr[k] < 0x7f &&
                         slice_find(special, part.ptr[k]) == special.len;
            writer_u8(&w, plain || (part.ptr[k] == '.' && k) ? part.ptr[k] : '_');
        }
    }
    return arena_cstr(c->arena, writer_slice(&w));
}

static enum obol_code pki_user(struct cli *c, const void *options, struct error *err) {
    const struct pki_options *o = options;
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct principal user;
    TRY(realm_open(c, true, &adm, err));
    TRY(principal_parse(cli_arg(c, 0), adm->realm, NT_UNKNOWN, c->arena, &user, err));
    const char *stem = stem_of(c, &user);
    ENSURE_MEMORY(stem);
    struct pki_wanted wanted = {
        .common_name = cli_arg(c, 0),
        .principal = &user,
        .upn = o->upn,
        .purposes = PKI_PURPOSE_CLIENT | (o->upn.len ? PKI_PURPOSE_SMARTCARD : 0u),
    };
    return pki_make(c, o, &wanted, stem, err);
}

static enum obol_code pki_revoke(struct cli *c, const void *options, struct error *err) {
    const struct pki_options *o = options;
    CLEANUP(pki_close) struct pki_identity *ca = NULL;
    struct slice ca_pem, old = {0}, revoked = {0}, crl, path = pki_place(c, o, "crl.pem");
    struct error none;
    error_init(&none);
    TRY(pki_open_ca(c, o, &ca, &ca_pem, err));
    if (c->arg_count)
        TRY(pki_file_read(cli_arg(c, 0), c->arena, &revoked, err));
    if (pki_file_read(path, c->arena, &old, &none) != OBOL_OK)
        old = (struct slice){0};
    int64_t now = env_now(c->env);
    TRY(pki_issue_crl(ca, old, revoked, now, now + PKI_DAY * (o->days ? o->days : PKI_DAYS),
                      c->arena, &crl, err));
    TRY(pki_write(c, path, crl, 0644, err));
    struct cli_json j = json_begin(c);
    if (!c->json) {
        cli_print(c, CLI_GOOD, "%.*s", SLICE_ARG(path));
        cli_print(c, CLI_PLAIN,
                  " written; in kdc.conf, then a reload of the KDC:\n"
                  "  pkinit_revoke = FILE:%.*s\n",
                  SLICE_ARG(path));
        return OBOL_OK;
    }
    json_object(&j, NULL);
    json_text(&j, "crl", path);
    json_end(&j);
    return OBOL_OK;
}

#define PKI_COMMAND(command, what, args, about, sample, table, least, most, function)              \
    {                                                                                              \
        .name = command, .group = CLI_GROUP_REALM, .summary = what, .arguments = args,             \
        .details = about, .examples = sample, .options = table,                                    \
        .options_size = sizeof(struct pki_options), .min_args = least, .max_args = most,           \
        .wants = CLI_WANTS_HOME, .run = function                                                   \
    }
const struct cli_command CMD_PKI_CA = PKI_COMMAND(
    "pki ca", "make a small CA, to try logins by certificate with", "",
    "Makes ca.pem and ca.key in HOME/pki. The CA's key stands in a file: whoever reads it logs in "
    "as anybody. A realm of weight uses a CA of its own.",
    "obol pki ca\tthe CA\nobol pki kdc\tits certificate for the KDC\n"
    "obol pki user alice\tone for a user\n",
    CA_OPTIONS, 0, 0, pki_ca);
const struct cli_command CMD_PKI_KDC =
    PKI_COMMAND("pki kdc", "make a certificate for the KDC", "",
                "Makes kdc.pem and kdc.key beside the CA's and says what stands in kdc.conf and "
                "krb5.conf to use them.",
                "obol pki kdc --host kdc.example.com\tfor clients that go by host names, too\n",
                KDC_OPTIONS, 0, 0, pki_kdc);
const struct cli_command CMD_PKI_USER = PKI_COMMAND(
    "pki user", "make a certificate for a user", "NAME",
    "Makes NAME.pem and NAME.key beside the CA's. The certificate names the principal and logs it "
    "in without a password.",
    "obol pki user alice\tthen: obol login --certificate "
    "/var/lib/obol/pki/alice.pem,/var/lib/obol/pki/alice.key alice\n",
    USER_OPTIONS, 1, 1, pki_user);
const struct cli_command CMD_PKI_REVOKE = PKI_COMMAND(
    "pki revoke", "revoke a certificate of the small CA", "[FILE]",
    "Writes crl.pem beside the CA's, with the certificate in FILE added to those that were revoked "
    "before; without FILE it is made anew, before it grows too old.",
    "obol pki revoke /var/lib/obol/pki/alice.pem\tshe logs in with it no more, once the KDC was "
    "reloaded\n",
    CA_OPTIONS, 0, 1, pki_revoke);
