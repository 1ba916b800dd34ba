// cmd_realm_show.c: obol realm show: what the administrators of other realms ask about this one,
// and what its own ask themselves: its SID, the keys of its TGS, the settings of new principals.
#include "cli/commands.h"
#include "cli/realm.h"
#include "config/duration.h"
#include "crypto/crypto.h"

static const char *name_of(int32_t etype) {
    const struct enctype *e = enctype_find(etype);
    return e ? enctype_name(e) : "unknown";
}

static struct slice lifetime(struct cli *c, int64_t seconds) {
    struct writer w = writer_to_arena(c->arena);
    duration_write(&w, seconds);
    return writer_slice(&w);
}

// The TGS's keys that tickets are made with now.
static struct int32_list newest_enctypes(struct cli *c, const struct record *r) {
    struct int32_list out = {arena_zalloc(c->arena, r->keys.count + 1, sizeof *out.items), 0};
    for (size_t i = 0; out.items && i < r->keys.count; i++)
        if (r->keys.items[i].kvno == record_newest_kvno(r))
            out.items[out.count++] = r->keys.items[i].enctype;
    return out;
}

static void enctypes_json(struct cli_json *j, const char *key, struct int32_list list) {
    json_array(j, key);
    for (size_t i = 0; i < list.count; i++)
        json_text(j, NULL, slice_str(name_of(list.items[i])));
    json_close(j);
}

static void show_json(struct cli *c, const struct admin *adm, const struct admin_realm *realm) {
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, "realm", adm->realm);
    json_text(&j, "domain_sid", realm->domain_sid);
    json_number(&j, "tgs_kvno", record_newest_kvno(&realm->tgs));
    enctypes_json(&j, "tgs_enctypes", newest_enctypes(c, &realm->tgs));
    enctypes_json(&j, "enctypes", adm->enctypes);
    json_number(&j, "max_life", adm->max_life);
    json_number(&j, "max_renewable_life", adm->max_renew);
    json_bool(&j, "requires_preauth", adm->require_preauth);
    json_number(&j, "master_key_version", master_current(adm->master));
    json_end(&j);
}

static void line(struct cli *c, const char *name, struct slice value) {
    cli_print(c, CLI_DIM, "  %-24s", name);
    cli_show(c, value);
    cli_print(c, CLI_PLAIN, "\n");
}

static struct slice enctypes_text(struct cli *c, struct int32_list list) {
    struct writer w = writer_to_arena(c->arena);
    for (size_t i = 0; i < list.count; i++)
        writer_printf(&w, "%s%s", i ? " " : "", name_of(list.items[i]));
    return writer_slice(&w);
}

static void show_text(struct cli *c, const struct admin *adm, const struct admin_realm *realm) {
    const struct slice sid = realm->domain_sid;
    cli_print(c, CLI_BOLD, "%.*s\n", SLICE_ARG(adm->realm));
    line(c, "Domain SID", sid.len ? sid : SLICE_LITERAL("none: its tickets name no SIDs"));
    line(c, "TGS keys",
         arena_printf(c->arena, "kvno %u: %.*s", record_newest_kvno(&realm->tgs),
                      SLICE_ARG(enctypes_text(c, newest_enctypes(c, &realm->tgs)))));
    line(c, "Keys of new principals", enctypes_text(c, adm->enctypes));
    line(c, "Ticket life", lifetime(c, adm->max_life));
    line(c, "Renewable life", lifetime(c, adm->max_renew));
    line(c, "Preauthentication",
         slice_str(adm->require_preauth ? "required of new principals"
                                        : "not required of new principals"));
    line(c, "Master key", arena_printf(c->arena, "version %u", master_current(adm->master)));
}

static enum obol_code realm_show(struct cli *c, const void *options, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct admin_realm realm;
    UNUSED(options);
    TRY(realm_open(c, true, &adm, err));
    TRY(admin_realm_get(adm, c->arena, &realm, err));
    if (c->json)
        show_json(c, adm, &realm);
    else
        show_text(c, adm, &realm);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_SHOW = {
    .name = "realm show",
    .group = CLI_GROUP_REALM,
    .summary = "show the realm: its SID, the keys of its TGS, its defaults",
    .arguments = "",
    .details = "The domain SID stands in the PACs of the realm's tickets; who makes a trust to "
               "Active Directory is asked for it. It was drawn when the realm was made, unless "
               "domain_sid in kdc.conf says another.",
    .examples = "obol realm show\tthe realm in --home\n",
    .min_args = 0,
    .max_args = 0,
    .wants = CLI_WANTS_HOME,
    .run = realm_show,
};
