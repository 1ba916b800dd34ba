// decode_show.c: credential caches and keytabs shown; see decode_show.h.
#include "cli/decode_show.h"
#include "base/hex.h"
#include "cli/output.h"
#include "crypto/crypto.h"

static const char *enctype_text(int32_t number) {
    const struct enctype *e = enctype_find(number);
    return e ? enctype_name(e) : "unknown";
}

static struct slice hex_text(struct cli *c, struct slice bytes) {
    struct writer w = writer_to_arena(c->arena);
    hex_write(&w, bytes);
    return writer_slice(&w);
}

static void keytab_json(struct cli *c, const struct keytab_content *k, bool secrets) {
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_array(&j, "keytab");
    for (size_t i = 0; i < k->count; i++) {
        const struct keytab_entry *e = &k->entries[i];
        json_object(&j, NULL);
        json_text(&j, "principal", principal_text(&e->principal, c->arena));
        json_number(&j, "kvno", e->kvno);
        json_text(&j, "enctype", slice_str(enctype_text(e->key.keytype)));
        json_time(&j, "written", e->timestamp);
        if (secrets)
            json_text(&j, "key", hex_text(c, e->key.keyvalue));
        json_close(&j);
    }
    json_end(&j);
}

void decode_show_keytab(struct cli *c, const struct keytab_content *k, bool secrets) {
    if (c->json) {
        keytab_json(c, k, secrets);
        return;
    }
    struct cli_table t;
    cli_table_begin(
        &t, c, secrets ? "Principal|kvno|Enctype|Written|Key" : "Principal|kvno|Enctype|Written");
    for (size_t i = 0; i < k->count; i++) {
        const struct keytab_entry *e = &k->entries[i];
        cli_cell(&t, principal_text(&e->principal, c->arena));
        cli_cellf(&t, "%u", e->kvno);
        cli_cellf(&t, "%s (%d)", enctype_text(e->key.keytype), e->key.keytype);
        cli_cell(&t, cli_time(c, e->timestamp));
        if (secrets)
            cli_cell(&t, hex_text(c, e->key.keyvalue));
    }
    cli_table_end(&t);
}

// The ticket as a tree or JSON; empty if the bytes are none.
static struct slice ticket_text(struct cli *c, const struct cred *cred,
                                const struct describe_options *how) {
    struct writer w = writer_to_arena(c->arena);
    if (cred_is_config(cred) || proto_describe(cred->ticket, how, c->arena, &w, NULL) != OBOL_OK)
        return (struct slice){0};
    return writer_slice(&w);
}

static void ccache_json(struct cli *c, const struct ccache_content *cache,
                        const struct describe_options *how) {
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, "principal", principal_text(&cache->principal, c->arena));
    json_array(&j, "entries");
    for (size_t i = 0; i < cache->count; i++) {
        const struct cred *cred = &cache->creds[i];
        json_object(&j, NULL);
        json_text(&j, "server", principal_text(&cred->server, c->arena));
        json_text(&j, "client", principal_text(&cred->client, c->arena));
        json_bool(&j, "configuration", cred_is_config(cred));
        json_number(&j, "flags", cred->flags);
        json_time(&j, "authtime", cred->authtime);
        json_time(&j, "starttime", cred->starttime);
        json_time(&j, "endtime", cred->endtime);
        json_time(&j, "renew_till", cred->renew_till);
        json_text(&j, "session_enctype", slice_str(enctype_text(cred->key.keytype)));
        json_number(&j, "ticket_bytes", (int64_t)cred->ticket.len);
        struct slice ticket = ticket_text(c, cred, how);
        if (cred_is_config(cred))
            json_text(&j, "value", cred->ticket);
        if (ticket.len)
            json_raw(&j, "ticket", ticket);
        json_close(&j);
    }
    json_end(&j);
}

// A ticket is worth showing where a key opened it.
static void show_opened_tickets(struct cli *c, const struct ccache_content *cache,
                                const struct describe_options *how) {
    for (size_t i = 0; i < cache->count; i++) {
        struct slice text = ticket_text(c, &cache->creds[i], how), mark;
        mark = slice_str(der_type_name(&TYPE_ENC_TICKET_PART));
        bool opened = false;
        for (size_t at = 0; !opened && at + mark.len <= text.len; at++)
            opened = slice_eq(slice_sub(text, at, mark.len), mark);
        if (!opened)
            continue;
        writer_str(&c->out, "\n");
        writer_bytes(&c->out, text);
    }
}

void decode_show_ccache(struct cli *c, const struct ccache_content *cache,
                        const struct describe_options *how) {
    if (c->json) {
        ccache_json(c, cache, how);
        return;
    }
    struct cli_table t;
    cli_print(c, CLI_BOLD, "Credential cache of ");
    cli_show(c, principal_text(&cache->principal, c->arena));
    cli_print(c, CLI_PLAIN, "\n");
    cli_table_begin(&t, c, "Service|Client|Expires|Session key|Ticket");
    for (size_t i = 0; i < cache->count; i++) {
        const struct cred *cred = &cache->creds[i];
        bool config = cred_is_config(cred);
        cli_cell(&t, principal_text(&cred->server, c->arena));
        cli_cell(&t, principal_text(&cred->client, c->arena));
        cli_cell(&t, config ? SLICE_LITERAL("configuration") : cli_time(c, cred->endtime));
        cli_cell(&t, slice_str(config ? "-" : enctype_text(cred->key.keytype)));
        if (config)
            cli_cell(&t, cred->ticket);
        else
            cli_cellf(&t, "%zu bytes", cred->ticket.len);
    }
    cli_table_end(&t);
    show_opened_tickets(c, cache, how);
}
