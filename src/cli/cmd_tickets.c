// cmd_tickets.c: `obol tickets` shows what a credential cache holds (klist), `obol logout` destroys
// it (kdestroy).
#include "cli/client_show.h"
#include "cli/commands.h"
#include "crypto/crypto.h"

struct tickets_options {
    bool silent, all;
};
static const struct cli_option tickets_table[] = {
    {"silent", 's', CLI_FLAG, offsetof(struct tickets_options, silent), NULL,
     "show nothing: the exit status tells whether there is a valid ticket", 0, 0},
    {"all", 'a', CLI_FLAG, offsetof(struct tickets_options, all), NULL,
     "the configuration entries of the cache, too", 0, 0},
    {0},
};

static const char *enctype_text(int32_t number) {
    const struct enctype *e = enctype_find(number);
    return e ? enctype_name(e) : "unknown";
}

static void show_table(struct cli *c, struct ccache *cache, const struct ccache_content *content,
                       bool all) {
    struct cli_table t;
    int64_t now = env_now(c->env);
    cli_print(c, CLI_BOLD, "%.*s", SLICE_ARG(principal_text(&content->principal, c->arena)));
    cli_print(c, CLI_PLAIN, " in %.*s\n", SLICE_ARG(ccache_name(cache)));
    if (content->has_offset && content->offset)
        cli_print(c, CLI_WARN, "The KDC's clock is %lld seconds ahead of this one.\n",
                  (long long)content->offset);
    cli_table_begin(&t, c, "Service|Valid from|Until|Renewable until|Session key|Ticket|Flags");
    for (size_t i = 0; i < content->count; i++) {
        const struct cred *cred = &content->creds[i];
        if (cred_is_config(cred) && !all)
            continue;
        cli_cell(&t, principal_text(&cred->server, c->arena));
        cli_cell(&t, cred_is_config(cred) ? SLICE_LITERAL("-") : cli_time(c, cred_start(cred)));
        cli_cellf(&t, "%.*s%s", SLICE_ARG(cli_time(c, cred->endtime)),
                  !cred_is_config(cred) && cred->endtime <= now ? " (expired)" : "");
        cli_cell(&t, cred->renew_till ? cli_time(c, cred->renew_till) : SLICE_LITERAL("-"));
        cli_cell(&t, slice_str(enctype_text(cred->key.keytype)));
        cli_cell(&t, slice_str(enctype_text(cli_ticket_etype(c, cred->ticket))));
        cli_cell(&t, cli_flags_text(c, cred->flags));
    }
    cli_table_end(&t);
}

static void show_json(struct cli *c, struct ccache *cache, const struct ccache_content *content,
                      bool all) {
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, "cache", ccache_name(cache));
    json_text(&j, "principal", principal_text(&content->principal, c->arena));
    json_number(&j, "clock-offset", content->has_offset ? content->offset : 0);
    json_array(&j, "tickets");
    for (size_t i = 0; i < content->count; i++) {
        if (cred_is_config(&content->creds[i]) && !all)
            continue;
        json_object(&j, NULL);
        cli_ticket_json(&j, c, &content->creds[i]);
        json_close(&j);
    }
    json_end(&j);
}

// Whether a ticket of the cache is valid now.
static enum obol_code check_valid(struct cli *c, const struct ccache_content *content,
                                  struct error *err) {
    int64_t now = env_now(c->env), latest = 0;
    for (size_t i = 0; i < content->count; i++)
        if (!cred_is_config(&content->creds[i]) && content->creds[i].endtime > latest)
            latest = content->creds[i].endtime;
    ENSURE(latest > now, CRED_EXPIRED, "no ticket of %.*s is valid now",
           SLICE_ARG(principal_text(&content->principal, c->arena)));
    return OBOL_OK;
}

static enum obol_code open_cache(struct cli *c, struct ccache **out, struct error *err) {
    const struct krb5conf *conf;
    TRY(cli_config(c, &conf, err));
    return ccache_open(out, c->cache, conf, err);
}

static enum obol_code tickets_run(struct cli *c, const void *options, struct error *err) {
    const struct tickets_options *o = options;
    struct ccache *cache CLEANUP(cli_ccache_close) = NULL;
    struct ccache_content content;
    TRY(open_cache(c, &cache, err));
    TRY(ccache_read(cache, c->arena, &content, err));
    if (o->silent)
        return check_valid(c, &content, err);
    if (content.half_written)
        cli_warn(c, "the last entry of the cache is cut off: its writer died");
    if (c->json)
        show_json(c, cache, &content, o->all);
    else
        show_table(c, cache, &content, o->all);
    return OBOL_OK;
}

const struct cli_command CMD_TICKETS = {
    .name = "tickets",
    .group = CLI_GROUP_CLIENT,
    .summary = "show the tickets you have",
    .arguments = "",
    .options = tickets_table,
    .options_size = sizeof(struct tickets_options),
    .wants = CLI_WANTS_CACHE,
    .run = tickets_run,
};

static enum obol_code logout_run(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    struct ccache *cache CLEANUP(cli_ccache_close) = NULL;
    TRY(open_cache(c, &cache, err));
    TRY(ccache_destroy(cache, err));
    if (!c->json)
        cli_print(c, CLI_PLAIN, "The tickets in %.*s are destroyed.\n",
                  SLICE_ARG(ccache_name(cache)));
    return OBOL_OK;
}

const struct cli_command CMD_LOGOUT = {
    .name = "logout",
    .group = CLI_GROUP_CLIENT,
    .summary = "destroy your tickets",
    .arguments = "",
    .wants = CLI_WANTS_CACHE,
    .run = logout_run,
};
