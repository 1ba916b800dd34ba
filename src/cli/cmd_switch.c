// cmd_switch.c: obol switch (kswitch) and obol logout (kdestroy): which cache of a collection is in
// use, and the end of one or all.
#include "cli/client.h"
#include "cli/commands.h"

// NAME is a cache if there is one of this name, else a principal.
static enum obol_code named(struct cli *c, struct slice name, struct ccache **out,
                            struct error *err) {
    struct client_caches caches;
    TRY(client_caches(c, &caches, err));
    for (size_t i = 0; i < caches.names.count; i++)
        if (slice_eq(caches.names.items[i], name))
            return ccache_open(out, name, caches.conf, err);
    return client_match(c, name, out, err);
}

static enum obol_code switch_to(struct cli *c, const void *options, struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct ccache_content content;
    UNUSED(options);
    TRY(named(c, cli_arg(c, 0), &cache, err));
    TRY(ccache_make_primary(cache, err));
    TRY(ccache_read(cache, c->arena, &content, err));
    struct slice name = ccache_name(cache), who = principal_text(&content.principal, c->arena);
    if (!c->json) {
        cli_print(c, CLI_PLAIN, "In use now: the tickets of %.*s (%.*s).\n", SLICE_ARG(who),
                  SLICE_ARG(name));
        return OBOL_OK;
    }
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, "cache", name);
    json_text(&j, "principal", who);
    json_end(&j);
    return OBOL_OK;
}

const struct cli_command CMD_SWITCH = {
    .name = "switch",
    .group = CLI_GROUP_CLIENT,
    .summary = "take another login of the collection into use",
    .arguments = "NAME",
    .details =
        "NAME is a principal, or a cache as `obol tickets --all` shows it. Programs that name "
        "no cache use this one from now on. There are several only where the default cache "
        "is a collection: DIR:/directory, KEYRING:... or KCM:, by KRB5CCNAME or "
        "default_ccache_name of krb5.conf.",
    .examples = "obol switch alice/admin\tuse the administrator's tickets\n",
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_CACHE,
    .run = switch_to,
};

struct logout_options {
    bool all;
};
static const struct cli_option OPTIONS[] = {{"all", 'A', CLI_FLAG,
                                             offsetof(struct logout_options, all), NULL,
                                             "destroy all caches of the collection", 0, 0},
                                            {0}};

static void show(struct cli *c, struct slice_list gone) {
    if (!c->json) {
        for (size_t i = 0; i < gone.count; i++)
            cli_print(c, CLI_PLAIN, "Logged out: %.*s is destroyed.\n", SLICE_ARG(gone.items[i]));
        return;
    }
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    if (gone.count == 1) {
        json_text(&j, "destroyed", gone.items[0]);
        json_end(&j);
        return;
    }
    json_array(&j, "destroyed");
    for (size_t i = 0; i < gone.count; i++)
        json_text(&j, NULL, gone.items[i]);
    json_end(&j);
}

static enum obol_code logout(struct cli *c, const void *options, struct error *err) {
    const struct logout_options *o = options;
    struct client_caches caches = {0};
    if (o->all) {
        TRY(client_caches(c, &caches, err));
        for (size_t i = 0; i < caches.names.count; i++) {
            CLEANUP(client_close) struct ccache *cache = NULL;
            TRY(ccache_open(&cache, caches.names.items[i], caches.conf, err));
            TRY(ccache_destroy(cache, err));
        }
        ENSURE(caches.names.count, CCACHE_NOT_FOUND, "the collection holds no cache with tickets");
        show(c, caches.names);
        return OBOL_OK;
    }
    CLEANUP(client_close) struct ccache *cache = NULL;
    TRY(client_cache(c, &cache, err));
    TRY(ccache_destroy(cache, err));
    struct slice name = ccache_name(cache);
    show(c, (struct slice_list){&name, 1});
    return OBOL_OK;
}

const struct cli_command CMD_LOGOUT = {
    .name = "logout",
    .group = CLI_GROUP_CLIENT,
    .summary = "destroy your tickets",
    .arguments = "",
    .details = "The cache is overwritten and removed. Tickets that others copied before stay good "
               "until they expire.",
    .options = OPTIONS,
    .options_size = sizeof(struct logout_options),
    .wants = CLI_WANTS_CACHE,
    .run = logout,
};
