// face_kadmin_net.c: kadmin: the requests of kadmin.local over the network: who asks, by which
// ticket, and of which server. The ticket is for kadmin/admin (or kadmin/HOST, as older realms have
// it), straight from a password or key, and stays in this process.
#include "cli/face_kadmin.h"
#include "cli/kadmin_client.h"
#include "cli/password.h"
#include "net/host.h"
#include "net/login.h"
#include "proto/codes.h"
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { SERVICES_MAX = 1 + NET_HOST_NAMES_MAX };

struct opening {
    struct kadmin *k;
    const struct kadmin_options *o;
    struct kadmin_client *c;
    struct principal client;
    struct ccache_content cache;
    struct principal services[SERVICES_MAX]; // in the order in which they are tried
    size_t service_count;
    struct secret password;
};

static enum obol_code check_options(const struct kadmin_options *o, struct error *err) {
    ENSURE(!(o->cache && o->use_keytab), USAGE, "-c and -k: a cache or a keytab");
    ENSURE(!(o->cache && o->anonymous), USAGE, "-c and -n: a cache or an anonymous login");
    ENSURE(!(o->use_keytab && o->anonymous), USAGE, "-k and -n: a keytab or an anonymous login");
    ENSURE(!o->keytab || o->use_keytab, USAGE, "-t names a keytab, and -k does not ask for one");
    ENSURE(!o->old_flavor, UNSUPPORTED,
           "-O: the flavor AUTH_GSSAPI is of the time before RFC 2203, and not spoken");
    return OBOL_OK;
}

// ---- who asks

static enum obol_code host_client(struct opening *g, struct error *err) {
    char host[256] = "";
    size_t count;
    struct principal names[NET_HOST_NAMES_MAX];
    gethostname(host, sizeof host - 1);
    TRY(net_host_service(&g->c->net, SLICE_LITERAL("host"), slice_str(host), g->k->cli->arena,
                         names, &count, err));
    g->client = names[0];
    if (!g->client.realm.len)
        g->client.realm = g->k->realm;
    return OBOL_OK;
}

// NAME/admin, where NAME is whom the default cache is of, or who sits here.
static enum obol_code admin_client(struct opening *g, struct error *err) {
    struct arena *a = g->k->cli->arena;
    struct ccache_content content;
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct slice *parts = arena_zalloc(a, 2, sizeof *parts);
    ENSURE_MEMORY(parts);
    g->client = (struct principal){.realm = g->k->realm, .name = {NT_PRINCIPAL, {parts, 2}}};
    parts[1] = SLICE_LITERAL("admin");
    if (ccache_open(&cache, (struct slice){0}, g->c->net.conf, NULL) == OBOL_OK &&
        ccache_read(cache, a, &content, NULL) == OBOL_OK &&
        content.principal.name.name_string.count) {
        parts[0] = content.principal.name.name_string.items[0];
        g->client.realm = content.principal.realm;
        return OBOL_OK;
    }
    const char *user = secure_getenv("USER");
    const struct passwd *entry = user && *user ? NULL : getpwuid(getuid());
    parts[0] = arena_printf(a, "%s", entry ? entry->pw_name : user ? user : "");
    ENSURE(parts[0].len, USAGE, "who asks? -p PRINCIPAL");
    return OBOL_OK;
}

static enum obol_code choose_client(struct opening *g, struct error *err) {
    const struct kadmin_options *o = g->o;
    const struct slice own = g->c->net.conf->default_realm;
    if (o->principal)
        return principal_parse(slice_str(o->principal), own.len ? own : g->k->realm, NT_UNKNOWN,
                               g->k->cli->arena, &g->client, err);
    if (o->cache) {
        g->client = g->cache.principal;
        return OBOL_OK;
    }
    if (o->anonymous) {
        g->client = (struct principal){g->k->realm, principal_anonymous().name};
        return OBOL_OK;
    }
    return o->use_keytab ? host_client(g, err) : admin_client(g, err);
}

