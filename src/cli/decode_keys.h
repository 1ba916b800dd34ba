// decode_keys.h: the keys with which `obol decode` opens sealed parts: those of a keytab, one made
// of a password, and those met on the way.
#ifndef OBOL_CLI_DECODE_KEYS_H
#define OBOL_CLI_DECODE_KEYS_H

#include "base/secret.h"
#include "cred/keytab.h"
#include "proto/describe.h"

struct decode_keys {
    const struct keytab_content *keytab; // or NULL
    const struct secret *password;       // or NULL
    struct slice salt;                   // of the password
    uint32_t iterations;                 // of the password; 0: the enctype's default
    struct encryption_key armor; // of the newest FAST request that was opened, met on the way
};
// decode_keys_open is describe_keys.open over a struct decode_keys.
bool decode_keys_open(void *context, const struct describe_sealed *sealed, struct arena *a,
                      struct slice *plaintext);

#endif
