// spake.h: SPAKE preauthentication (RFC 9588 4) as C structs and DER tables.
#ifndef OBOL_PROTO_SPAKE_H
#define OBOL_PROTO_SPAKE_H

#include "proto/types.h"

// SPAKESecondFactor, RFC 9588 4.2
enum { SPAKE_SECOND_FACTOR_DATA = 1u << 0 };
struct spake_second_factor {
    uint32_t present;
    int32_t type;
    struct slice data;
};
struct spake_second_factor_list {
    struct spake_second_factor *items;
    size_t count;
};

// SPAKESupport, RFC 9588 4.1
struct spake_support {
    struct int32_list groups;
};

// SPAKEChallenge, RFC 9588 4.2
struct spake_challenge {
    int32_t group;
    struct slice pubkey;
    struct spake_second_factor_list factors;
};

// SPAKEResponse, RFC 9588 4.3: `factor` seals a SPAKESecondFactor
struct spake_response {
    struct slice pubkey;
    struct encrypted_data factor;
};

// PA-SPAKE, RFC 9588 4: a CHOICE
enum {
    PA_SPAKE_SUPPORT = 1u << 0,
    PA_SPAKE_CHALLENGE = 1u << 1,
    PA_SPAKE_RESPONSE = 1u << 2,
    PA_SPAKE_ENCDATA = 1u << 3,
};
struct pa_spake {
    uint32_t present;
    union {
        struct spake_support support;
        struct spake_challenge challenge;
        struct spake_response response;
        struct encrypted_data encdata;
    };
};

extern const struct der_type TYPE_PA_SPAKE, TYPE_SPAKE_SECOND_FACTOR;

#endif
