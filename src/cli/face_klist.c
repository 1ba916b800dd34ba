// face_klist.c: klist: obol tickets and obol keytab list with the flags and the layout of MIT
// krb5's klist.
#include "cli/client.h"
#include "cli/face.h"
#include "cli/output.h"
#include "cred/keytab.h"
#include <arpa/inet.h>

struct klist {
    bool keytab, client_keytab, silent, flags, etypes, addresses, config, times, keys, list, all;
    struct slice name;
};

static enum obol_code take(struct klist *k, int letter, struct error *err) {
    const struct {
        int letter;
        bool *flag;
    } flags[] = {
        {'k', &k->keytab}, {'i', &k->client_keytab}, {'s', &k->silent}, {'f', &k->flags},
        {'e', &k->etypes}, {'a', &k->addresses},     {'C', &k->config}, {'t', &k->times},
        {'K', &k->keys},   {'l', &k->list},          {'A', &k->all},
    };
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (flags[i].letter == letter) {
            *flags[i].flag = true;
            return OBOL_OK;
        }
    // -c is the default, -n and -d change nothing that is shown here.
    ENSURE(letter == 'c' || letter == 'n' || letter == 'd', UNSUPPORTED, "klist -%c", letter);
    return OBOL_OK;
}

// What stands below a ticket's line: its renewal, flags and enctypes; these have a line of their
// own only where both others stand before them.
static void show_more(struct cli *c, const struct klist *k, const struct cred *cred) {
    const char *before = "\t";
    if (cred->renew_till) {
        cli_print(c, CLI_PLAIN, "\trenew until %.*s", SLICE_ARG(face_time(c, cred->renew_till)));
        before = ", ";
    }
    if (k->flags) {
        cli_print(c, CLI_PLAIN, "%sFlags: %.*s", before, SLICE_ARG(client_flags(c, cred->flags)));
        before = cred->renew_till ? "\n\t" : ", ";
    }
    int32_t etype = 0;
    uint32_t kvno;
    if (k->etypes) {
        bool is_ticket = client_sealed_with(c, cred->ticket, &etype, &kvno);
        cli_print(c, CLI_PLAIN, "%sEtype (skey, tkt): %s, %s ", before,
                  client_etype_name(c, cred->key.keytype),
                  is_ticket ? client_etype_name(c, etype) : "not a ticket");
    }
    if (cred->renew_till || k->flags || k->etypes)
        cli_print(c, CLI_PLAIN, "\n");
}

// -a: the addresses that a ticket is bound to, as numbers.
static void show_addresses(struct cli *c, const struct host_address_list *list) {
    cli_print(c, CLI_PLAIN, "\tAddresses: %s", list->count ? "" : "(none)");
    for (size_t i = 0; i < list->count; i++) {
        char text[INET6_ADDRSTRLEN] = "?";
        struct slice bytes = list->items[i].address;
        if (bytes.len == 4 || bytes.len == 16)
            inet_ntop(bytes.len == 4 ? AF_INET : AF_INET6, bytes.ptr, text, sizeof text);
        cli_print(c, CLI_PLAIN, "%s%s", i ? ", " : "", text);
    }
    cli_print(c, CLI_PLAIN, "\n");
}

static void show_config(struct cli *c, const struct cred *cred) {
    const struct slice_list *parts = &cred->server.name.name_string;
    cli_print(c, CLI_PLAIN, "config: ");
    for (size_t i = 1; i < parts->count; i++) {
        cli_print(c, CLI_PLAIN, i > 1 ? "(" : "");
        cli_show(c, parts->items[i]);
        cli_print(c, CLI_PLAIN, i > 1 ? ")" : "");
    }
    cli_print(c, CLI_PLAIN, " = ");
    cli_show(c, cred->ticket);
    cli_print(c, CLI_PLAIN, "\n");
}

static void show_ticket(struct cli *c, const struct klist *k, const struct cred *cred) {
    cli_print(c, CLI_PLAIN, "%.*s  %.*s  ", SLICE_ARG(face_time(c, cred_start(cred))),
              SLICE_ARG(face_time(c, cred->endtime)));
    cli_show(c, principal_text(&cred->server, c->arena));
    cli_print(c, CLI_PLAIN, "\n");
    show_more(c, k, cred);
    if (k->addresses)
        show_addresses(c, &cred->addresses);
}

// -s: whether there is a ticket-granting ticket of the client's realm that is good.
static bool is_good(struct cli *c, const struct ccache_content *content) {
    struct principal tgs;
    const struct cred *found;
    struct slice realm = content->principal.realm;
    if (principal_krbtgt(realm, realm, c->arena, &tgs, NULL) != OBOL_OK)
        return false;
    const struct ccache_query query = {.server = &tgs, .now = env_now(c->env) + content->offset};
    return ccache_find(content, &query, &found, NULL) == OBOL_OK;
}

static void show_cache(struct cli *c, const struct klist *k, const struct ccache *cache,
                       const struct ccache_content *content) {
    size_t width = face_time(c, env_now(c->env)).len;
    cli_print(c, CLI_PLAIN,
              "Ticket cache: %.*s\nDefault principal: ", SLICE_ARG(ccache_name(cache)));
    cli_show(c, principal_text(&content->principal, c->arena));
    cli_print(c, CLI_PLAIN, "\n\n%-*s  %-*s  Service principal\n", (int)width, "Valid starting",
              (int)width, "Expires");
    for (size_t i = 0; i < content->count; i++) {
        const struct cred *cred = &content->creds[i];
        if (!cred_is_config(cred))
            show_ticket(c, k, cred);
        else if (k->config)
            show_config(c, cred);
    }
}

