// cmd_principal_set.c: obol principal set and password: what changes a principal.
#include "cli/certificate.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "cli/realm.h"
#include "cli/record_show.h"
struct set_options {
    struct principal_options common;
    bool lock, unlock;
    bool trusted, not_delegated, guarded, no_pac;
    struct slice_list delegate_to, delegate_to_no, delegate_from, delegate_from_no, certificates;
    struct slice_list aliases, aliases_no;
};
static const struct cli_option SET_OPTIONS[] = {
    PRINCIPAL_OPTION_ROWS(set_options),
    {"lock", 0, CLI_FLAG, offsetof(struct set_options, lock), NULL,
     "keep it from logging in until it is unlocked", 0, 0},
    {"unlock", 0, CLI_FLAG, offsetof(struct set_options, unlock), NULL,
     "let it log in again, after a lock or too many failures", 0, 0},
    {"alias", 0, CLI_LIST, offsetof(struct set_options, aliases), "NAME",
     "a further name of it: jdoe, jane.doe@corp.example; may be given again", 0, 0},
    {"no-alias", 0, CLI_LIST, offsetof(struct set_options, aliases_no), "NAME",
     "take a further name away", 0, 0},
    {"delegate-to", 0, CLI_LIST, offsetof(struct set_options, delegate_to), "SPN",
     "the service may act for its users towards SPN; may be given again", 0, 0},
    {"no-delegate-to", 0, CLI_LIST, offsetof(struct set_options, delegate_to_no), "SPN",
     "it may not any more", 0, 0},
    {"delegate-from", 0, CLI_LIST, offsetof(struct set_options, delegate_from), "NAME",
     "the service NAME, of another realm as NAME@REALM, may act for its users towards this one; "
     "may "
     "be given again",
     0, 0},
    {"no-delegate-from", 0, CLI_LIST, offsetof(struct set_options, delegate_from_no), "NAME",
     "it may not any more", 0, 0},
    CERTIFICATE_OPTION_ROW(set_options, certificates),
    {"trusted-to-authenticate", 0, CLI_FLAG, offsetof(struct set_options, trusted), NULL,
     "what the service says of its users is believed: their tickets may be passed on", 0, 0},
    {"not-delegated", 0, CLI_FLAG, offsetof(struct set_options, not_delegated), NULL,
     "nobody may act for it: its tickets are neither forwardable nor proxiable", 0, 0},
    {"protected", 0, CLI_FLAG, offsetof(struct set_options, guarded), NULL,
     "as Windows' Protected Users: not delegated, no weak keys, tickets of four hours at most", 0,
     0},
    {"no-pac", 0, CLI_FLAG, offsetof(struct set_options, no_pac), NULL, "tickets to it bear no PAC",
     0, 0},
    {0}};

static void take_names(const struct set_options *o, struct admin_change *out) {
    out->aliases = o->aliases;
    out->aliases_no = o->aliases_no;
    out->delegate_to = o->delegate_to;
    out->delegate_to_no = o->delegate_to_no;
    out->delegate_from = o->delegate_from;
    out->delegate_from_no = o->delegate_from_no;
    out->set_flags |= o->trusted ? (uint32_t)RECORD_TRUSTED_TO_AUTH : 0;
    out->set_flags |= o->not_delegated ? RECORD_NO_FORWARDABLE | RECORD_NO_PROXIABLE : 0;
    out->set_flags |= o->guarded ? (uint32_t)RECORD_PROTECTED : 0;
    out->set_flags |= o->no_pac ? (uint32_t)RECORD_NO_AUTHDATA : 0;
}

static bool changes_anything(const struct admin_change *c) {
    return c->present || c->set_flags || c->clear_flags || c->unlock || c->attributes.count ||
           c->delegate_to.count || c->delegate_to_no.count || c->delegate_from.count ||
           c->delegate_from_no.count || c->aliases.count || c->aliases_no.count;
}

