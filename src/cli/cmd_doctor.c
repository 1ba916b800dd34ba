// cmd_doctor.c: `obol doctor` shows why a service cannot be reached by ticket, and what to type.
#include "cli/commands.h"
#include "cli/doctor.h"
#include "cred/keytab.h"
#include "net/host.h"
#include <stdlib.h>

struct doctor_options {
    struct slice keytab;
    bool no_dns;
};
static const struct cli_option OPTIONS[] = {
    {"keytab", 't', CLI_TEXT, offsetof(struct doctor_options, keytab), "FILE",
     "the service's keytab, which must open the ticket; for the account that the service runs as",
     0, 0},
    {"no-dns", 0, CLI_FLAG, offsetof(struct doctor_options, no_dns), NULL,
     "do not ask the DNS how it calls the host", 0, 0},
    {0}};

static struct slice no_name(void *ctx, const char *host, bool reverse, struct arena *a) {
    UNUSED(ctx);
    UNUSED(host);
    UNUSED(reverse);
    UNUSED(a);
    return (struct slice){0};
}

// ---- which service, as programs would ask for it

static enum obol_code name_service(struct doctor_asks *w, struct doctor *d, const struct net *names,
                                   struct error *err) {
    struct principal made[NET_HOST_NAMES_MAX];
    size_t count;
    const struct doctor_target *t = &d->target;
    struct slice said = krb5conf_host_realm(d->conf, t->host);
    struct slice realm = t->realm.len ? t->realm : said.len ? said : d->realm;
    if (t->exact) {
        TRY(principal_parse(w->c->args[0], realm, NT_UNKNOWN, d->arena, &d->spn, err));
        return OBOL_OK;
    }
    TRY(net_host_service(names, t->service, t->host, d->arena, made, &count, err));
    d->spn = made[0];
    d->spn.realm = realm;
    return OBOL_OK;
}

static void set_realm(struct doctor_asks *w, struct doctor *d) {
    struct ccache_content content;
    const char *user = secure_getenv("USER");
    d->realm = w->net.conf->default_realm;
    struct error ignored;
    error_init(&ignored);
    if (ccache_read(w->cache, d->arena, &content, &ignored) == OBOL_OK) {
        d->realm = ccache_start_realm(&content);
        w->client = content.principal;
        return;
    }
    struct slice *name = arena_zalloc(d->arena, 1, sizeof *name);
    if (!name)
        return;
    *name = slice_str(user && *user ? user : "nobody");
    w->client = (struct principal){d->realm, {NT_PRINCIPAL, {name, 1}}};
}

// ---- shown

static void show(struct cli *c, const struct doctor *d) {
    static const struct {
        const char *word;
        enum cli_style style;
    } marks[] = {{"good", CLI_GOOD}, {"note", CLI_WARN}, {"bad ", CLI_BAD}};
    for (size_t i = 0; i < d->count; i++) {
        const struct doctor_finding *f = &d->findings[i];
        cli_print(c, marks[f->verdict].style, "%s", marks[f->verdict].word);
        cli_print(c, CLI_PLAIN, "  %-8s ", f->probe);
        cli_show(c, f->cause);
        if (f->remedy.len) {
            cli_print(c, CLI_PLAIN, "\n                ");
            cli_show(c, f->remedy);
            cli_print(c, CLI_PLAIN, "%s", f->command.len ? ":" : ".");
        }
        if (f->command.len) {
            cli_print(c, CLI_PLAIN, "\n                    ");
            cli_show(c, f->command);
        }
        cli_print(c, CLI_PLAIN, "\n");
    }
}

static void show_json(struct cli *c, const struct doctor *d, bool healthy) {
    static const char *const words[] = {"good", "note", "bad"};
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_bool(&j, "healthy", healthy);
    json_text(&j, "realm", d->realm);
    if (d->target.host.len)
        json_text(&j, "spn", principal_text(&d->spn, c->arena));
    json_array(&j, "findings");
    for (size_t i = 0; i < d->count; i++) {
        const struct doctor_finding *f = &d->findings[i];
        json_object(&j, NULL);
        json_text(&j, "verdict", slice_str(words[f->verdict]));
        json_text(&j, "probe", slice_str(f->probe));
        if (f->code != OBOL_OK)
            json_text(&j, "code", slice_str(error_info(f->code)->name));
        json_text(&j, "cause", f->cause);
        json_text(&j, "remedy", f->remedy);
        json_text(&j, "command", f->command);
        json_close(&j);
    }
    json_end(&j);
}

