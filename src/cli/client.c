// client.c: see client.h.
#include "cli/client.h"
#include "cred/pki_file.h"
#include "crypto/crypto.h"
#include "krb/pki.h"
#include "proto/types.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// ---- network

static void trace_line(void *ctx, const struct net_trace_event *event) {
    static const char *const verbs[] = {
        [NET_TRACE_SEND] = "sent",
        [NET_TRACE_RECEIVE] = "received",
        [NET_TRACE_FAIL] = "failed",
    };
    int64_t now = env_now_us(env_system());
    FILE *f = fopen(ctx, "ae");
    if (!f)
        return;
    fprintf(f, "[%d] %lld.%06lld: %s", getpid(), (long long)(now / 1000000),
            (long long)(now % 1000000), verbs[event->kind]);
    if (event->bytes.len)
        fprintf(f, " %zu bytes", event->bytes.len);
    if (event->peer)
        fprintf(f, " %s %s %s", event->kind == NET_TRACE_RECEIVE ? "from" : "to",
                event->transport ? event->transport : "", event->peer);
    if (event->realm.len)
        fprintf(f, " (%.*s)", SLICE_ARG(event->realm));
    fprintf(f, "%s%s\n", event->text ? ": " : "", event->text ? event->text : "");
    fclose(f);
}

enum obol_code client_net(struct cli *c, struct net *out, struct error *err) {
    *out = (struct net){.env = c->env};
    TRY(cli_config(c, &out->conf, err));
    char *file = secure_getenv("KRB5_TRACE");
    if (!file || !*file)
        return OBOL_OK;
    FILE *f = fopen(file, "ae");
    if (!f)
        cli_warn(c, "KRB5_TRACE=%s cannot be written: %s", file, strerror(errno));
    if (!f)
        return OBOL_OK;
    fclose(f);
    struct net_trace *trace = arena_zalloc(c->arena, 1, sizeof *trace);
    ENSURE_MEMORY(trace);
    *trace = (struct net_trace){file, trace_line};
    out->trace = trace;
    return OBOL_OK;
}

enum obol_code client_cache(struct cli *c, struct ccache **out, struct error *err) {
    const struct krb5conf *conf;
    TRY(cli_config(c, &conf, err));
    enum obol_code code = ccache_open(out, c->cache, conf, err);
    if (code == OBOL_OK)
        return code;
    const char *named = secure_getenv("KRB5CCNAME");
    error_fact(err, "named by", "%s",
               c->cache.len                    ? "--cache"
               : named && *named               ? "KRB5CCNAME"
               : conf->default_ccache_name.len ? "default_ccache_name of krb5.conf"
                                               : "the default");
    return code;
}

enum obol_code client_caches(struct cli *c, struct client_caches *out, struct error *err) {
    TRY(cli_config(c, &out->conf, err));
    return ccache_list(c->cache, out->conf, c->arena, &out->names, err);
}

enum obol_code client_match(struct cli *c, struct slice text, struct ccache **out,
                            struct error *err) {
    const struct krb5conf *conf;
    struct principal client;
    TRY(cli_config(c, &conf, err));
    TRY(principal_parse(text, conf->default_realm, NT_UNKNOWN, c->arena, &client, err));
    return ccache_match(out, &client, c->cache, conf, c->arena, err);
}

enum obol_code client_spn(struct cli *c, struct ccache *cache, struct slice text,
                          struct principal *out, struct error *err) {
    return client_user(c, cache, text, false, out, err);
}

enum obol_code client_certificate(struct cli *c, struct slice path, struct slice *out,
                                  struct error *err) {
    struct slice pem;
    TRY(pki_file_read(path, c->arena, &pem, err));
    return pki_certificate_der(pem, c->arena, out, err);
}

enum obol_code client_user(struct cli *c, struct ccache *cache, struct slice text, bool enterprise,
                           struct principal *out, struct error *err) {
    struct ccache_content content;
    TRY(ccache_read(cache, c->arena, &content, err));
    return principal_parse(text, ccache_start_realm(&content),
                           enterprise ? NT_ENTERPRISE : NT_UNKNOWN, c->arena, out, err);
}

