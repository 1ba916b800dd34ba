// client_show.c: what the ticket commands share; see client_show.h.
#include "cli/client_show.h"
#include "crypto/crypto.h"
#include "proto/codes.h"
#include "proto/types.h"

void cli_ccache_close(struct ccache **cache) {
    ccache_close(*cache);
}

struct slice cli_flags_text(struct cli *c, uint32_t flags) {
    struct writer w = writer_to_arena(c->arena);
    for (int32_t bit = 0; bit < 32; bit++) {
        if (!(flags & KERBEROS_FLAG(bit)))
            continue;
        const char *name = code_name(&CODES_TICKET_FLAGS, bit);
        writer_str(&w, w.len ? ", " : "");
        if (name)
            writer_str(&w, name);
        else
            writer_printf(&w, "bit %d", bit);
    }
    return writer_slice(&w);
}

int32_t cli_ticket_etype(struct cli *c, struct slice ticket) {
    struct ticket t;
    if (der_decode(&TYPE_TICKET, ticket, c->arena, &t, NULL) != OBOL_OK)
        return 0;
    return t.enc_part.etype;
}

void cli_ticket_json(struct cli_json *j, struct cli *c, const struct cred *cred) {
    json_text(j, "client", principal_text(&cred->client, c->arena));
    json_text(j, "service", principal_text(&cred->server, c->arena));
    json_time(j, "authtime", cred->authtime);
    json_time(j, "starttime", cred_start(cred));
    json_time(j, "endtime", cred->endtime);
    json_time(j, "renew-till", cred->renew_till);
    json_text(j, "flags", cli_flags_text(c, cred->flags));
    json_number(j, "session-enctype", cred->key.keytype);
    json_number(j, "ticket-enctype", cli_ticket_etype(c, cred->ticket));
}
