// describe.h: any Kerberos message shown to a person or a program: numbers by name, times in ISO
// 8601, octet strings that hold further values decoded in place, and, with keys, the sealed parts
// opened. The core of `obol decode`, the log at its most detailed, and the tutorial of `dev run`.
#ifndef OBOL_PROTO_DESCRIBE_H
#define OBOL_PROTO_DESCRIBE_H

#include "proto/types.h"

// A sealed part that somebody may have the key of.
struct describe_sealed {
    const struct encrypted_data *data;
    const int32_t *usages; // key usages it may be sealed under (RFC 4120 7.5.1), likeliest first
    size_t usage_count;
    const struct ticket *ticket; // whose enc-part it is, to look up the service's key; or NULL
    // Keys met in the parts opened so far, newest first: the session key of a ticket opens the
    // authenticator behind it.
    const struct encryption_key *learned;
    size_t learned_count;
};

// describe_keys is the caller's way to open sealed parts: `open` cuts the plaintext from the arena;
// false if it has no key that fits. Padding behind the plaintext is tolerated.
struct describe_keys {
    void *context;
    bool (*open)(void *context, const struct describe_sealed *sealed, struct arena *a,
                 struct slice *plaintext);
};

struct describe_options {
    bool json;
    bool show_secrets;                // keys and passwords too, and octets at full length
    const struct describe_keys *keys; // or NULL
};

// proto_describe finds out by the first octet which message the bytes are, and shows it; it fails
// with DER_UNEXPECTED if it is none of RFC 4120's. The arena holds what is decoded on the way.
MUST_USE enum obol_code proto_describe(struct slice bytes, const struct describe_options *options,
                                       struct arena *a, struct writer *w, struct error *err);
// proto_describe_as is proto_describe for bytes of a known type.
MUST_USE enum obol_code proto_describe_as(const struct der_type *type, struct slice bytes,
                                          const struct describe_options *options, struct arena *a,
                                          struct writer *w, struct error *err);

#endif
