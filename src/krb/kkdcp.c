// kkdcp.c: see kkdcp.h.
#include "krb/kkdcp.h"
#include "base/reader.h"
#include "base/writer.h"
#include "proto/envelope.h"

enum obol_code kkdcp_wrap(struct slice message, struct slice realm, struct arena *a,
                          struct slice *out, struct error *err) {
    struct writer w = writer_to_arena(a);
    writer_counted32(&w, message);
    ENSURE(writer_ok(&w), NO_MEMORY, "a message of %zu bytes", message.len);
    const struct kdc_proxy_message m = {
        .present = realm.len ? (uint32_t)KDC_PROXY_MESSAGE_TARGET_DOMAIN : 0u,
        .kerb_message = writer_slice(&w),
        .target_domain = realm,
    };
    return der_encode(&TYPE_KDC_PROXY_MESSAGE, &m, a, out, err);
}

enum obol_code kkdcp_unwrap(struct slice envelope, struct arena *a, struct slice *message,
                            struct slice *realm, struct error *err) {
    struct kdc_proxy_message m;
    TRY(der_decode(&TYPE_KDC_PROXY_MESSAGE, envelope, a, &m, err));
    struct reader r = reader_of(m.kerb_message);
    *message = reader_counted32(&r);
    ENSURE(reader_done(&r) && message->len > 0, FORMAT,
           "the %zu bytes in a KDC-PROXY-MESSAGE are no message behind its length",
           m.kerb_message.len);
    *realm = m.present & KDC_PROXY_MESSAGE_TARGET_DOMAIN ? m.target_domain : (struct slice){0};
    return OBOL_OK;
}
