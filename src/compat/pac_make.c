// pac_make.c: PACs (MS-PAC 2.3, 2.8) as programs put them together and sign them, alone or into a
// ticket's part that is about to be sealed.
#include "compat/convert.h"
#include "compat/private.h"
#include "gssapi/attr.h"
#include "pac/pac.h"
#include "proto/codes.h"
#include <errno.h>
#include <stdlib.h>

enum { HEADER_BYTES = 8, INFO_BYTES = 16, ALIGNMENT = 8 };

krb5_error_code krb5_pac_init(krb5_context context, krb5_pac *pac) {
    static const uint8_t empty[HEADER_BYTES]; // no buffers, version 0
    UNUSED(context);
    if (!pac)
        return EINVAL;
    *pac = gssapi_pac_handle(slice_of(empty, sizeof empty));
    return *pac ? 0 : ENOMEM;
}

static bool replace(krb5_pac pac, struct slice bytes) {
    uint8_t *copy = malloc(bytes.len);
    if (!copy)
        return false;
    memcpy(copy, bytes.ptr, bytes.len);
    free(pac->bytes);
    pac->bytes = copy;
    pac->len = bytes.len;
    return true;
}

// A PAC in the making may have no buffer yet.
static enum obol_code parse_own(krb5_pac pac, struct pac *out, struct error *err) {
    *out = (struct pac){.count = 0};
    return pac->len == HEADER_BYTES ? OBOL_OK : pac_parse(slice_of(pac->bytes, pac->len), out, err);
}

// The PAC of these buffers, unsigned.
static enum obol_code write_pac(const struct pac_buffer *items, size_t count, struct arena *a,
                                struct slice *out, struct error *err) {
    struct writer w = writer_to_arena(a);
    size_t at = HEADER_BYTES + count * INFO_BYTES;
    writer_le32(&w, (uint32_t)count);
    writer_le32(&w, 0);
    for (size_t i = 0; i < count; i++) {
        writer_le32(&w, items[i].type);
        writer_le32(&w, (uint32_t)items[i].data.len);
        writer_le64(&w, at);
        at += (items[i].data.len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    for (size_t i = 0; i < count; i++) {
        writer_bytes(&w, items[i].data);
        while (w.len % ALIGNMENT)
            writer_u8(&w, 0);
    }
    ENSURE(writer_ok(&w) && w.len <= PAC_BYTES_MAX, FORMAT, "a PAC of %zu bytes", w.len);
    *out = writer_slice(&w);
    return OBOL_OK;
}

static enum obol_code add_buffer(struct call *c, krb5_pac pac, uint32_t type, struct slice data) {
    struct error *err = &c->err;
    struct pac has;
    struct slice bytes;
    TRY(parse_own(pac, &has, err));
    ENSURE(has.count < PAC_BUFFERS_MAX && !pac_find(&has, type), INVALID_ARGUMENT,
           "the PAC has a buffer of type %u, or %d others", type, PAC_BUFFERS_MAX);
    has.items[has.count++] = (struct pac_buffer){type, data};
    TRY(write_pac(has.items, has.count, &c->arena, &bytes, err));
    ENSURE(replace(pac, bytes), NO_MEMORY, "no memory for a PAC");
    return OBOL_OK;
}

krb5_error_code krb5_pac_add_buffer(krb5_context context, krb5_pac pac, krb5_ui_4 type,
                                    const krb5_data *data) {
    CALL(call, context);
    if (!pac || !data)
        return EINVAL;
    return call_end(&call, add_buffer(&call, pac, type, data_in(data)));
}

// ---- signing

krb5_error_code pac_handle_client(krb5_context context, krb5_pac pac, krb5_timestamp authtime,
                                  krb5_const_principal client, krb5_boolean with_realm) {
    CALL(call, context);
    struct slice found;
    char *name = NULL;
    if (gssapi_pac_buffer(slice_of(pac->bytes, pac->len), PAC_CLIENT_INFO, &found))
        return krb5_pac_verify_ext(context, pac, authtime, client, NULL, NULL, with_realm);
    int shown = with_realm ? 0 : KRB5_PRINCIPAL_UNPARSE_NO_REALM;
    // An enterprise name has an '@' of its own, which is not quoted.
    if (with_realm && client->type == KRB5_NT_ENTERPRISE_PRINCIPAL)
        shown = KRB5_PRINCIPAL_UNPARSE_DISPLAY;
    krb5_error_code code = krb5_unparse_name_flags(context, client, shown, &name);
    if (code)
        return code;
    enum obol_code made =
        pac_client_info_write(time_in(authtime), slice_str(name), &call.arena, &found, &call.err);
    if (made == OBOL_OK)
        made = add_buffer(&call, pac, PAC_CLIENT_INFO, found);
    krb5_free_unparsed_name(context, name);
    return call_end(&call, made);
}

enum obol_code pac_handle_sign(struct call *c, krb5_pac pac, const krb5_keyblock *server,
                               const krb5_keyblock *kdc, struct slice ticket) {
    struct error *err = &c->err;
    struct pac has;
    struct pac_buffer items[PAC_BUFFERS_MAX];
    struct pac_seal seal = {.items = items, .ticket = ticket};
    struct slice bytes;
    TRY(parse_own(pac, &has, err));
    for (size_t i = 0; i < has.count; i++)
        if (!pac_is_signature(has.items[i].type))
            items[seal.count++] = has.items[i];
    TRY(crypto_key_in_arena(&seal.server, &c->arena, server->enctype, keyblock_in(server), err));
    TRY(crypto_key_in_arena(&seal.kdc, &c->arena, kdc->enctype, keyblock_in(kdc), err));
    TRY(pac_seal(&seal, &c->arena, &bytes, err));
    ENSURE(replace(pac, bytes), NO_MEMORY, "no memory for a PAC");
    return OBOL_OK;
}

krb5_error_code krb5_pac_sign_ext(krb5_context context, krb5_pac pac, krb5_timestamp authtime,
                                  krb5_const_principal client, const krb5_keyblock *server,
                                  const krb5_keyblock *kdc, krb5_boolean with_realm,
                                  krb5_data *out) {
    CALL(call, context);
    if (!pac || !server || !kdc || !out)
        return EINVAL;
    *out = (krb5_data){0};
    krb5_error_code code =
        client ? pac_handle_client(context, pac, authtime, client, with_realm) : 0;
    if (code)
        return code;
    enum obol_code done = pac_handle_sign(&call, pac, server, kdc, (struct slice){0});
    if (done == OBOL_OK && !data_out(out, slice_of(pac->bytes, pac->len)))
        done = OBOL_NO_MEMORY;
    return call_end(&call, done);
}

krb5_error_code krb5_pac_sign(krb5_context context, krb5_pac pac, krb5_timestamp authtime,
                              krb5_const_principal client, const krb5_keyblock *server,
                              const krb5_keyblock *kdc, krb5_data *out) {
    return krb5_pac_sign_ext(context, pac, authtime, client, server, kdc, FALSE, out);
}
