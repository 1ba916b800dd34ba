// pac_ticket.c: a PAC within the part of a ticket that is sealed (MS-PAC 2.8.3): signed into it,
// and verified in it. The ticket's signature covers the part with one zero byte in the PAC's place.
#include "compat/convert.h"
#include "compat/private.h"
#include "gssapi/attr.h"
#include "pac/pac.h"
#include <errno.h>
#include <stdlib.h>

// MS-PAC 2.8.3: tickets for the TGS and for changing passwords have no signature of the ticket.
static bool is_service(krb5_const_principal server) {
    bool two = server->length == 2;
    bool tgs = two && slice_eq_str(data_in(&server->data[0]), "krbtgt");
    bool changepw = two && slice_eq_str(data_in(&server->data[0]), "kadmin") &&
                    slice_eq_str(data_in(&server->data[1]), "changepw");
    return !tgs && !changepw;
}

// AD-IF-RELEVANT with the PAC in it.
static krb5_error_code wrap_pac(krb5_context context, struct slice bytes, krb5_authdata **out) {
    krb5_authdata pac = {.ad_type = KRB5_AUTHDATA_WIN2K_PAC,
                         .length = (unsigned)bytes.len,
                         .contents = (krb5_octet *)(uintptr_t)bytes.ptr};
    krb5_authdata *inside[] = {&pac, NULL}, **made = NULL;
    krb5_error_code code =
        krb5_encode_authdata_container(context, KRB5_AUTHDATA_IF_RELEVANT, inside, &made);
    if (code)
        return code;
    *out = made[0];
    free(made);
    return 0;
}

static void free_one(krb5_context context, krb5_authdata *one) {
    krb5_authdata **list = calloc(2, sizeof *list);
    if (!list)
        return;
    list[0] = one;
    krb5_free_authdata(context, list);
}

// The part as the signature covers it: `at` is where the PAC's container stands.
static krb5_error_code encode_without(krb5_context context, const krb5_enc_tkt_part *part,
                                      size_t at, krb5_authdata *without, krb5_data **out) {
    UNUSED(context);
    krb5_authdata **list = part->authorization_data, *own = list[at];
    list[at] = without;
    krb5_error_code code = encode_krb5_enc_tkt_part(part, out);
    list[at] = own;
    return code;
}

krb5_error_code krb5_kdc_sign_ticket(krb5_context context, krb5_enc_tkt_part *part,
                                     const krb5_pac pac, krb5_const_principal server_name,
                                     krb5_const_principal client, const krb5_keyblock *server,
                                     const krb5_keyblock *kdc, krb5_boolean with_realm) {
    CALL(call, context);
    krb5_authdata *placeholder = NULL, *signed_one = NULL;
    krb5_data *der = NULL;
    if (!part || !pac || !server_name || !server || !kdc)
        return EINVAL;
    size_t count = 0;
    while (part->authorization_data && part->authorization_data[count])
        count++;
    krb5_authdata **list = calloc(count + 2, sizeof *list), **before = part->authorization_data;
    if (!list)
        return ENOMEM;
    if (count)
        memcpy(list + 1, before, count * sizeof *list);
    static const uint8_t zero;
    krb5_error_code code = wrap_pac(context, slice_of(&zero, 1), &placeholder);
    list[0] = placeholder;
    part->authorization_data = list;
    if (!code && is_service(server_name))
        code = encode_krb5_enc_tkt_part(part, &der);
    if (!code && client)
        code = pac_handle_client(context, pac, part->times.authtime, client, with_realm);
    if (!code)
        code = call_end(&call, pac_handle_sign(&call, pac, server, kdc, data_in(der)));
    if (!code)
        code = wrap_pac(context, slice_of(pac->bytes, pac->len), &signed_one);
    if (placeholder)
        free_one(context, placeholder);
    krb5_free_data(context, der);
    if (code) {
        part->authorization_data = before;
        free(list);
        return code;
    }
    list[0] = signed_one;
    free(before);
    return 0;
}

// ---- verifying

// Where the PAC stands: in which container of the part, and in it at which place.
struct place {
    size_t at, inside;
    krb5_authdata **container; // decoded; NULL: there is no PAC
};

