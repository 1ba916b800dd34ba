// cmd_tickets.c: obol tickets (klist): what the cache holds, or all of a collection.
#include "cli/client.h"
#include "cli/commands.h"

struct tickets_options {
    bool check, config, all;
};
static const struct cli_option OPTIONS[] = {
    {"check", 's', CLI_FLAG, offsetof(struct tickets_options, check), NULL,
     "print nothing; exit with 1 unless there is a valid ticket-granting ticket", 0, 0},
    {"all", 'A', CLI_FLAG, offsetof(struct tickets_options, all), NULL,
     "show all caches of the collection, the one in use first", 0, 0},
    {"config", 'C', CLI_FLAG, offsetof(struct tickets_options, config), NULL,
     "show the configuration that stands in the cache, too", 0, 0},
    {0}};

// check is whether the cache has a TGT of its client's realm that is still good.
static enum obol_code check(const struct ccache_content *content, int64_t now, struct cli *c,
                            struct error *err) {
    struct principal tgs;
    const struct cred *found;
    struct slice realm = content->principal.realm;
    TRY(principal_krbtgt(realm, realm, c->arena, &tgs, err));
    struct ccache_query query = {.server = &tgs, .now = now};
    return ccache_find(content, &query, &found, err);
}

static void show_config(struct cli *c, struct cli_json *j, const struct ccache_content *content) {
    if (c->json)
        json_array(j, "config");
    for (size_t i = 0; i < content->count; i++) {
        const struct cred *cred = &content->creds[i];
        const struct slice_list *parts = &cred->server.name.name_string;
        if (!cred_is_config(cred) || parts->count < 2)
            continue;
        struct slice server = parts->count > 2 ? parts->items[2] : (struct slice){0};
        if (c->json) {
            json_object(j, NULL);
            json_text(j, "key", parts->items[1]);
            json_text(j, "server", server);
            json_text(j, "value", cred->ticket);
            json_close(j);
            continue;
        }
        cli_print(c, CLI_DIM, "config: ");
        cli_show(c, parts->items[1]);
        cli_print(c, CLI_PLAIN, server.len ? " (" : "");
        cli_show(c, server);
        cli_print(c, CLI_PLAIN, server.len ? ") = " : " = ");
        cli_show(c, cred->ticket);
        cli_print(c, CLI_PLAIN, "\n");
    }
    if (c->json)
        json_close(j);
}

static void show_json(struct cli *c, struct cli_json *j, const struct ccache_content *content,
                      struct slice cache, int64_t now, bool config) {
    json_object(j, NULL);
    json_text(j, "cache", cache);
    json_text(j, "principal", principal_text(&content->principal, c->arena));
    if (content->has_offset)
        json_number(j, "clock_offset", content->offset);
    json_array(j, "tickets");
    for (size_t i = 0; i < content->count; i++) {
        if (cred_is_config(&content->creds[i]))
            continue;
        json_object(j, NULL);
        client_ticket_json(c, j, &content->creds[i], now);
        json_close(j);
    }
    json_close(j);
    if (config)
        show_config(c, j, content);
}

static void show_row(struct cli *c, struct cli_table *t, const struct cred *cred, int64_t now) {
    int32_t etype = 0;
    uint32_t kvno = 0;
    bool sealed = client_sealed_with(c, cred->ticket, &etype, &kvno);
    bool over = cred->endtime <= now;
    cli_cell(t, principal_text(&cred->server, c->arena));
    cli_cellf(t, "%.*s%s", SLICE_ARG(cli_time(c, cred->endtime)), over ? " (expired)" : "");
    cli_cell(t, cred->renew_till ? cli_time(c, cred->renew_till) : SLICE_LITERAL("-"));
    cli_cell(t, client_flags(c, cred->flags));
    cli_cellf(t, "%s", client_etype_name(c, cred->key.keytype));
    cli_cellf(t, "%s", sealed ? client_etype_name(c, etype) : "-");
}

static void show_table(struct cli *c, const struct ccache_content *content, struct slice cache,
                       int64_t now, bool config) {
    cli_print(c, CLI_BOLD, "%.*s", SLICE_ARG(principal_text(&content->principal, c->arena)));
    cli_print(c, CLI_DIM, "  %.*s\n\n", SLICE_ARG(cache));
    struct cli_table t;
    cli_table_begin(&t, c, "Service|Valid until|Renew until|Flags|Session key|Ticket");
    for (size_t i = 0; i < content->count; i++)
        if (!cred_is_config(&content->creds[i]))
            show_row(c, &t, &content->creds[i], now);
    cli_table_end(&t);
    if (config)
        show_config(c, NULL, content);
    if (content->half_written)
        cli_print(c, CLI_WARN,
                  "The last entry is cut off: whoever wrote it died. It is passed "
                  "over.\n");
}

static enum obol_code show_all(struct cli *c, bool config, struct error *err) {
    struct client_caches caches;
    struct cli_json j;
    size_t shown = 0;
    TRY(client_caches(c, &caches, err));
    if (c->json) {
        j = json_begin(c);
        json_array(&j, NULL);
    }
    for (size_t i = 0; i < caches.names.count; i++) {
        CLEANUP(client_close) struct ccache *cache = NULL;
        struct ccache_content content;
        // One that another program is removing is passed over.
        if (ccache_open(&cache, caches.names.items[i], caches.conf, NULL) != OBOL_OK ||
            ccache_read(cache, c->arena, &content, NULL) != OBOL_OK)
            continue;
        int64_t now = env_now(c->env) + content.offset;
        cli_print(c, CLI_PLAIN, shown++ && !c->json ? "\n" : "");
        if (c->json) {
            show_json(c, &j, &content, ccache_name(cache), now, config);
            json_close(&j);
        } else {
            show_table(c, &content, ccache_name(cache), now, config);
        }
    }
    if (c->json)
        json_end(&j);
    ENSURE(shown || c->json, CCACHE_NOT_FOUND, "the collection holds no cache with tickets");
    return OBOL_OK;
}

static enum obol_code tickets(struct cli *c, const void *options, struct error *err) {
    const struct tickets_options *o = options;
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct ccache_content content;
    if (o->all)
        return show_all(c, o->config, err);
    TRY(client_cache(c, &cache, err));
    TRY(ccache_read(cache, c->arena, &content, err));
    int64_t now = env_now(c->env) + content.offset;
    if (o->check)
        return check(&content, now, c, err);
    if (!c->json) {
        show_table(c, &content, ccache_name(cache), now, o->config);
        return OBOL_OK;
    }
    struct cli_json j = json_begin(c);
    show_json(c, &j, &content, ccache_name(cache), now, o->config);
    json_end(&j);
    return OBOL_OK;
}

const struct cli_command CMD_TICKETS = {
    .name = "tickets",
    .group = CLI_GROUP_CLIENT,
    .summary = "list the tickets that you hold",
    .arguments = "",
    .details =
        "Flags: F forwardable, f forwarded, P proxiable, p proxy, D may be postdated, d "
        "postdated, i invalid, R renewable, I initial, H with hardware, A preauthenticated, T "
        "its path of realms was checked, O good to delegate, a anonymous.",
    .examples = "obol tickets\twhat is there, and until when\n"
                "obol tickets --all\tthe same of every cache of the collection\n"
                "obol tickets --check || obol login\tlog in only if need be\n",
    .options = OPTIONS,
    .options_size = sizeof(struct tickets_options),
    .wants = CLI_WANTS_CACHE,
    .run = tickets,
};
