// cmd_login.c: obol login (kinit): a password or keytab becomes a TGT in a credential cache.
#include "cli/commands.h"
#include "cli/login.h"
#include "cli/output.h"
#include <stdlib.h>

#define OPTION(name, letter, type, member, argument, help)                                         \
    { name, letter, type, offsetof(struct login_options, member), argument, help, 0, 0 }
static const struct cli_option OPTIONS[] = {
    OPTION("keytab", 't', CLI_TEXT, keytab, "FILE", "log in with a key of this keytab"),
    OPTION("use-keytab", 'k', CLI_FLAG, use_keytab, NULL,
           "log in with a key of the default keytab"),
    OPTION("client-keytab", 'i', CLI_FLAG, client_keytab, NULL,
           "log in with a key of the default client keytab"),
    OPTION("lifetime", 'l', CLI_DURATION, lifetime, "DURATION", "how long the ticket is to live"),
    OPTION("renewable", 'r', CLI_DURATION, renewable, "DURATION", "how long it is to be renewable"),
    OPTION("start", 's', CLI_DURATION, start, "DURATION", "from when on it is to be valid"),
    OPTION("forwardable", 'f', CLI_FLAG, forwardable, NULL, "it may be forwarded"),
    OPTION("not-forwardable", 'F', CLI_FLAG, not_forwardable, NULL, "it may not"),
    OPTION("proxiable", 'p', CLI_FLAG, proxiable, NULL, "it may be proxied"),
    OPTION("not-proxiable", 'P', CLI_FLAG, not_proxiable, NULL, "it may not"),
    OPTION("canonicalize", 'C', CLI_FLAG, canonicalize, NULL,
           "the KDC may answer with the canonical name"),
    OPTION("enterprise", 'E', CLI_FLAG, enterprise, NULL,
           "NAME is an enterprise name, user@mail.domain"),
    OPTION("service", 'S', CLI_TEXT, service, "SPN", "a ticket for this service, not the TGS"),
    OPTION("enctype", 'e', CLI_TEXT, enctypes, "LIST", "encryption types to offer, best first"),
    OPTION("certificate", 'X', CLI_TEXT, certificate, "FILE[,KEY]",
           "log in by this certificate and key (PKINIT); also PKCS12:FILE, DIR:DIRECTORY, and of a "
           "smart card PKCS11:[MODULE][:token=LABEL][:slotid=N][:certid=HEX][:certlabel=LABEL]"),
    OPTION("anchors", 0, CLI_LIST, anchors, "FILE",
           "CAs that the KDC's certificate may come from; may be given again"),
    OPTION("anonymous", 'n', CLI_FLAG, anonymous, NULL,
           "a ticket that does not say whose it is; without NAME, or as @REALM, the KDC does not "
           "learn it either"),
    OPTION("armor-cache", 'T', CLI_TEXT, armor, "CACHE",
           "send the login inside the armor (FAST) of the ticket in this cache"),
    OPTION("renew", 'R', CLI_FLAG, renew, NULL, "renew the ticket of the cache"),
    OPTION("validate", 'v', CLI_FLAG, validate, NULL, "validate the postdated one of the cache"),
    {0}};

// What the user should know besides: his password ends soon, his clock is off.
static void show_facts(struct cli *c, const struct as_facts *facts, int64_t now) {
    int64_t left = facts->password_expires - now;
    if (facts->password_expires && left < 7 * 86400)
        cli_print(c, CLI_WARN, "The password expires on %.*s.\n",
                  SLICE_ARG(cli_time(c, facts->password_expires)));
    if (facts->clock_offset > 5 || facts->clock_offset < -5)
        cli_print(c, CLI_WARN, "The KDC's clock is %lld seconds %s this one.\n",
                  (long long)llabs(facts->clock_offset),
                  facts->clock_offset > 0 ? "ahead of" : "behind");
}

static void show(struct cli *c, const struct cred *ticket, const struct as_facts *facts,
                 struct slice cache) {
    int64_t now = env_now(c->env);
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "cache", cache);
        client_ticket_json(c, &j, ticket, now + facts->clock_offset);
        json_number(&j, "clock_offset", facts->clock_offset);
        json_time(&j, "password_expires", facts->password_expires);
        json_end(&j);
        return;
    }
    cli_print(c, CLI_GOOD, "%.*s", SLICE_ARG(principal_text(&ticket->client, c->arena)));
    bool later = ticket->flags & (uint32_t)TKT_INVALID;
    if (later)
        cli_print(c, CLI_PLAIN, " can log in with `obol login --validate` from %.*s on,",
                  SLICE_ARG(cli_time(c, ticket->starttime)));
    cli_print(c, CLI_PLAIN, "%s until %.*s", later ? "" : " is logged in",
              SLICE_ARG(cli_time(c, ticket->endtime)));
    if (ticket->renew_till)
        cli_print(c, CLI_PLAIN, ", renewable until %.*s",
                  SLICE_ARG(cli_time(c, ticket->renew_till)));
    cli_print(c, CLI_PLAIN, " (%.*s)\n", SLICE_ARG(cache));
    show_facts(c, facts, now);
}

static enum obol_code login(struct cli *c, const void *options, struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct login_done done;
    TRY(client_cache(c, &cache, err));
    if (slice_starts(ccache_name(cache), SLICE_LITERAL("MEMORY:")))
        cli_warn(c, "a MEMORY cache lives within one process: the tickets go when this one ends");
    enum obol_code code = login_perform(c, options, &cache, &done, err);
    if (code == OBOL_KDC_ERR_KEY_EXPIRED)
        error_remedy(err, "Change it: obol passwd%s%.*s.", c->arg_count ? " " : "",
                     SLICE_ARG(cli_arg(c, 0)));
    TRY(code);
    show(c, &done.ticket, &done.facts, ccache_name(cache));
    return OBOL_OK;
}

const struct cli_command CMD_LOGIN = {
    .name = "login",
    .group = CLI_GROUP_CLIENT,
    .summary = "log in: get a ticket-granting ticket",
    .arguments = "[NAME]",
    .details = "The password stays on this machine: a key is made of it, which opens what the KDC "
               "sends. Without NAME: whose cache it is, else your user name.\n\n"
               "Where the default cache is a collection (DIR, KEYRING, KCM), each principal gets a "
               "cache of its own in it, and the last login is the one that programs use; "
               "`obol switch` takes another.\n\n"
               "The key of a smart card or HSM (PKCS11:) stays on it, and signs once its PIN is "
               "given: that is asked for when the KDC offers logins by certificate, goes to the "
               "card once, and the prompt says if few tries are left. MODULE is the shared object "
               "that came with the card; without one it is p11-kit-proxy.so, which knows those "
               "that the system has.",
    .examples = "obol login alice\task for the password and log in\n"
                "obol login -k -t /etc/web.keytab HTTP/web.example.com\tlog in as a service\n"
                "obol login --armor-cache FILE:/tmp/host.cache alice\tlog in in the armor of the "
                "host\n"
                "obol login --certificate alice.pem,alice.key alice\tby certificate\n"
                "obol login --certificate PKCS11: alice\tby smart card\n"
                "obol login -R\trenew before the ticket ends\n",
    .options = OPTIONS,
    .options_size = sizeof(struct login_options),
    .max_args = 1,
    .wants = CLI_WANTS_CACHE | CLI_WANTS_PASSWORD,
    .run = login,
};
