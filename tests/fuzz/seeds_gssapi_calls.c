// seeds_gssapi_calls.c: writes the seeds of fuzz_gssapi_calls into the folder gssapi_calls/ of the
// folder named on the command line. Run again when the arguments of a call change:
//     ninja -C build tests/fuzz/seeds_gssapi_calls
//     build/tests/fuzz/seeds_gssapi_calls tests/fuzz/corpus
#include "gssapi_calls.h"
#include <stdio.h>

#define NONE 0x80
#define SLOT 0x80 // bytes out of a buffer
// Of TEXTS and of oid_in.
#define WEB    0
#define PRINC  1
#define ALICE  3
#define PAC    10
#define KRB5   0
#define SPNEGO 1
#define NO_OID 2
#define HOST   6
#define NAME   7
#define FLAGS  0x00, 0x0e // mutual, replay, sequence
#define DCE    0x10, 0x0e
#define ANY    0 // no bindings

#define BEGIN(type) CALL_import_name, WEB, type, 0
// Contexts 0 and 1 with name 0.
#define STAND(mech, ...) CALL_handshake, 0, 1, NONE, NONE, 0, mech, __VA_ARGS__, ANY, ANY
// The initiator's step on context 0 to buffer 0, the acceptor's on context 1 to buffer 1.
#define STEP_I(mech, in) CALL_init, 0, NONE, 0, mech, FLAGS, ANY, in, 0
#define STEP_A(name)     CALL_accept, 1, NONE, SLOT | 0, ANY, name, 1, NONE

#define SEED(name, ...)                                                                            \
    { name, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }

