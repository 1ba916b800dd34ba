// inside.c: what MIT's library uses within itself and exports all the same: tickets as DER, numbers
// and bytes packed one behind the other, containers of authorization data, names for replay caches.
#include "base/reader.h"
#include "compat/convert.h"
#include "compat/private.h"
#include "compat/ticket.h"
#include "proto/types.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

// ---- tickets

static krb5_error_code encode(const struct der_type *type, const void *value, struct arena *a,
                              krb5_data **out) {
    struct slice bytes;
    enum obol_code code = der_encode(type, value, a, &bytes, NULL);
    if (code != OBOL_OK)
        return error_krb5_code(code);
    *out = calloc(1, sizeof **out);
    if (*out && data_out(*out, bytes))
        return 0;
    free(*out);
    *out = NULL;
    return ENOMEM;
}

static enum obol_code ticket_in(const krb5_ticket *from, struct arena *a, struct ticket *out) {
    struct principal server;
    TRY(principal_in(from->server, a, &server, NULL));
    *out = (struct ticket){
        .tkt_vno = KRB_PVNO,
        .realm = server.realm,
        .sname = server.name,
        .enc_part = {.present = from->enc_part.kvno ? ENCRYPTED_DATA_KVNO : 0,
                     .etype = from->enc_part.enctype,
                     .kvno = (int32_t)from->enc_part.kvno,
                     .cipher = data_in(&from->enc_part.ciphertext)},
    };
    return OBOL_OK;
}

krb5_error_code encode_krb5_ticket(const krb5_ticket *from, krb5_data **out) {
    struct arena a;
    struct ticket t;
    if (!from || !out)
        return EINVAL;
    *out = NULL;
    if (!arena_init(&a, CALL_ARENA, CALL_ARENA_LIMIT))
        return ENOMEM;
    enum obol_code code = ticket_in(from, &a, &t);
    krb5_error_code result =
        code == OBOL_OK ? encode(&TYPE_TICKET, &t, &a, out) : error_krb5_code(code);
    arena_clear(&a);
    return result;
}

static enum obol_code part_in(const krb5_enc_tkt_part *from, struct arena *a,
                              struct enc_ticket_part *out) {
    struct principal client;
    TRY(principal_in(from->client, a, &client, NULL));
    *out = (struct enc_ticket_part){
        .flags = (uint32_t)from->flags,
        .key = {from->session->enctype, keyblock_in(from->session)},
        .crealm = client.realm,
        .cname = client.name,
        .transited = {from->transited.tr_type, data_in(&from->transited.tr_contents)},
        .authtime = time_in(from->times.authtime),
        .starttime = time_in(from->times.starttime),
        .endtime = time_in(from->times.endtime),
        .renew_till = time_in(from->times.renew_till),
    };
    out->present = (from->times.starttime ? ENC_TICKET_PART_STARTTIME : 0) |
                   (from->times.renew_till ? ENC_TICKET_PART_RENEW_TILL : 0);
    TRY(addresses_in(from->caddrs, a, &out->caddr, NULL));
    TRY(authdata_in(from->authorization_data, a, &out->authorization_data, NULL));
    out->present |= (out->caddr.count ? ENC_TICKET_PART_CADDR : 0) |
                    (out->authorization_data.count ? ENC_TICKET_PART_AUTHORIZATION_DATA : 0);
    return OBOL_OK;
}

krb5_error_code encode_krb5_enc_tkt_part(const krb5_enc_tkt_part *from, krb5_data **out) {
    struct arena a;
    struct enc_ticket_part part;
    if (!from || !from->session || !out)
        return EINVAL;
    *out = NULL;
    if (!arena_init(&a, CALL_ARENA, CALL_ARENA_LIMIT))
        return ENOMEM;
    enum obol_code code = part_in(from, &a, &part);
    krb5_error_code result =
        code == OBOL_OK ? encode(&TYPE_ENC_TICKET_PART, &part, &a, out) : error_krb5_code(code);
    arena_clear(&a);
    return result;
}

krb5_error_code decode_krb5_enc_tkt_part(const krb5_data *bytes, krb5_enc_tkt_part **out) {
    struct arena a;
    struct enc_ticket_part part;
    krb5_ticket whole = {0};
    if (!bytes || !out)
        return EINVAL;
    *out = NULL;
    if (!arena_init(&a, CALL_ARENA, CALL_ARENA_LIMIT))
        return ENOMEM;
    enum obol_code code = der_decode(&TYPE_ENC_TICKET_PART, data_in(bytes), &a, &part, NULL);
    krb5_error_code result = error_krb5_code(code);
    if (code == OBOL_OK)
        result = ticket_out_part(&whole, &part) ? 0 : ENOMEM;
    arena_clear(&a);
    if (result)
        krb5_free_enc_tkt_part(NULL, whole.enc_part2);
    else
        *out = whole.enc_part2;
    return result;
}

