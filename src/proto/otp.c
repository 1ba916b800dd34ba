// otp.c: the tables of RFC 6560 4, whose ASN.1 module has IMPLICIT tags throughout.
#include "proto/otp.h"
#include "proto/tables.h"

// clang-format off
#define TAG(n)         IMPLICIT(n), .flags = DER_IMPLICIT
#define TAG_SEQ(n)     IMPLICIT_CONSTRUCTED(n), .flags = DER_IMPLICIT
#define OF(t)          .type = &(t)
#define IF(bit)        .present = (bit)

// OTP-TOKENINFO ::= SEQUENCE {
static const struct der_field tokeninfo[] = {
    {"flags",            TAG(0), OF(DER_FLAGS),  MEMBER(otp_tokeninfo, flags)},
    {"otp-vendor",       TAG(1), OF(DER_UTF8),   MEMBER(otp_tokeninfo, otp_vendor), IF(OTP_TOKENINFO_VENDOR)},
    {"otp-challenge",    TAG(2), OF(DER_OCTETS), MEMBER(otp_tokeninfo, otp_challenge), IF(OTP_TOKENINFO_CHALLENGE)},
    {"otp-length",       TAG(3), OF(DER_INT32),  MEMBER(otp_tokeninfo, otp_length), IF(OTP_TOKENINFO_LENGTH)},
    {"otp-format",       TAG(4), OF(DER_INT32),  MEMBER(otp_tokeninfo, otp_format), IF(OTP_TOKENINFO_FORMAT)},
    {"otp-tokenID",      TAG(5), OF(DER_OCTETS), MEMBER(otp_tokeninfo, otp_token_id), IF(OTP_TOKENINFO_TOKEN_ID)},
    {"otp-algID",        TAG(6), OF(DER_UTF8),   MEMBER(otp_tokeninfo, otp_alg_id), IF(OTP_TOKENINFO_ALG_ID)},
    {"supportedHashAlg", TAG_SEQ(7), OF(TYPE_ALGORITHM_IDENTIFIERS), MEMBER(otp_tokeninfo, supported_hash_alg), IF(OTP_TOKENINFO_SUPPORTED_HASH_ALG)},
    {"iterationCount",   TAG(8), OF(DER_INT32),  MEMBER(otp_tokeninfo, iteration_count), IF(OTP_TOKENINFO_ITERATION_COUNT)},
};
const struct der_type TYPE_OTP_TOKENINFO = {SEQUENCE("OTP-TOKENINFO", otp_tokeninfo, tokeninfo), .flags = DER_EXTENSIBLE};
static const struct der_type type_tokeninfos = {SEQUENCE_OF("OTP-TOKENINFOs", otp_tokeninfo_list, &TYPE_OTP_TOKENINFO)};

// PA-OTP-CHALLENGE ::= SEQUENCE {
static const struct der_field challenge[] = {
    {"nonce",            TAG(0), OF(DER_OCTETS), MEMBER(pa_otp_challenge, nonce)},
    {"otp-service",      TAG(1), OF(DER_UTF8),   MEMBER(pa_otp_challenge, otp_service), IF(PA_OTP_CHALLENGE_SERVICE)},
    {"otp-tokenInfo",    TAG_SEQ(2), OF(type_tokeninfos), MEMBER(pa_otp_challenge, otp_token_info)},
    {"salt",             TAG(3), OF(DER_TEXT),   MEMBER(pa_otp_challenge, salt), IF(PA_OTP_CHALLENGE_SALT)},
    {"s2kparams",        TAG(4), OF(DER_OCTETS), MEMBER(pa_otp_challenge, s2kparams), IF(PA_OTP_CHALLENGE_S2KPARAMS)},
};
const struct der_type TYPE_PA_OTP_CHALLENGE = {SEQUENCE("PA-OTP-CHALLENGE", pa_otp_challenge, challenge), .flags = DER_EXTENSIBLE};