static enum obol_code principal_set(struct cli *c, const void *options, struct error *err) {
    const struct set_options *o = options;
    struct admin_change change;
    TRY(realm_change(c, &o->common, &change, err));
    ENSURE(!(o->lock && o->unlock), USAGE, "--lock and --unlock exclude each other");
    change.unlock = o->unlock;
    change.set_flags |= o->lock ? (uint32_t)RECORD_LOCKED : 0;
    take_names(o, &change);
    TRY(certificate_attribute(c, &o->certificates, &change.attributes, err));
    ENSURE(changes_anything(&change), USAGE,
           "nothing is to be changed: say what, as in --expires never");
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    struct record r;
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    TRY(realm_policy(c, adm, change.policy, err));
    TRY(admin_principal_set(adm, cli_arg(c, 0), &change, err));
    TRY(admin_principal_get(adm, cli_arg(c, 0), c->arena, &r, err));
    record_tell(c, &r);
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_SET = {
    .name = "principal set",
    .group = CLI_GROUP_REALM,
    .summary = "change a principal's flags, lifetimes and attributes",
    .arguments = "NAME",
    .details = "What is not named stays. A running KDC sees the change at once.",
    .examples =
        "obol principal set alice --expires never --unlock\tlet her in again\n"
        "obol principal set bob --set disabled\tkeep him out\n"
        "obol principal set carol --max-life 4h --password-expires +30d\tshort tickets, a "
        "new password within a month\n"
        "obol principal set alice --alias asmith --alias alice.smith@corp.example\t"
        "she may log in by these names too (kinit -E for the last)\n"
        "obol principal set HTTP/front --delegate-to HTTP/back\tfront may act for its users "
        "towards back\n",
    .options = SET_OPTIONS,
    .options_size = sizeof(struct set_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = principal_set,
};

struct password_options {
    bool random;
    int64_t keep_old;
    struct slice_list enctypes;
};
static const struct cli_option PASSWORD_OPTIONS[] = {
    {"random", 0, CLI_FLAG, offsetof(struct password_options, random), NULL,
     "random keys instead of a password", 0, 0},
    {"keep-old", 0, CLI_NUMBER, offsetof(struct password_options, keep_old), "N",
     "keep so many versions of the old keys, for tickets that are in use; else none", 0, 50},
    {"enctype", 'e', CLI_LIST, offsetof(struct password_options, enctypes), "NAME",
     "an encryption type of the new keys, instead of the realm's; may be given again", 0, 0},
    {0}};

static enum obol_code principal_password(struct cli *c, const void *options, struct error *err) {
    const struct password_options *o = options;
    struct admin_keys keys = {.keep_old = (uint32_t)o->keep_old};
    TRY(realm_enctypes(c, &o->enctypes, &keys.enctypes, err));
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    struct record r;
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    CLEANUP(secret_clear) struct secret password = {0};
    struct slice bytes;
    if (!o->random) {
        struct slice prompt = arena_printf(c->arena, "New password for %.*s", SLICE_ARG(r.name));
        TRY(cli_new_password(c, prompt, &password, err));
        bytes = secret_slice(&password);
        keys.password = &bytes;
    }
    uint32_t kvno = 0;
    TRY(admin_principal_password(adm, cli_arg(c, 0), &keys, &kvno, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "principal", r.name);
        json_number(&j, "kvno", kvno);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s has new keys", SLICE_ARG(r.name));
    cli_print(c, CLI_PLAIN, ": kvno %u, from %s\n", kvno,
              o->random ? "random bytes" : "the new password");
    return OBOL_OK;
}

const struct cli_command CMD_PRINCIPAL_PASSWORD = {
    .name = "principal password",
    .group = CLI_GROUP_REALM,
    .summary = "set a principal's password",
    .arguments = "NAME",
    .details = "The old password is not asked for: this is the administrator's command.",
    .examples = "obol principal password alice\tasks for it twice\n"
                "obol principal password alice --password-stdin <file\tfrom a script\n",
    .options = PASSWORD_OPTIONS,
    .options_size = sizeof(struct password_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME | CLI_WANTS_PASSWORD,
    .run = principal_password,
};
