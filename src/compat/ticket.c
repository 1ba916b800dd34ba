// ticket.c: tickets as structures: decoded from their DER, and opened with a keytab.
#include "compat/ticket.h"
#include "compat/keytab.h"
#include "krb/seal.h"
#include "proto/types.h"
#include <errno.h>
#include <stdlib.h>

krb5_ticket *ticket_out(const struct ticket *t) {
    struct principal server = {t->realm, t->sname};
    krb5_ticket *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->magic = KV5M_TICKET;
    made->enc_part.magic = KV5M_ENC_DATA;
    made->enc_part.enctype = t->enc_part.etype;
    made->enc_part.kvno =
        t->enc_part.present & ENCRYPTED_DATA_KVNO ? (krb5_kvno)t->enc_part.kvno : 0;
    if (principal_out(&made->server, &server) &&
        data_out(&made->enc_part.ciphertext, t->enc_part.cipher))
        return made;
    krb5_free_ticket(NULL, made);
    return NULL;
}

bool ticket_out_part(krb5_ticket *out, const struct enc_ticket_part *part) {
    struct principal client = {part->crealm, part->cname};
    krb5_enc_tkt_part *made = calloc(1, sizeof *made);
    if (!made)
        return false;
    out->enc_part2 = made;
    *made = (krb5_enc_tkt_part){
        .magic = KV5M_ENC_TKT_PART,
        .flags = (krb5_flags)part->flags,
        .transited = {.tr_type = (krb5_octet)part->transited.tr_type},
        .times = {.authtime = time_out(part->authtime), .endtime = time_out(part->endtime)},
    };
    if (part->present & ENC_TICKET_PART_STARTTIME)
        made->times.starttime = time_out(part->starttime);
    if (part->present & ENC_TICKET_PART_RENEW_TILL)
        made->times.renew_till = time_out(part->renew_till);
    made->session = calloc(1, sizeof *made->session);
    return made->session && keyblock_out(made->session, part->key.keytype, part->key.keyvalue) &&
           principal_out(&made->client, &client) &&
           data_out(&made->transited.tr_contents, part->transited.contents) &&
           addresses_out(&made->caddrs, &part->caddr) &&
           authdata_out(&made->authorization_data, &part->authorization_data);
}

krb5_authenticator *authenticator_out(const struct authenticator *a) {
    struct principal client = {a->crealm, a->cname};
    krb5_authenticator *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    *made = (krb5_authenticator){
        .magic = KV5M_AUTHENTICATOR,
        .cusec = a->cusec,
        .ctime = time_out(a->ctime),
        .seq_number = a->present & AUTHENTICATOR_SEQ_NUMBER ? a->seq_number : 0,
    };
    bool ok = principal_out(&made->client, &client) &&
              authdata_out(&made->authorization_data, &a->authorization_data);
    if (ok && (a->present & AUTHENTICATOR_CKSUM)) {
        made->checksum = calloc(1, sizeof *made->checksum);
        ok = made->checksum && (made->checksum->contents = bytes_out(a->cksum.checksum));
        if (ok) {
            made->checksum->magic = KV5M_CHECKSUM;
            made->checksum->checksum_type = a->cksum.cksumtype;
            made->checksum->length = (unsigned)a->cksum.checksum.len;
        }
    }
    if (ok && (a->present & AUTHENTICATOR_SUBKEY)) {
        made->subkey = calloc(1, sizeof *made->subkey);
        ok = made->subkey && keyblock_out(made->subkey, a->subkey.keytype, a->subkey.keyvalue);
    }
    if (ok)
        return made;
    krb5_free_authenticator(NULL, made);
    return NULL;
}

krb5_error_code krb5_decode_ticket(const krb5_data *bytes, krb5_ticket **out) {
    struct arena a;
    struct ticket t;
    if (!bytes || !out)
        return EINVAL;
    *out = NULL;
    if (!arena_init(&a, CALL_ARENA, CALL_ARENA_LIMIT))
        return ENOMEM;
    enum obol_code code = der_decode(&TYPE_TICKET, data_in(bytes), &a, &t, NULL);
    krb5_error_code result = error_krb5_code(code);
    if (code == OBOL_OK)
        result = (*out = ticket_out(&t)) ? 0 : ENOMEM;
    arena_clear(&a);
    return result;
}

static enum obol_code open_ticket(struct call *c, krb5_keytab kt, krb5_ticket *ticket) {
    struct error *err = &c->err;
    struct keytab_content content;
    struct keytab_keys keys = {.content = &content};
    struct principal server;
    struct encrypted_data sealed = {
        .present = ENCRYPTED_DATA_KVNO,
        .etype = ticket->enc_part.enctype,
        .kvno = (int32_t)ticket->enc_part.kvno,
        .cipher = data_in(&ticket->enc_part.ciphertext),
    };
    struct enc_ticket_part part;
    TRY(principal_in(ticket->server, &c->arena, &server, err));
    TRY(kt_open(c, kt, &content, &keys.path));
    struct ap_key_source source = keytab_key_source(&keys);
    struct crypto_key *key;
    TRY(source.find(source.ctx, &server, sealed.etype, ticket->enc_part.kvno, 0, &c->arena, &key,
                    err));
    TRY(krb_open(&TYPE_ENC_TICKET_PART, &sealed, key, KU_TICKET, &c->arena, &part, err));
    ENSURE(ticket_out_part(ticket, &part), NO_MEMORY, "no memory for a ticket");
    return OBOL_OK;
}

// Fills ticket->enc_part2.
krb5_error_code krb5_server_decrypt_ticket_keytab(krb5_context context, const krb5_keytab kt,
                                                  krb5_ticket *ticket) {
    CALL(call, context);
    if (!ticket)
        return EINVAL;
    return call_end(&call, open_ticket(&call, kt, ticket));
}
