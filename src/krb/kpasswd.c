// kpasswd.c: the frame around the messages of RFC 3244; see kpasswd.h.
#include "krb/kpasswd.h"
#include "base/reader.h"
#include "base/writer.h"

const char *kpasswd_result_text(enum kpasswd_result result) {
    static const char *const texts[] = {
        [KPASSWD_SUCCESS] = "Password changed",
        [KPASSWD_MALFORMED] = "Malformed request error",
        [KPASSWD_HARDERROR] = "Server error",
        [KPASSWD_AUTHERROR] = "Authentication error",
        [KPASSWD_SOFTERROR] = "Password change rejected",
        [KPASSWD_ACCESSDENIED] = "Access denied",
        [KPASSWD_BAD_VERSION] = "Wrong protocol version",
        [KPASSWD_INITIAL_FLAG_NEEDED] = "Initial password required",
    };
    return (size_t)result < COUNT_OF(texts) ? texts[result] : "Password change failed";
}

// Active Directory answers with a structure of binary numbers, which begins with two zero bytes.
struct slice kpasswd_text(struct slice said) {
    bool is_text = said.len > 0;
    for (size_t i = 0; i < said.len; i++)
        is_text = is_text && (said.ptr[i] >= ' ' || said.ptr[i] == '\n' || said.ptr[i] == '\t');
    return is_text ? said
                   : SLICE_LITERAL("Try a longer or less simple password, or ask the administrator "
                                   "of the realm.");
}

enum obol_code kpasswd_frame_read(struct slice bytes, struct kpasswd_frame *out,
                                  struct error *err) {
    struct reader r = reader_of(bytes);
    uint16_t length = reader_be16(&r);
    out->version = reader_be16(&r);
    out->ap = reader_counted16(&r);
    out->rest = reader_rest(&r);
    ENSURE(reader_ok(&r) && length == bytes.len && out->rest.len, FORMAT,
           "%zu bytes are no message of the kpasswd protocol (RFC 3244)", bytes.len);
    return OBOL_OK;
}

enum obol_code kpasswd_frame_write(const struct kpasswd_frame *frame, struct arena *a,
                                   struct slice *out, struct error *err) {
    size_t length = 6 + frame->ap.len + frame->rest.len;
    ENSURE(length <= UINT16_MAX, FORMAT, "a kpasswd message of %zu bytes", length);
    struct writer w = writer_to_arena(a);
    writer_be16(&w, (uint16_t)length);
    writer_be16(&w, frame->version);
    writer_counted16(&w, frame->ap);
    writer_bytes(&w, frame->rest);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for a kpasswd message");
    *out = writer_slice(&w);
    return OBOL_OK;
}
