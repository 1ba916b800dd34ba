// peek.c: see peek.h. KDC-REQ ::= SEQUENCE { pvno [1], msg-type [2], padata [3] OPTIONAL, req-body
// [4] SEQUENCE { kdc-options [0], cname [1] OPTIONAL, realm [2], ... } } (RFC 4120 5.4.1).
#include "kdc/peek.h"
#include "der/tlv.h"

#define AS_REQ         0x6a
#define TGS_REQ        0x6c
#define SEQUENCE       0x30
#define GENERAL_STRING 0x1b
#define CONTEXT(n)     (0xa0 | (n))

// Steps into the next value, which must have this tag.
static bool enter(struct reader *r, uint8_t tag) {
    uint8_t found;
    struct slice content;
    if (!tlv_next(r, &found, &content) || found != tag)
        return false;
    *r = reader_of(content);
    return true;
}

// The content of the first field with this tag; others before it are passed over.
static bool find(struct reader *r, uint8_t tag, struct slice *content) {
    uint8_t found;
    while (reader_left(r))
        if (!tlv_next(r, &found, content))
            return false;
        else if (found == tag)
            return true;
    return false;
}

bool kdc_peek(struct slice request, struct kdc_peek *out) {
    struct slice body, content;
    struct reader r = reader_of(request), inner;
    *out = (struct kdc_peek){0};
    uint8_t tag = tlv_peek(&r);
    if ((tag != AS_REQ && tag != TGS_REQ) || !enter(&r, tag) || !enter(&r, SEQUENCE) ||
        !find(&r, CONTEXT(4), &body))
        return false;
    r = reader_of(body);
    if (!enter(&r, SEQUENCE))
        return false;
    for (tag = 0; tag != CONTEXT(2);) {
        if (!tlv_next(&r, &tag, &content) || tag > CONTEXT(2))
            return false;
        if (tag == CONTEXT(1))
            out->client = content;
    }
    inner = reader_of(content);
    return tlv_next(&inner, &tag, &out->realm) && tag == GENERAL_STRING;
}
