// der.h: strict DER (X.690) driven by field tables. One table describes a SEQUENCE, one line a
// field, mirroring the ASN.1 of the RFC; one engine decodes, encodes and dumps from it.
//
// Decoding is zero-copy: slices borrow from the input, lists are laid in the arena. It allocates in
// proportion to the bytes received, never to a length they claim; depth and counts are bounded.
// Errors name the path: "KDC-REQ-BODY.etype[2] at byte 187".
#ifndef OBOL_DER_DER_H
#define OBOL_DER_DER_H

#include "base/arena.h"
#include "base/error.h"

struct der_type; // der/table.h, for those who write tables

// der_decode reads one value of the type, all of `in` (leftovers are refused), into *out, a struct
// of the type's shape. On failure *out holds nothing to rely on.
MUST_USE enum obol_code der_decode(const struct der_type *type, struct slice in, struct arena *a,
                                   void *out, struct error *err);
// der_decode_padded is der_decode that lets bytes stand behind the value: for the plaintext of
// enctypes that cannot tell padding (rc4, and peers that pad). *used, if not NULL, is set to the
// value's length.
MUST_USE enum obol_code der_decode_padded(const struct der_type *type, struct slice in,
                                          struct arena *a, void *out, size_t *used,
                                          struct error *err);
// der_encode writes the value into the arena in one backward pass. Fails with NO_MEMORY past the
// arena's limit, DER_VALUE if a field cannot be expressed.
MUST_USE enum obol_code der_encode(const struct der_type *type, const void *value, struct arena *a,
                                   struct slice *out, struct error *err);
// der_encode_fields is der_encode that leaves every `raw` aside and writes the fields: for a value
// whose fields were changed after it was decoded.
MUST_USE enum obol_code der_encode_fields(const struct der_type *type, const void *value,
                                          struct arena *a, struct slice *out, struct error *err);
// der_tag_of is the first identifier octet of a message (0x6a for AS-REQ); 0 if it is empty.
static inline uint8_t der_tag_of(struct slice s) {
    return s.len ? s.ptr[0] : 0;
}
const char *der_type_name(const struct der_type *type); // "AS-REQ"
// der_dump writes a decoded value as an indented tree, or der_dump_json as JSON, from its table.
void der_dump(const struct der_type *type, const void *value, struct writer *w);
void der_dump_json(const struct der_type *type, const void *value, struct writer *w);

#endif