// As MIT krb5's kadmin says it.
static void tell(const struct opening *g) {
    const char *how = g->o->cache       ? "existing credentials"
                      : g->o->anonymous ? "password; anonymous requested"
                                        : "password";
    if (g->k->scripted)
        return;
    if (!g->o->use_keytab)
        face_say(g->k->cli, "Authenticating as principal %.*s with %s.",
                 SLICE_ARG(g->k->client_text), how);
    else if (g->o->keytab)
        face_say(g->k->cli, "Authenticating as principal %.*s with keytab %s.",
                 SLICE_ARG(g->k->client_text), g->o->keytab);
    else
        face_say(g->k->cli, "Authenticating as principal %.*s with default keytab.",
                 SLICE_ARG(g->k->client_text));
}

// ---- the ticket

static enum obol_code list_services(struct opening *g, struct error *err) {
    struct arena *a = g->k->cli->arena;
    struct slice place = slice_str(g->c->servers.items[0].name);
    size_t colon = place.len, count;
    TRY(principal_parse(SLICE_LITERAL("kadmin/admin"), g->k->realm, NT_UNKNOWN, a, &g->services[0],
                        err));
    while (colon && place.ptr[colon - 1] != ':')
        colon--;
    struct slice host = slice_sub(place, 0, colon ? colon - 1 : place.len);
    g->service_count = 1;
    // A server that is named by its address has no such name.
    if (net_host_service(&g->c->net, SLICE_LITERAL("kadmin"), host, a, &g->services[1], &count,
                         NULL) == OBOL_OK)
        g->service_count += count;
    for (size_t i = 1; i < g->service_count; i++)
        g->services[i].realm = g->k->realm;
    return OBOL_OK;
}

// The password is asked for once, whichever service the ticket is for in the end.
static enum obol_code ask(void *ctx, const struct principal *client, struct secret *out,
                          struct error *err) {
    struct opening *g = ctx;
    struct cli *cli = g->k->cli;
    if (!g->password.ptr) {
        struct slice prompt = arena_printf(cli->arena, "Password for %.*s",
                                           SLICE_ARG(principal_text(client, cli->arena)));
        int before = cli->password_fd;
        // It asks where a person sits, and else takes the first line that a script gives it.
        if (!isatty(STDIN_FILENO))
            cli->password_fd = STDIN_FILENO;
        enum obol_code code = cli_password(cli, prompt, &g->password, err);
        cli->password_fd = before;
        TRY(code);
    }
    ENSURE(secret_copy(out, secret_slice(&g->password)), NO_MEMORY,
           "no locked memory for the password");
    return OBOL_OK;
}

static enum obol_code log_in(struct opening *g, const struct principal *service,
                             struct error *err) {
    struct login_result result;
    struct login_params p = {
        .client = g->client,
        .service = service,
        .ask = ask,
        .ask_ctx = g,
        .anonymous = g->o->anonymous,
        .options_off = (uint32_t)(KDC_OPT_FORWARDABLE | KDC_OPT_PROXIABLE),
    };
    struct keytab_content keytab;
    if (g->o->use_keytab) {
        TRY(keytab_path(slice_str(g->o->keytab), g->c->net.conf, g->k->cli->arena, &p.keytab_path,
                        err));
        TRY(keytab_read(p.keytab_path, g->k->cli->arena, &keytab, err));
        p.keytab = &keytab;
    }
    TRY(net_login(&g->c->net, &p, g->k->cli->arena, &result, err));
    g->c->ticket = result.ticket;
    return OBOL_OK;
}

static enum obol_code from_cache(struct opening *g, const struct principal *service,
                                 struct error *err) {
    const struct cred *found;
    const struct ccache_query query = {
        .client = &g->client,
        .server = service,
        .now = env_now(net_env(&g->c->net)) + (g->cache.has_offset ? g->cache.offset : 0),
        .clockskew = g->c->net.conf->clockskew,
    };
    enum obol_code code = ccache_find(&g->cache, &query, &found, err);
    if (code != OBOL_OK) {
        error_remedy(err, "Get one there: kinit -S kadmin/admin -c %s %.*s", g->o->cache,
                     SLICE_ARG(g->k->client_text));
        return code;
    }
    g->c->ticket = *found;
    return OBOL_OK;
}