static enum obol_code klist_cache(struct cli *c, const struct klist *k, int *status,
                                  struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct ccache_content content;
    c->cache = k->name;
    TRY(client_cache(c, &cache, err));
    enum obol_code code = ccache_read(cache, c->arena, &content, err);
    if (k->silent) {
        *status = code == OBOL_OK && is_good(c, &content) ? 0 : 1;
        error_init(err);
        return OBOL_OK;
    }
    if (code == OBOL_OK)
        show_cache(c, k, cache, &content);
    return code;
}

// -l: a line for each cache of the collection.
static void list_cache(struct cli *c, const struct ccache *cache,
                       const struct ccache_content *content) {
    struct slice who = principal_text(&content->principal, c->arena);
    size_t len = who.len < 30 ? who.len : 30;
    cli_show(c, slice_sub(who, 0, len));
    cli_print(c, CLI_PLAIN, "%*s %.*s%s\n", (int)(30 - len), "", SLICE_ARG(ccache_name(cache)),
              is_good(c, content) ? "" : " (Expired)");
}

// One that cannot be read is passed over.
static enum obol_code klist_collection(struct cli *c, const struct klist *k, int *status,
                                       struct error *err) {
    const struct krb5conf *conf;
    struct slice_list names;
    size_t shown = 0;
    TRY(cli_config(c, &conf, err));
    TRY(ccache_list(k->name, conf, c->arena, &names, err));
    if (k->list)
        cli_print(c, CLI_PLAIN, "%-30s %s\n%-30s %s\n", "Principal name", "Cache name",
                  "--------------", "----------");
    for (size_t i = 0; i < names.count; i++) {
        CLEANUP(client_close) struct ccache *cache = NULL;
        struct ccache_content content;
        if (ccache_open(&cache, names.items[i], conf, NULL) != OBOL_OK ||
            ccache_read(cache, c->arena, &content, NULL) != OBOL_OK)
            continue;
        if (k->list) {
            list_cache(c, cache, &content);
        } else {
            cli_print(c, CLI_PLAIN, shown ? "\n" : "");
            show_cache(c, k, cache, &content);
        }
        shown++;
    }
    *status = shown ? 0 : 1;
    return OBOL_OK;
}

static void show_entry(struct cli *c, const struct klist *k, const struct keytab_entry *e) {
    cli_print(c, CLI_PLAIN, "%4u ", e->kvno);
    if (k->times)
        cli_print(c, CLI_PLAIN, "%.*s ", SLICE_ARG(face_time(c, e->timestamp)));
    cli_show(c, principal_text(&e->principal, c->arena));
    if (k->etypes)
        cli_print(c, CLI_PLAIN, " (%s) ", client_etype_name(c, e->key.keytype));
    cli_print(c, CLI_PLAIN, "\n");
}

static enum obol_code klist_keytab(struct cli *c, const struct klist *k, struct error *err) {
    static const char dashes[] =
        "--------------------------------------------------------------------------";
    const struct krb5conf *conf;
    struct keytab_content content;
    const char *path;
    ENSURE(!k->keys, UNSUPPORTED, "klist -K: keys are not shown; they stay in their file");
    TRY(cli_config(c, &conf, err));
    if (k->client_keytab && !k->name.len)
        TRY(keytab_client_path(conf, c->arena, &path, err));
    else
        TRY(keytab_path(k->name, conf, c->arena, &path, err));
    TRY(keytab_read(path, c->arena, &content, err));
    size_t width = face_time(c, env_now(c->env)).len;
    cli_print(c, CLI_PLAIN, "Keytab name: FILE:%s\n", path);
    if (k->times)
        cli_print(c, CLI_PLAIN, "KVNO %-*s Principal\n---- %.*s ", (int)width, "Timestamp",
                  (int)width, dashes);
    else
        cli_print(c, CLI_PLAIN, "KVNO Principal\n---- ");
    cli_print(c, CLI_PLAIN, "%s\n", k->times ? dashes + width : dashes);
    for (size_t i = 0; i < content.count; i++)
        show_entry(c, k, &content.entries[i]);
    return OBOL_OK;
}

static enum obol_code klist(struct cli *c, int argc, char **argv, int *status, struct error *err) {
    struct klist k = {0};
    struct face_args g = {.argv = argv, .argc = argc};
    int letter;
    while ((letter = face_next(&g, "kiscfeaCtKndlA", err)) > 0)
        TRY(take(&k, letter, err));
    ENSURE(letter == 0 && argc - g.at <= 1, USAGE, "one cache or keytab at most");
    k.name = slice_str(g.at < argc ? argv[g.at] : NULL);
    if (k.list || k.all)
        return klist_collection(c, &k, status, err);
    return k.keytab ? klist_keytab(c, &k, err) : klist_cache(c, &k, status, err);
}

const struct face FACE_KLIST = {
    "klist",
    "[-e] [[-c] [-l] [-A] [-f] [-s] [-a [-n]] [-C] [name]] | [-k [-i] [-t] [name]]",
    1,
    klist,
};
