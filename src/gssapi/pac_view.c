// pac_view.c: a PAC as a program sees it (src/pac): its buffers by type, and its bytes as a handle.
#include "gssapi/attr.h"
#include "pac/pac.h"
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