// PA-OTP-REQUEST ::= SEQUENCE {
static const struct der_field request[] = {
    {"flags",            TAG(0), OF(DER_FLAGS),  MEMBER(pa_otp_request, flags)},
    {"nonce",            TAG(1), OF(DER_OCTETS), MEMBER(pa_otp_request, nonce), IF(PA_OTP_REQUEST_NONCE)},
    {"encData",          TAG_SEQ(2), OF(TYPE_ENCRYPTED_DATA), MEMBER(pa_otp_request, enc_data)},
    {"hashAlg",          TAG_SEQ(3), OF(TYPE_ALGORITHM_IDENTIFIER), MEMBER(pa_otp_request, hash_alg), IF(PA_OTP_REQUEST_HASH_ALG)},
    {"iterationCount",   TAG(4), OF(DER_INT32),  MEMBER(pa_otp_request, iteration_count), IF(PA_OTP_REQUEST_ITERATION_COUNT)},
    {"otp-value",        TAG(5), OF(DER_SECRET_OCTETS), MEMBER(pa_otp_request, otp_value), IF(PA_OTP_REQUEST_VALUE)},
    {"otp-pin",          TAG(6), OF(DER_SECRET_UTF8), MEMBER(pa_otp_request, otp_pin), IF(PA_OTP_REQUEST_PIN)},
    {"otp-challenge",    TAG(7), OF(DER_OCTETS), MEMBER(pa_otp_request, otp_challenge), IF(PA_OTP_REQUEST_CHALLENGE)},
    {"otp-time",         TAG(8), OF(DER_TIME),   MEMBER(pa_otp_request, otp_time), IF(PA_OTP_REQUEST_TIME)},
    {"otp-counter",      TAG(9), OF(DER_OCTETS), MEMBER(pa_otp_request, otp_counter), IF(PA_OTP_REQUEST_COUNTER)},
    {"otp-format",       TAG(10), OF(DER_INT32), MEMBER(pa_otp_request, otp_format), IF(PA_OTP_REQUEST_FORMAT)},
    {"otp-tokenID",      TAG(11), OF(DER_OCTETS), MEMBER(pa_otp_request, otp_token_id), IF(PA_OTP_REQUEST_TOKEN_ID)},
    {"otp-algID",        TAG(12), OF(DER_UTF8),  MEMBER(pa_otp_request, otp_alg_id), IF(PA_OTP_REQUEST_ALG_ID)},
    {"otp-vendor",       TAG(13), OF(DER_UTF8),  MEMBER(pa_otp_request, otp_vendor), IF(PA_OTP_REQUEST_VENDOR)},
};
const struct der_type TYPE_PA_OTP_REQUEST = {SEQUENCE("PA-OTP-REQUEST", pa_otp_request, request), .flags = DER_EXTENSIBLE};

// PA-OTP-ENC-REQUEST ::= SEQUENCE {
static const struct der_field enc_request[] = {
    {"nonce",            TAG(0), OF(DER_OCTETS), MEMBER(pa_otp_enc_request, nonce)},
};
const struct der_type TYPE_PA_OTP_ENC_REQUEST = {SEQUENCE("PA-OTP-ENC-REQUEST", pa_otp_enc_request, enc_request), .flags = DER_EXTENSIBLE};

// PA-OTP-PIN-CHANGE ::= SEQUENCE {
static const struct der_field pin_change[] = {
    {"flags",            TAG(0), OF(DER_FLAGS),  MEMBER(pa_otp_pin_change, flags)},
    {"pin",              TAG(1), OF(DER_SECRET_UTF8), MEMBER(pa_otp_pin_change, pin), IF(PA_OTP_PIN_CHANGE_PIN)},
    {"minLength",        TAG(2), OF(DER_INT32),  MEMBER(pa_otp_pin_change, min_length), IF(PA_OTP_PIN_CHANGE_MIN_LENGTH)},
    {"maxLength",        TAG(3), OF(DER_INT32),  MEMBER(pa_otp_pin_change, max_length), IF(PA_OTP_PIN_CHANGE_MAX_LENGTH)},
    {"last-req",         TAG_SEQ(4), OF(TYPE_LAST_REQ), MEMBER(pa_otp_pin_change, last_req), IF(PA_OTP_PIN_CHANGE_LAST_REQ)},
    {"format",           TAG(5), OF(DER_INT32),  MEMBER(pa_otp_pin_change, format), IF(PA_OTP_PIN_CHANGE_FORMAT)},
};
const struct der_type TYPE_PA_OTP_PIN_CHANGE = {SEQUENCE("PA-OTP-PIN-CHANGE", pa_otp_pin_change, pin_change), .flags = DER_EXTENSIBLE};
// clang-format on
