// pac_view.c: a PAC as an acceptor sees it (MS-PAC 2.3, 2.4, 2.7, 2.8): its buffers by type, the
// server's signature, and whom it is of.
#include "base/reader.h"
#include "gssapi/attr.h"

#define PAC_BUFFERS_MAX      64
#define PAC_SERVER_SIGNATURE 6
#define PAC_KDC_SIGNATURE    7
#define PAC_CLIENT_INFO      10
#define KU_PAC_SIGNATURE     17 // KERB_NON_KERB_CKSUM_SALT

// The n-th buffer: its type, and where it lies. False at the end and where the PAC is malformed.
static bool buffer_at(struct slice pac, size_t n, uint32_t *type, struct slice *out) {
    struct reader r = reader_of(pac);
    uint32_t count = reader_le32(&r), version = reader_le32(&r);
    if (!reader_ok(&r) || version != 0 || count > PAC_BUFFERS_MAX || n >= count)
        return false;
    reader_skip(&r, n * 16);
    *type = reader_le32(&r);
    uint32_t size = reader_le32(&r);
    uint64_t offset = reader_le64(&r);
    if (!reader_ok(&r) || offset > pac.len || size > pac.len - offset)
        return false;
    *out = slice_of(pac.ptr + offset, size);
    return true;
}

bool gssapi_pac_type(struct slice pac, size_t n, uint32_t *type) {
    struct slice data;
    return buffer_at(pac, n, type, &data);
}

bool gssapi_pac_buffer(struct slice pac, uint32_t type, struct slice *out) {
    uint32_t found;
    for (size_t n = 0; buffer_at(pac, n, &found, out); n++)
        if (found == type)
            return true;
    return false;
}

// MS-PAC 2.8: the signature covers the PAC with both signatures' bytes zero.
static bool signature_holds(struct slice pac, struct crypto_key *key, struct arena *a) {
    struct slice server, kdc, copy;
    if (!gssapi_pac_buffer(pac, PAC_SERVER_SIGNATURE, &server) || server.len < 4 ||
        !gssapi_pac_buffer(pac, PAC_KDC_SIGNATURE, &kdc) || kdc.len < 4 ||
        !arena_copy(a, pac, &copy))
        return false;
    struct reader r = reader_of(server);
    int32_t type = (int32_t)reader_le32(&r);
    size_t server_len = cksumtype_length(type);
    if (!server_len || server_len > reader_left(&r))
        return false;
    struct slice signature = reader_bytes(&r, server_len);
    struct reader rk = reader_of(kdc);
    size_t kdc_len = cksumtype_length((int32_t)reader_le32(&rk));
    if (!kdc_len || kdc_len > reader_left(&rk))
        return false;
    uint8_t *bytes = (uint8_t *)copy.ptr;
    memset(bytes + (server.ptr - pac.ptr) + 4, 0, server_len);
    memset(bytes + (kdc.ptr - pac.ptr) + 4, 0, kdc_len);
    return crypto_verify(key, KU_PAC_SIGNATURE, type, copy, signature, NULL) == OBOL_OK;
}

static void put_utf8(struct writer *w, uint32_t c) {
    if (c < 0x80) {
        writer_u8(w, (uint8_t)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    writer_u8(w, (uint8_t)(lead[more] | c >> (6 * more)));
    while (more-- > 0)
        writer_u8(w, (uint8_t)(0x80 | (c >> (6 * more) & 0x3f)));
}

// MS-PAC 2.7: when the client logged in, and its name in UTF-16LE.
static bool client_matches(struct slice pac, const struct principal *client, int64_t authtime,
                           struct arena *a) {
    struct slice info;
    if (!gssapi_pac_buffer(pac, PAC_CLIENT_INFO, &info))
        return false;
    struct reader r = reader_of(info);
    uint64_t when = reader_le64(&r);
    struct slice text = reader_bytes(&r, reader_le16(&r));
    if (!reader_ok(&r) || text.len % 2 ||
        when != ((uint64_t)authtime + UINT64_C(11644473600)) * 10000000)
        return false;
    struct writer said = writer_to_arena(a), expected = writer_to_arena(a);
    struct reader u = reader_of(text);
    while (reader_left(&u)) {
        uint32_t c = reader_le16(&u);
        if (c >= 0xd800 && c < 0xdc00 && reader_left(&u))
            c = 0x10000 + ((c & 0x3ff) << 10) + (reader_le16(&u) & 0x3ff);
        put_utf8(&said, c);
    }
    for (size_t i = 0; i < client->name.name_string.count; i++) {
        writer_str(&expected, i ? "/" : "");
        writer_bytes(&expected, client->name.name_string.items[i]);
    }
    struct slice short_form = writer_slice(&expected);
    if (!writer_ok(&said) || !writer_ok(&expected))
        return false;
    if (slice_eq(writer_slice(&said), short_form))
        return true;
    // A client of another realm (S4U, MS-SFU 3.2.5.1.2) is written with it.
    writer_u8(&expected, '@');
    writer_bytes(&expected, client->realm);
    return writer_ok(&expected) && slice_eq(writer_slice(&said), writer_slice(&expected));
}

bool gssapi_pac_verify(struct slice pac, const struct principal *client, int64_t authtime,
                       struct crypto_key *key, struct arena *a) {
    return signature_holds(pac, key, a) && client_matches(pac, client, authtime, a);
}