static enum obol_code get_ticket(struct opening *g, struct error *err) {
    for (size_t i = 0; i < g->service_count; i++) {
        const struct principal *service = &g->services[i];
        struct error held;
        error_init(&held);
        enum obol_code code =
            g->o->cache ? from_cache(g, service, &held) : log_in(g, service, &held);
        if (code == OBOL_OK)
            return OBOL_OK;
        bool unknown = code == OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN || code == OBOL_CRED_NOT_FOUND;
        if (unknown && i + 1 < g->service_count)
            continue;
        return net_fail(err, &held);
    }
    ENSURE(false, INTERNAL, "no service to get a ticket for");
}

// ---- the session

static enum obol_code read_cache(struct opening *g, struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    if (!g->o->cache)
        return OBOL_OK;
    TRY(ccache_open(&cache, slice_str(g->o->cache), g->c->net.conf, err));
    return ccache_read(cache, g->k->cli->arena, &g->cache, err);
}

static enum obol_code choose_server(struct opening *g, struct error *err) {
    const struct net *net = &g->c->net;
    struct arena *a = g->k->cli->arena;
    if (g->o->server)
        return net_locate_place(slice_str(g->o->server), g->k->realm, NET_KADMIN, net->resolver, a,
                                &g->c->servers, err);
    return net_locate(net->conf, g->k->realm, NET_KADMIN, net->resolver, a, &g->c->servers, err);
}

static enum obol_code open_client(struct opening *g, struct error *err) {
    struct kadmin *k = g->k;
    TRY(check_options(g->o, err));
    TRY(client_net(k->cli, &g->c->net, err));
    k->realm = g->o->realm.len ? g->o->realm : g->c->net.conf->default_realm;
    ENSURE(k->realm.len, CONFIG_NO_REALM, "neither -r nor krb5.conf names one");
    g->c->realm = k->realm;
    if (g->o->enctypes)
        TRY(kadmin_enctypes(k, g->o->enctypes, &k->enctypes, err));
    TRY(read_cache(g, err));
    TRY(choose_client(g, err));
    k->client_text = principal_text(&g->client, k->cli->arena);
    tell(g);
    if (g->o->password)
        ENSURE(secret_copy(&g->password, slice_str(g->o->password)), NO_MEMORY,
               "no locked memory for the password");
    TRY(choose_server(g, err));
    TRY(list_services(g, err));
    TRY(get_ticket(g, err));
    return kadmin_client_open(g->c, err);
}

static enum obol_code kadmin(struct cli *c, int argc, char **argv, int *status, struct error *err) {
    char **own;
    struct kadmin_options o;
    struct kadmin_client *client = arena_zalloc(c->arena, 1, sizeof *client);
    struct kadmin k = {.cli = c, .back = &KADMIN_BACK_REMOTE, .remote = client};
    struct opening g = {.k = &k, .o = &o, .c = client};
    ENSURE_MEMORY(client);
    TRY(kadmin_take_words(c, argc, argv, &own, err));
    TRY(kadmin_take_options(argc, own, &o, err));
    k.scripted = !o.query && o.words < argc;
    enum obol_code code = open_client(&g, err);
    secret_clear(&g.password);
    if (code == OBOL_OK)
        *status = kadmin_session(&k, &o, argc, own);
    kadmin_client_close(client);
    if (code == OBOL_OK && o.cache && !k.scripted)
        face_say(c, "Administration credentials NOT DESTROYED.");
    return code;
}

const struct face FACE_KADMIN = {
    "kadmin",
    "[-r realm] [-p principal] [-q query] [-s admin_server[:port]]\n"
    "        [[-c ccache] | [-k [-t keytab]] | [-n] | [-w password]] [-N] [-e \"enc:salt ...\"]\n"
    "        [command args...]",
    1,
    kadmin,
};
