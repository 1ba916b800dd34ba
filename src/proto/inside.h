// inside.h: what stands inside the octet strings and sealed parts of messages, for describe.c.
#ifndef OBOL_PROTO_INSIDE_H
#define OBOL_PROTO_INSIDE_H

#include "der/dump.h"
#include "proto/types.h"

enum { INSIDE_TYPES_MAX = 4, INSIDE_USAGES_MAX = 2 };

// The types that a value may be of; the first that decodes is taken. NULL ends the list.
struct inside_types {
    const struct der_type *types[INSIDE_TYPES_MAX];
};

// inside_octets is what an OCTET STRING may hold; no types if that is not known.
struct inside_types inside_octets(const struct der_place *octets);

// What an EncryptedData holds, under which key usages.
struct inside_sealed {
    const struct der_type *type;
    int32_t usages[INSIDE_USAGES_MAX];
    size_t usage_count;
};
// inside_sealed_of is false if the place of the EncryptedData is not known.
bool inside_sealed_of(const struct der_place *encrypted_data, struct inside_sealed *out);

#endif