enum obol_code client_etypes(struct cli *c, struct slice text, struct int32_list *out,
                             struct error *err) {
    *out = (struct int32_list){0};
    if (text.len == 0)
        return OBOL_OK;
    struct config_notes notes = {.arena = c->arena};
    TRY(config_enctypes(text, c->arena, &notes, NULL, 0, out, err));
    ENSURE(notes.count == 0, USAGE, "--enctype: %.*s", SLICE_ARG(notes.first->text));
    struct writer all = writer_to_arena(c->arena);
    for (size_t i = 0; enctype_at(i); i++)
        writer_printf(&all, " %s", enctype_name(enctype_at(i)));
    ENSURE(out->count > 0, USAGE, "--enctype '%.*s' names none that is implemented; there are%.*s",
           SLICE_ARG(text), SLICE_ARG(writer_slice(&all)));
    return OBOL_OK;
}

// ---- tickets

const char *client_etype_name(struct cli *c, int32_t etype) {
    const struct enctype *e = enctype_find(etype);
    if (e)
        return enctype_name(e);
    const char *name = code_name(&CODES_ENCTYPE, etype);
    return name ? name : (const char *)arena_printf(c->arena, "enctype %d", etype).ptr;
}

// klist's letters, in its order.
static const struct {
    uint32_t flag;
    char letter;
} LETTERS[] = {
    {(uint32_t)TKT_FORWARDABLE, 'F'},    {(uint32_t)TKT_FORWARDED, 'f'},
    {(uint32_t)TKT_PROXIABLE, 'P'},      {(uint32_t)TKT_PROXY, 'p'},
    {(uint32_t)TKT_MAY_POSTDATE, 'D'},   {(uint32_t)TKT_POSTDATED, 'd'},
    {(uint32_t)TKT_INVALID, 'i'},        {(uint32_t)TKT_RENEWABLE, 'R'},
    {(uint32_t)TKT_INITIAL, 'I'},        {(uint32_t)TKT_HW_AUTHENT, 'H'},
    {(uint32_t)TKT_PRE_AUTHENT, 'A'},    {(uint32_t)TKT_TRANSITED_POLICY_CHECKED, 'T'},
    {(uint32_t)TKT_OK_AS_DELEGATE, 'O'}, {(uint32_t)TKT_ANONYMOUS, 'a'},
};

struct slice client_flags(struct cli *c, uint32_t flags) {
    struct writer w = writer_to_arena(c->arena);
    for (size_t i = 0; i < COUNT_OF(LETTERS); i++)
        if (flags & LETTERS[i].flag)
            writer_u8(&w, (uint8_t)LETTERS[i].letter);
    return w.len ? writer_slice(&w) : SLICE_LITERAL("-");
}

static void flags_json(struct cli_json *j, uint32_t flags) {
    json_array(j, "flags");
    for (int32_t bit = 0; bit < 32; bit++) {
        const char *name = code_name(&CODES_TICKET_FLAGS, bit);
        if (name && flags & KERBEROS_FLAG(bit))
            json_text(j, NULL, slice_str(name));
    }
    json_close(j);
}

bool client_sealed_with(struct cli *c, struct slice ticket, int32_t *etype, uint32_t *kvno) {
    struct ticket t;
    if (der_decode(&TYPE_TICKET, ticket, c->arena, &t, NULL) != OBOL_OK)
        return false;
    *etype = t.enc_part.etype;
    *kvno = t.enc_part.present & ENCRYPTED_DATA_KVNO ? (uint32_t)t.enc_part.kvno : 0;
    return true;
}

void client_ticket_json(struct cli *c, struct cli_json *j, const struct cred *cred, int64_t now) {
    int32_t etype;
    uint32_t kvno;
    json_text(j, "server", principal_text(&cred->server, c->arena));
    json_text(j, "client", principal_text(&cred->client, c->arena));
    json_text(j, "session_enctype", slice_str(client_etype_name(c, cred->key.keytype)));
    if (client_sealed_with(c, cred->ticket, &etype, &kvno)) {
        json_text(j, "ticket_enctype", slice_str(client_etype_name(c, etype)));
        json_number(j, "kvno", kvno);
    }
    json_time(j, "authtime", cred->authtime);
    json_time(j, "starttime", cred_start(cred));
    json_time(j, "endtime", cred->endtime);
    json_time(j, "renew_till", cred->renew_till);
    json_bool(j, "valid", cred->endtime > now && !(cred->flags & (uint32_t)TKT_INVALID));
    flags_json(j, cred->flags);
}