static const struct seed {
    const char *name;
    const uint8_t *bytes;
    size_t len;
} SEEDS[] = {
    // The target's name is released before the context is asked for it, and exported.
    SEED("target-released-first", BEGIN(HOST), CALL_init, 0, NONE, 0, KRB5, 0, 0, ANY, ARG_NULL, 0,
         CALL_release_name, 0, CALL_inquire_context, 0, 1, 2, CALL_display_name, 2, 2,
         CALL_export_context, 0, 3, CALL_import_context, SLOT | 3, 0, CALL_inquire_context, 0, 1,
         2),
    // The same of the krb5.conf that said the target's realm.
    SEED("configuration-gone", BEGIN(HOST), CALL_init, 0, NONE, 0, KRB5, 0, 0, ANY, ARG_NULL, 0,
         CALL_configuration, 1, CALL_compare_name, 0, 0, CALL_canonicalize_name, 0, KRB5, 1,
         CALL_inquire_context, 0, 1, 2, CALL_export_context, 0, 3, CALL_configuration, 0,
         CALL_acquire, NONE, NONE, 1, 0, 0, CALL_configuration, 1, CALL_inquire_cred, 0, 3, 0),
    SEED("steps-krb5", BEGIN(HOST), STEP_I(KRB5, ARG_NULL), STEP_A(1), STEP_I(KRB5, SLOT | 1),
         CALL_inquire_context, 0, 1, 2, CALL_inquire_context, 1, 2, 3, CALL_name_comes_back, 2,
         CALL_process_token, 1, SLOT | 0, CALL_delete, 0, NONE, CALL_delete, 1, 0),
    SEED("steps-spnego", BEGIN(HOST), STEP_I(SPNEGO, ARG_NULL), STEP_A(1), STEP_I(SPNEGO, SLOT | 1),
         CALL_context_time, 0, CALL_context_time, 1, CALL_context_by_oid, 0, 17),
    SEED("replayed", BEGIN(HOST), STEP_I(KRB5, ARG_NULL), STEP_A(1), STEP_A(1), CALL_delete, 1, 2,
         STEP_A(1), STEP_I(KRB5, SLOT | 0), CALL_status, 2, 0, KRB5, 3, CALL_status, 1, 0, 0, 3),
    SEED("bytes-changed", BEGIN(HOST), STEP_I(KRB5, ARG_NULL), CALL_buffer, 1, 0, 60, 1, STEP_A(1),
         STEP_I(KRB5, SLOT | 1), CALL_wrap, 0, 1, 0, 2),
    SEED("messages", BEGIN(HOST), STAND(KRB5, FLAGS), CALL_wrap, 0, 1, ALICE, 0, CALL_unwrap, 1,
         SLOT | 0, 1, CALL_wrap, 1, 0, ALICE, 2, CALL_unwrap, 0, SLOT | 2, 3, CALL_get_mic, 0, 0,
         ALICE, 4, CALL_verify_mic, 1, ALICE, SLOT | 4, CALL_unwrap, 1, SLOT | 0, 1),
    SEED("aead", BEGIN(HOST), STAND(SPNEGO, FLAGS), CALL_wrap_aead, 0, 1, ALICE, PRINC, 0,
         CALL_unwrap_aead, 1, SLOT | 0, PRINC, 1, CALL_size_limit, 0, 1, 1, 0, CALL_pseudo_random,
         0, 0, ALICE, 33, 2, CALL_pseudo_random, 1, 0, ALICE, 33, 3),
    SEED("pieces", BEGIN(HOST), STAND(KRB5, FLAGS), CALL_iov, 0, 1, 1, 0, 5, 1, 4, 7, 0, 20, 2,
         3,                                                // HEADER SIGN DATA PADDING TRAILER
         CALL_iov, 1, 0, 5, 0, 4, 6, 0, 0, 20, 7, 0, 8, 0, // lengths first
         CALL_iov, 0, 1, 2, 0, 2, 0, 9, 5,                 // a MIC
         CALL_wrap, 0, 1, ALICE, 0, CALL_iov, 0, 1, 8, 0, 2, 10, 0, 11), // STREAM
    SEED("pieces-dce", BEGIN(HOST), CALL_init, 0, NONE, 0, KRB5, DCE, ANY, ARG_NULL, 0, STEP_A(1),
         CALL_init, 0, NONE, 0, KRB5, DCE, ANY, SLOT | 1, 0, STEP_A(1), CALL_iov, 0, 1, 1, 0, 2, 1,
         0, 32),
    SEED("moves", BEGIN(HOST), STAND(KRB5, FLAGS), CALL_export_context, 0, 0, CALL_import_context,
         SLOT | 0, 2, CALL_wrap, 2, 1, ALICE, 1, CALL_unwrap, 1, SLOT | 1, 2, CALL_lucid, 1, 1,
         CALL_ticket_facts, 2, 1, 5, CALL_inquire_context, 2, 1, 2),
    SEED("credentials", BEGIN(HOST), CALL_import_name, ALICE, NAME, 1, CALL_acquire, 1, NONE, 1, 0,
         0, CALL_acquire, 0, NONE, 2, 1, 1, CALL_inquire_cred, 0, 2, 2, CALL_handshake, 0, 1, 0, 1,
         0, KRB5, FLAGS, ANY, ANY, CALL_export_cred, 0, 0, CALL_import_cred, SLOT | 0, 2,
         CALL_release_cred, 0, CALL_inquire_cred_by_mech, 2, KRB5, 3, CALL_inquire_cred, 1, 3, 3),
    SEED("credential-released-between", BEGIN(HOST), CALL_acquire, NONE, NONE, 1, 0, 0, CALL_init,
         0, 0, 0, SPNEGO, FLAGS, ANY, ARG_NULL, 0, CALL_release_cred, 0, CALL_acquire, 0, NONE, 2,
         1, 0, CALL_accept, 1, 1, SLOT | 0, ANY, 1, 1, 2, CALL_release_cred, 1,
         STEP_I(SPNEGO, SLOT | 1), CALL_inquire_context, 1, 2, 3),
    SEED("stores", CALL_acquire, NONE, NONE, 1, 0, 0, CALL_store_cred_into, 0, 1, KRB5, 1, 0, 2,
         CALL_acquire_from, NONE, NONE, 1, 1, 0, 2, CALL_store_cred, 1, 1, NO_OID, 3, 0,
         CALL_add_cred, 0, 0, NONE, NONE, 1, 2, 1, SPNEGO, CALL_import_name, ALICE, NAME, 0,
         CALL_acquire_password, 0, NONE, 1, 3, 0, 12, CALL_impersonate, 0, NONE, 1, 3, 0, 0),
    SEED("options", CALL_acquire, NONE, NONE, 1, 0, 0, CALL_set_cred_option, 0, 22, 19,
         CALL_allow_enctypes, 0, 3, 0, CALL_oid_set, 0, 1, CALL_oid_set, 1, 1, KRB5,
         CALL_set_neg_mechs, 0, 1, CALL_inquire_cred_by_oid, 0, 23, CALL_oid_set, 2, 1, KRB5,
         CALL_oid_set, 3, 1, CALL_set_context_option, 0, 22, 19),
    SEED("names", BEGIN(HOST), CALL_canonicalize_name, 0, KRB5, 1, CALL_duplicate_name, 1, 2,
         CALL_export_name, 1, 0, 0, CALL_import_name, SLOT | 0, 9, 3, CALL_compare_name, 1, 3,
         CALL_compare_name, 0, 3, CALL_name_comes_back, 3, CALL_inquire_name, 1,
         CALL_display_name_ext, 1, HOST, 1, CALL_release_name, 1, CALL_display_name, 2, 2),
    // The client's name, with the PAC that its ticket proves.
    SEED("attributes", BEGIN(HOST), STEP_I(KRB5, ARG_NULL), STEP_A(1), CALL_inquire_name, 1,
         CALL_get_attribute, 1, PAC, 0, 1, CALL_export_name, 1, 1, 2, CALL_import_name, SLOT | 2,
         10, 2, CALL_inquire_name, 2, CALL_map_name, 1, ARG_INLINE, 10, 'u', 'r', 'n', ':', 'm',
         's', 'p', 'a', 'c', ':', CALL_set_attribute, 1, 1, PAC, ALICE, CALL_delete_attribute, 1,
         PAC, CALL_duplicate_name, 1, 3, CALL_release_name, 1, CALL_inquire_name, 3, CALL_localname,
         3, KRB5, 0, 3, CALL_authorize, 3, 1, 4, CALL_mechs_for_name, 3, 0, CALL_ticket_facts, 1,
         128, 5, CALL_export_context, 1, 6, CALL_import_context, SLOT | 6, 1, CALL_inquire_context,
         1, 1, NONE, CALL_inquire_name, 1),
    SEED("mechanisms", CALL_mechs, 0, 0, CALL_mechs, 1, 1, KRB5, CALL_mechs, 2, 2, 0, 1, NONE,
         CALL_mech_attributes, KRB5, 0, 1, 0, 1, 2, CALL_saslname, 0, KRB5, 0, 1, 2, CALL_saslname,
         1, SLOT | 0, CALL_oid_text, 0, 17, CALL_oid_text, 1, KRB5, 0, CALL_frame, 0, ALICE, KRB5,
         1, CALL_frame, 1, SLOT | 1, KRB5, 2),
    SEED("nothing", CALL_init, NONE, NONE, NONE, KRB5, FLAGS, ANY, ARG_NULL, NONE,
         CALL_accept | CALL_NO_MINOR, 0, NONE, ARG_NULL, ANY, NONE, NONE, NONE, CALL_release_name,
         NONE, CALL_release_cred | CALL_NO_MINOR, NONE, CALL_delete, NONE, NONE, CALL_compare_name,
         NONE, NONE, CALL_buffer, 0x83, 0, 0, CALL_oid_set, 0x81, 0, CALL_iov, NONE, NONE, 1, 0, 0),
};

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: seeds_gssapi_calls CORPUS\n");
        return 2;
    }
    for (size_t i = 0; i < COUNT_OF(SEEDS); i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/gssapi_calls/%s", argv[1], SEEDS[i].name);
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(SEEDS[i].bytes, 1, SEEDS[i].len, f) != SEEDS[i].len || fclose(f) != 0) {
            perror(path);
            return 1;
        }
    }
    return 0;
}
