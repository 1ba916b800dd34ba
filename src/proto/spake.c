// spake.c: the tables of RFC 9588 4.
#include "proto/spake.h"
#include "proto/tables.h"

// clang-format off
// SPAKESecondFactor ::= SEQUENCE {
static const struct der_field second_factor[] = {
    {"type",      EXPLICIT(0), &DER_INT32,        MEMBER(spake_second_factor, type)},
    {"data",      EXPLICIT(1), &DER_OCTETS,       MEMBER(spake_second_factor, data), SPAKE_SECOND_FACTOR_DATA},
};
const struct der_type TYPE_SPAKE_SECOND_FACTOR = {
    SEQUENCE("SPAKESecondFactor", spake_second_factor, second_factor)};
static const struct der_type type_factors = {
    SEQUENCE_OF("SPAKESecondFactors", spake_second_factor_list, &TYPE_SPAKE_SECOND_FACTOR)};

// SPAKESupport ::= SEQUENCE {
static const struct der_field support[] = {
    {"groups",    EXPLICIT(0), &TYPE_INT32S,      MEMBER(spake_support, groups)},
};
static const struct der_type type_support = {SEQUENCE("SPAKESupport", spake_support, support), .flags = DER_EXTENSIBLE};

// SPAKEChallenge ::= SEQUENCE {
static const struct der_field challenge[] = {
    {"group",     EXPLICIT(0), &DER_INT32,        MEMBER(spake_challenge, group)},
    {"pubkey",    EXPLICIT(1), &DER_OCTETS,       MEMBER(spake_challenge, pubkey)},
    {"factors",   EXPLICIT(2), &type_factors,     MEMBER(spake_challenge, factors)},
};
static const struct der_type type_challenge = {
    SEQUENCE("SPAKEChallenge", spake_challenge, challenge), .flags = DER_EXTENSIBLE};

// SPAKEResponse ::= SEQUENCE {
static const struct der_field response[] = {
    {"pubkey",    EXPLICIT(0), &DER_OCTETS,       MEMBER(spake_response, pubkey)},
    {"factor",    EXPLICIT(1), &TYPE_ENCRYPTED_DATA, MEMBER(spake_response, factor)},
};
static const struct der_type type_response = {
    SEQUENCE("SPAKEResponse", spake_response, response), .flags = DER_EXTENSIBLE};

// PA-SPAKE ::= CHOICE {
static const struct der_field pa_spake[] = {
    {"support",   EXPLICIT(0), &type_support,     MEMBER(pa_spake, support), PA_SPAKE_SUPPORT},
    {"challenge", EXPLICIT(1), &type_challenge,   MEMBER(pa_spake, challenge), PA_SPAKE_CHALLENGE},
    {"response",  EXPLICIT(2), &type_response,    MEMBER(pa_spake, response), PA_SPAKE_RESPONSE},
    {"encdata",   EXPLICIT(3), &TYPE_ENCRYPTED_DATA, MEMBER(pa_spake, encdata), PA_SPAKE_ENCDATA},
};
const struct der_type TYPE_PA_SPAKE = {CHOICE("PA-SPAKE", pa_spake, pa_spake)};
// clang-format on