// The exit status says it too, with the first thing that is to be mended.
static enum obol_code conclude(const struct doctor *d, struct error *err) {
    size_t bad = 0;
    const struct doctor_finding *first = NULL;
    for (size_t i = d->count; i-- > 0;)
        if (d->findings[i].verdict == DOCTOR_BAD) {
            first = &d->findings[i];
            bad++;
        }
    if (!first)
        return OBOL_OK;
    error_remedy(err, first->command.len ? "%.*s" : "%.*s.",
                 SLICE_ARG(first->command.len ? first->command : first->remedy));
    return error_set(err, first->code, __func__, "%zu of %zu findings to be mended, the first: %s",
                     bad, d->count, first->probe);
}

static enum obol_code doctor(struct cli *c, const void *options, struct error *err) {
    const struct doctor_options *o = options;
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct doctor_asks w = {.c = c};
    static const struct net_resolver silent = {.canonical = no_name};
    struct doctor *d = arena_zalloc(c->arena, 1, sizeof *d);
    const char *keytab = NULL;
    ENSURE_MEMORY(d);
    TRY(client_net(c, &w.net, err));
    TRY(client_cache(c, &cache, err));
    if (o->keytab.len)
        TRY(keytab_path(o->keytab, w.net.conf, c->arena, &keytab, err));
    w.net.memory = &w.memory;
    w.cache = cache;
    const struct doctor_world world = doctor_world(&w, o->no_dns);
    *d = (struct doctor){.world = &world,
                         .conf = w.net.conf,
                         .env = c->env,
                         .arena = c->arena,
                         .cache = cache,
                         .keytab = keytab,
                         .policies = DOCTOR_POLICIES};
    set_realm(&w, d);
    if (c->arg_count) {
        struct net names = w.net;
        names.resolver = o->no_dns ? &silent : NULL;
        TRY(doctor_target_parse(c->args[0], c->arena, &d->target, err));
        TRY(name_service(&w, d, &names, err));
    }
    bool healthy = doctor_examine(d);
    if (c->json)
        show_json(c, d, healthy);
    else
        show(c, d);
    cli_flush(c);
    return conclude(d, err);
}

const struct cli_command CMD_DOCTOR = {
    .name = "doctor",
    .group = CLI_GROUP_TOOLS,
    .summary = "find out why a service cannot be reached by ticket",
    .arguments = "[SPN|URL]",
    .details =
        "Looks at one thing after the other: whether a KDC answers and what its clock says, "
        "whether you are logged in, whether the KDC knows the name that programs ask for, or "
        "another one that was meant, whether the cache holds an older ticket, whether the keytab "
        "can be read and opens the ticket, how the DNS calls the host, and for a URL whether a "
        "proxy is in between and a policy lets browsers log in. Works in every realm: Obol's, MIT "
        "krb5's, Heimdal's, FreeIPA's, Active Directory's.\n\n"
        "What is bad comes with what to type; the exit status is 1 then. Nothing is changed, and "
        "nothing put into the cache. Run it where the service fails: on the client's machine, and "
        "with --keytab on the server's.",
    .examples = "obol doctor\tis the realm there, and am I logged in\n"
                "obol doctor https://web.example.com/\tas a browser or curl would ask\n"
                "obol doctor MSSQLSvc/db.example.com:1433\tan SPN as it stands\n"
                "sudo -u www-data obol doctor -c FILE:/tmp/cc --keytab /etc/http.keytab "
                "HTTP/web.example.com"
                "\tthe server's side too\n",
    .options = OPTIONS,
    .options_size = sizeof(struct doctor_options),
    .max_args = 1,
    .wants = CLI_WANTS_CACHE,
    .run = doctor,
};