// ---- packing

krb5_error_code krb5_ser_pack_int32(krb5_int32 value, krb5_octet **at, size_t *room) {
    if (!at || !room || *room < 4)
        return ENOMEM; // as MIT's: the room is too small
    struct writer w = writer_to_buf(buf_of(*at, 4));
    writer_be32(&w, (uint32_t)value);
    *at += 4;
    *room -= 4;
    return 0;
}

krb5_error_code krb5_ser_unpack_int32(krb5_int32 *value, krb5_octet **at, size_t *left) {
    if (!value || !at || !left || *left < 4)
        return ENOMEM;
    struct reader r = reader_of(slice_of(*at, 4));
    *value = (krb5_int32)reader_be32(&r);
    *at += 4;
    *left -= 4;
    return 0;
}

krb5_error_code krb5_ser_pack_bytes(krb5_octet *bytes, size_t len, krb5_octet **at, size_t *room) {
    if (!at || !room || *room < len)
        return ENOMEM;
    if (len)
        memcpy(*at, bytes, len);
    *at += len;
    *room -= len;
    return 0;
}

// ---- authorization data

// One element of a type that holds a list of others (AD-IF-RELEVANT and its like).
krb5_error_code krb5_encode_authdata_container(krb5_context context, krb5_authdatatype type,
                                               krb5_authdata *const *list, krb5_authdata ***out) {
    CALL(call, context);
    struct authdata_list inside;
    struct authdata one = {.ad_type = type};
    struct authdata_list outside = {&one, 1};
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = authdata_in(list, &call.arena, &inside, &call.err);
    if (code == OBOL_OK)
        code = der_encode(&TYPE_AUTHORIZATION_DATA, &inside, &call.arena, &one.ad_data, &call.err);
    if (code == OBOL_OK && !authdata_out(out, &outside))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_decode_authdata_container(krb5_context context, krb5_authdatatype type,
                                               const krb5_authdata *container,
                                               krb5_authdata ***out) {
    CALL(call, context);
    struct authdata_list inside;
    if (!container || !out)
        return EINVAL;
    *out = NULL;
    if ((container->ad_type & AD_TYPE_FIELD_TYPE_MASK) != type)
        return EINVAL;
    enum obol_code code =
        der_decode(&TYPE_AUTHORIZATION_DATA, slice_of(container->contents, container->length),
                   &call.arena, &inside, &call.err);
    if (code == OBOL_OK && !authdata_out(out, &inside))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

// ---- names for replay caches

// An address with its port: type and length of each, the type in the order in which MIT's writes
// it, the address in the eight bytes of its unsigned long.
krb5_error_code krb5_gen_portaddr(krb5_context context, const krb5_address *address,
                                  krb5_const_pointer port, krb5_address **out) {
    UNUSED(context);
    uint8_t bytes[26];
    if (!address || !port || !out)
        return EINVAL;
    *out = NULL;
    if (address->addrtype != ADDRTYPE_INET || address->length != 4 || !address->contents)
        return KRB5_PROG_ATYPE_NOSUPP;
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    writer_be16(&w, ADDRTYPE_INET);
    writer_be16(&w, 0);
    writer_be32(&w, 8);
    writer_bytes(&w, slice_of(address->contents, 4));
    writer_be32(&w, 0);
    writer_be16(&w, ADDRTYPE_IPPORT);
    writer_be16(&w, 0);
    writer_be32(&w, 2);
    writer_bytes(&w, slice_of(port, 2));
    *out = address_out(ADDRTYPE_ADDRPORT, writer_slice(&w));
    return *out ? 0 : ENOMEM;
}

krb5_error_code krb5_gen_replay_name(krb5_context context, const krb5_address *address,
                                     const char *tag, char **out) {
    UNUSED(context);
    if (!address || !tag || !out)
        return EINVAL;
    size_t tag_len = strlen(tag), size = tag_len + 2u * address->length + 1;
    *out = malloc(size);
    if (!*out)
        return ENOMEM;
    struct writer w = writer_to_buf(buf_of(*out, size));
    writer_str(&w, tag);
    for (unsigned i = 0; i < address->length; i++)
        writer_printf(&w, "%02x", address->contents[i]);
    (*out)[w.failed ? 0 : w.len] = '\0';
    return 0;
}
