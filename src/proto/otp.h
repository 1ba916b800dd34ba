// otp.h: one-time password preauthentication (RFC 6560 4) as C structs and DER tables.
#ifndef OBOL_PROTO_OTP_H
#define OBOL_PROTO_OTP_H

#include "proto/codes.h"
#include "proto/pkinit.h"

enum { // OTPFlags, RFC 6560 4.1
    OTP_NEXT_OTP = (int)KERBEROS_FLAG(1),
    OTP_COMBINE = (int)KERBEROS_FLAG(2),
    OTP_COLLECT_PIN = (int)KERBEROS_FLAG(3),
    OTP_DO_NOT_COLLECT_PIN = (int)KERBEROS_FLAG(4),
    OTP_MUST_ENCRYPT_NONCE = (int)KERBEROS_FLAG(5),
    OTP_SEPARATE_PIN_REQUIRED = (int)KERBEROS_FLAG(6),
    OTP_CHECK_DIGIT = (int)KERBEROS_FLAG(7),
};

// OTP-TOKENINFO, RFC 6560 4.1
enum {
    OTP_TOKENINFO_VENDOR = 1u << 0,
    OTP_TOKENINFO_CHALLENGE = 1u << 1,
    OTP_TOKENINFO_LENGTH = 1u << 2,
    OTP_TOKENINFO_FORMAT = 1u << 3,
    OTP_TOKENINFO_TOKEN_ID = 1u << 4,
    OTP_TOKENINFO_ALG_ID = 1u << 5,
    OTP_TOKENINFO_SUPPORTED_HASH_ALG = 1u << 6,
    OTP_TOKENINFO_ITERATION_COUNT = 1u << 7,
};
struct otp_tokeninfo {
    uint32_t present;
    uint32_t flags;
    struct slice otp_vendor;
    struct slice otp_challenge;
    int32_t otp_length;
    int32_t otp_format;
    struct slice otp_token_id;
    struct slice otp_alg_id;
    struct algorithm_identifier_list supported_hash_alg;
    int32_t iteration_count;
};
struct otp_tokeninfo_list {
    struct otp_tokeninfo *items;
    size_t count;
};

// PA-OTP-CHALLENGE, RFC 6560 4.1
enum {
    PA_OTP_CHALLENGE_SERVICE = 1u << 0,
    PA_OTP_CHALLENGE_SALT = 1u << 1,
    PA_OTP_CHALLENGE_S2KPARAMS = 1u << 2,
};
struct pa_otp_challenge {
    uint32_t present;
    struct slice nonce;
    struct slice otp_service;
    struct otp_tokeninfo_list otp_token_info;
    struct slice salt;
    struct slice s2kparams;
};

// PA-OTP-REQUEST, RFC 6560 4.2
enum {
    PA_OTP_REQUEST_NONCE = 1u << 0,
    PA_OTP_REQUEST_HASH_ALG = 1u << 1,
    PA_OTP_REQUEST_ITERATION_COUNT = 1u << 2,
    PA_OTP_REQUEST_VALUE = 1u << 3,
    PA_OTP_REQUEST_PIN = 1u << 4,
    PA_OTP_REQUEST_CHALLENGE = 1u << 5,
    PA_OTP_REQUEST_TIME = 1u << 6,
    PA_OTP_REQUEST_COUNTER = 1u << 7,
    PA_OTP_REQUEST_FORMAT = 1u << 8,
    PA_OTP_REQUEST_TOKEN_ID = 1u << 9,
    PA_OTP_REQUEST_ALG_ID = 1u << 10,
    PA_OTP_REQUEST_VENDOR = 1u << 11,
};
struct pa_otp_request {
    uint32_t present;
    uint32_t flags;
    struct slice nonce;
    struct encrypted_data enc_data;
    struct algorithm_identifier hash_alg;
    int32_t iteration_count;
    struct slice otp_value;
    struct slice otp_pin;
    struct slice otp_challenge;
    int64_t otp_time;
    struct slice otp_counter;
    int32_t otp_format;
    struct slice otp_token_id;
    struct slice otp_alg_id;
    struct slice otp_vendor;
};

// PA-OTP-ENC-REQUEST, RFC 6560 4.2
struct pa_otp_enc_request {
    struct slice nonce;
};

// PA-OTP-PIN-CHANGE, RFC 6560 4.3
enum {
    PA_OTP_PIN_CHANGE_PIN = 1u << 0,
    PA_OTP_PIN_CHANGE_MIN_LENGTH = 1u << 1,
    PA_OTP_PIN_CHANGE_MAX_LENGTH = 1u << 2,
    PA_OTP_PIN_CHANGE_LAST_REQ = 1u << 3,
    PA_OTP_PIN_CHANGE_FORMAT = 1u << 4,
};
struct pa_otp_pin_change {
    uint32_t present;
    uint32_t flags;
    struct slice pin;
    int32_t min_length;
    int32_t max_length;
    struct last_req_list last_req;
    int32_t format;
};

extern const struct der_type TYPE_OTP_TOKENINFO, TYPE_PA_OTP_CHALLENGE, TYPE_PA_OTP_REQUEST,
    TYPE_PA_OTP_ENC_REQUEST, TYPE_PA_OTP_PIN_CHANGE;

#endif
