// gss_exit.c: a program that ends while its threads are inside the GSS-API: THREADS of them make
// contexts with a ticket and a keytab on disk and send messages, and main returns in their midst.
// It must end with status 0, whatever they are at.
//
//   gss_exit TARGET MICROSECONDS none|before
//
// With `before` the program has used libcrypto itself before the library did, so that libcrypto's
// clean-up at exit is the program's own.
#include <gssapi/gssapi.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 6 };
static gss_OID_desc HOSTBASED = {10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"};
static gss_OID_desc SPNEGO = {6, "\x2b\x06\x01\x05\x05\x02"};
static gss_name_t target;
static int stood; // contexts that stood, counted without a lock: a sign of life

static int login(void) {
    OM_uint32 minor, major, flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG;
    gss_ctx_id_t i = GSS_C_NO_CONTEXT, a = GSS_C_NO_CONTEXT;
    gss_buffer_desc to_a = {0}, to_i = {0}, none = {0}, text = {4, "text"};
    major = gss_init_sec_context(&minor, NULL, &i, target, &SPNEGO, flags, 0, NULL, NULL, NULL,
                                 &to_a, NULL, NULL);
    if (!GSS_ERROR(major))
        major = gss_accept_sec_context(&minor, &a, NULL, &to_a, NULL, NULL, NULL, &to_i, NULL, NULL,
                                       NULL);
    if (!GSS_ERROR(major))
        major = gss_init_sec_context(&minor, NULL, &i, target, &SPNEGO, flags, 0, NULL, &to_i, NULL,
                                     &none, NULL, NULL);
    gss_release_buffer(&(OM_uint32){0}, &to_a);
    gss_release_buffer(&(OM_uint32){0}, &to_i);
    for (int n = 0; n < 8 && !GSS_ERROR(major); n++) {
        major = gss_wrap(&minor, i, 1, 0, &text, NULL, &to_a);
        if (!GSS_ERROR(major))
            major = gss_unwrap(&minor, a, &to_a, &to_i, NULL, NULL);
        gss_release_buffer(&(OM_uint32){0}, &to_a);
        gss_release_buffer(&(OM_uint32){0}, &to_i);
    }
    gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER);
    gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER);
    return !GSS_ERROR(major);
}

static void *work(void *arg) {
    for (;;)
        __atomic_fetch_add(&stood, login(), __ATOMIC_RELAXED);
    return arg;
}

int main(int argc, char **argv) {
    OM_uint32 minor;
    pthread_t thread;
    uint8_t digest[32];
    unsigned len;
    if (argc != 4)
        return 2;
    if (strcmp(argv[3], "before") == 0 && EVP_Digest("x", 1, digest, &len, EVP_sha256(), NULL) != 1)
        return 3;
    gss_buffer_desc name = {strlen(argv[1]), argv[1]};
    if (gss_import_name(&minor, &name, &HOSTBASED, &target) || !login())
        return 4;
    for (int n = 0; n < THREADS; n++)
        if (pthread_create(&thread, NULL, work, NULL))
            return 5;
    while (!__atomic_load_n(&stood, __ATOMIC_RELAXED))
        usleep(100);
    usleep((useconds_t)atoi(argv[2]));
    return 0;
}
