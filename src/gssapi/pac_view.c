// pac_view.c: a PAC as an acceptor sees it (src/pac): its buffers by type, the server's signature,
// and whom it is of (MS-PAC 2.7, 2.8).
#include "gss/proved.h"
#include "gssapi/attr.h"
#include <stdlib.h>

bool gssapi_pac_type(struct slice bytes, size_t n, uint32_t *type) {
    struct pac pac;
    if (pac_parse(bytes, &pac, NULL) != OBOL_OK || n >= pac.count)
        return false;
    *type = pac.items[n].type;
    return true;
}

bool gssapi_pac_buffer(struct slice bytes, uint32_t type, struct slice *out) {
    struct pac pac;
    if (pac_parse(bytes, &pac, NULL) != OBOL_OK)
        return false;
    const struct pac_buffer *found = pac_find(&pac, type);
    if (found)
        *out = found->data;
    return found != NULL;
}

bool gssapi_pac_is_of(struct slice bytes, const struct principal *client, int64_t authtime,
                      struct arena *a) {
    struct pac pac;
    return pac_parse(bytes, &pac, NULL) == OBOL_OK && gss_pac_is_of(&pac, client, authtime, a);
}

struct krb5_pac_data *gssapi_pac_handle(struct slice pac) {
    struct krb5_pac_data *out = malloc(sizeof *out);
    uint8_t *bytes = malloc(pac.len + !pac.len);
    if (!out || !bytes) {
        free(out);
        free(bytes);
        return NULL;
    }
    if (pac.len)
        memcpy(bytes, pac.ptr, pac.len);
    out->len = pac.len;
    out->bytes = bytes;
    return out;
}

void gssapi_pac_handle_free(struct krb5_pac_data *pac) {
    if (pac)
        free(pac->bytes);
    free(pac);
}

bool gssapi_pac_verify(struct slice bytes, const struct principal *client, int64_t authtime,
                       struct crypto_key *key, struct arena *a) {
    struct pac pac;
    return pac_parse(bytes, &pac, NULL) == OBOL_OK &&
           pac_verify(&pac, PAC_SERVER_SIGNATURE, key, (struct slice){0}, NULL) == OBOL_OK &&
           gss_pac_is_of(&pac, client, authtime, a);
}
