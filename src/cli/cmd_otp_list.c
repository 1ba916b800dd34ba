// cmd_otp_list.c: obol otp list and delete: the one-time password tokens that a principal has.
#include "cli/commands.h"
#include "cli/realm.h"
#include "cli/record_show.h"

static void json_radius(struct cli_json *j, const struct token *t) {
    json_text(j, "type", t->type);
    json_text(j, "user", t->user);
    json_array(j, "indicators");
    for (size_t i = 0; i < t->indicator_count; i++)
        json_text(j, NULL, t->indicators[i]);
    json_close(j);
    json_bool(j, "code_only", t->code_only);
    json_bool(j, "of_attribute", t->number >= TOKEN_OF_MIT);
    json_close(j);
}

static void list_json(struct cli *c, const struct token_list *list) {
    struct cli_json j = json_begin(c);
    json_array(&j, NULL);
    for (size_t i = 0; i < list->count; i++) {
        const struct token *t = &list->items[i];
        json_object(&j, NULL);
        json_number(&j, "number", t->number);
        json_text(&j, "label", t->label);
        json_text(&j, "kind",
                  slice_str(t->kind == TOKEN_RADIUS ? "radius"
                            : t->kind == TOKEN_HOTP ? "hotp"
                                                    : "totp"));
        if (t->kind == TOKEN_RADIUS) {
            json_radius(&j, t);
            continue;
        }
        json_number(&j, "sha", t->hash);
        json_number(&j, "digits", t->digits);
        json_number(&j, "period", t->period);
        json_bool(&j, "code_only", t->code_only);
        json_number(&j, "next", (int64_t)t->next);
        json_close(&j);
    }
    json_end(&j);
}

static void radius_row(struct cli_table *t, const struct token *token) {
    cli_cellf(t, "RADIUS %.*s%s%.*s", SLICE_ARG(token->type), token->user.len ? ", as " : "",
              SLICE_ARG(token->user));
    cli_cell(t, SLICE_LITERAL("-"));
    cli_cell(t, SLICE_LITERAL("-"));
    cli_cellf(t, "%s", token_factor(token));
}

static enum obol_code otp_list(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct record r;
    struct token_list list;
    struct cli_table t;
    TRY(realm_open(c, true, &adm, err));
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    TRY(tokens_read(&r, &list, err));
    TRY(tokens_add_mit(&r, &list, c->arena, err));
    if (c->json) {
        list_json(c, &list);
        return OBOL_OK;
    }
    cli_table_begin(&t, c, "Number|Label|Counts|Hash|Digits|Logs in with");
    for (size_t i = 0; i < list.count; i++) {
        const struct token *token = &list.items[i];
        if (token->number >= TOKEN_OF_MIT)
            cli_cell(&t, SLICE_LITERAL("attribute otp"));
        else
            cli_cellf(&t, "%u", token->number);
        cli_cell(&t, token->label);
        if (token->kind == TOKEN_RADIUS) {
            radius_row(&t, token);
            continue;
        }
        if (token->kind == TOKEN_HOTP)
            cli_cellf(&t, "uses, %llu so far", (unsigned long long)token->next);
        else
            cli_cellf(&t, "time, %u s", token->period);
        cli_cellf(&t, "SHA-%u", token->hash);
        cli_cellf(&t, "%u", token->digits);
        cli_cellf(&t, "%s", token_factor(token));
    }
    cli_table_end(&t);
    return OBOL_OK;
}

const struct cli_command CMD_OTP_LIST = {
    .name = "otp list",
    .group = CLI_GROUP_REALM,
    .summary = "show a principal's tokens of one-time passwords",
    .arguments = "NAME",
    .examples = "obol otp list alice\twhich tokens she has\n",
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = otp_list,
};

static enum obol_code otp_delete(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct record r;
    TRY(realm_open(c, false, &adm, err));
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    TRY(admin_token_delete(adm, cli_arg(c, 0), cli_arg(c, 1), err));
    TRY(admin_principal_get(adm, cli_arg(c, 0), c->arena, &r, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "principal", r.name);
        json_bool(&j, "tokens_left", tokens_any(&r));
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "The token %.*s is gone", SLICE_ARG(cli_arg(c, 1)));
    cli_print(c, CLI_PLAIN, ": %.*s logs in with %s.\n", SLICE_ARG(r.name),
              tokens_any(&r) ? "another one" : "its password alone");
    return OBOL_OK;
}

const struct cli_command CMD_OTP_DELETE = {
    .name = "otp delete",
    .group = CLI_GROUP_REALM,
    .summary = "take a token of one-time passwords from a principal",
    .arguments = "NAME TOKEN",
    .details = "TOKEN is its label or its number. With the last one the password alone is enough "
               "again.",
    .examples = "obol otp delete alice 1\tshe lost it\n",
    .min_args = 2,
    .max_args = 2,
    .wants = CLI_WANTS_HOME,
    .run = otp_delete,
};