static krb5_error_code find_pac(krb5_context context, const krb5_enc_tkt_part *part,
                                struct place *out) {
    krb5_authdata **list = part->authorization_data;
    *out = (struct place){0};
    for (size_t i = 0; list && list[i]; i++) {
        krb5_authdata **inside = NULL;
        if (list[i]->ad_type != KRB5_AUTHDATA_IF_RELEVANT)
            continue;
        krb5_error_code code =
            krb5_decode_authdata_container(context, KRB5_AUTHDATA_IF_RELEVANT, list[i], &inside);
        if (code)
            return code;
        for (size_t k = 0; inside[k]; k++)
            if (inside[k]->ad_type == KRB5_AUTHDATA_WIN2K_PAC) {
                *out = (struct place){i, k, inside};
                return 0;
            }
        krb5_free_authdata(context, inside);
    }
    return 0;
}

static krb5_error_code encode_covered(krb5_context context, const krb5_enc_tkt_part *part,
                                      const struct place *p, krb5_data **out) {
    static const uint8_t zero;
    krb5_authdata none = {.ad_type = KRB5_AUTHDATA_WIN2K_PAC,
                          .length = 1,
                          .contents = (krb5_octet *)(uintptr_t)&zero},
                  *own = p->container[p->inside], **made = NULL;
    p->container[p->inside] = &none;
    krb5_error_code code =
        krb5_encode_authdata_container(context, KRB5_AUTHDATA_IF_RELEVANT, p->container, &made);
    p->container[p->inside] = own;
    if (code)
        return code;
    code = encode_without(context, part, p->at, made[0], out);
    krb5_free_authdata(context, made);
    return code;
}

static enum obol_code verify(struct call *c, const struct pac *pac, const krb5_keyblock *server,
                             const krb5_keyblock *kdc, const krb5_data *ticket) {
    struct error *err = &c->err;
    struct crypto_key *key;
    if (server) {
        TRY(crypto_key_in_arena(&key, &c->arena, server->enctype, keyblock_in(server), err));
        TRY(pac_verify(pac, PAC_SERVER_SIGNATURE, key, (struct slice){0}, err));
    }
    if (!kdc)
        return OBOL_OK;
    TRY(crypto_key_in_arena(&key, &c->arena, kdc->enctype, keyblock_in(kdc), err));
    TRY(pac_verify(pac, PAC_KDC_SIGNATURE, key, (struct slice){0}, err));
    if (!ticket)
        return OBOL_OK;
    TRY(pac_verify(pac, PAC_TICKET_SIGNATURE, key, data_in(ticket), err));
    // KDCs before MIT krb5 1.21 make no full signature. With RC4 it is what keeps a service from
    // writing its own PAC (CVE-2022-37967): there it is asked for.
    if (!pac_find(pac, PAC_FULL_SIGNATURE) &&
        pac_signature_type(pac, PAC_SERVER_SIGNATURE) != CKSUMTYPE_HMAC_MD5)
        return OBOL_OK;
    return pac_verify(pac, PAC_FULL_SIGNATURE, key, (struct slice){0}, err);
}

// *out is NULL where the part has no PAC, which is no failure.
krb5_error_code krb5_kdc_verify_ticket(krb5_context context, const krb5_enc_tkt_part *part,
                                       krb5_const_principal server_name,
                                       const krb5_keyblock *server, const krb5_keyblock *kdc,
                                       krb5_pac *out) {
    CALL(call, context);
    struct place p;
    struct pac parsed;
    krb5_data *der = NULL;
    if (!part || !server_name || !out)
        return EINVAL;
    *out = NULL;
    krb5_error_code code = find_pac(context, part, &p);
    if (code || !p.container)
        return code;
    struct slice bytes = slice_of(p.container[p.inside]->contents, p.container[p.inside]->length);
    if (kdc && is_service(server_name))
        code = encode_covered(context, part, &p, &der);
    if (!code) {
        enum obol_code done = pac_parse(bytes, &parsed, &call.err);
        if (done == OBOL_OK)
            done = verify(&call, &parsed, server, kdc, der);
        if (done == OBOL_NOT_FOUND)
            call.as = ENOENT;
        if (done == OBOL_OK && !(*out = gssapi_pac_handle(bytes)))
            done = OBOL_NO_MEMORY;
        code = call_end(&call, done);
    }
    krb5_free_data(context, der);
    krb5_free_authdata(context, p.container);
    return code;
}
