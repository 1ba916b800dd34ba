// context.h: what stands behind a krb5_context, and how an entry of the libkrb5 face begins and
// ends. An entry is a `struct call`: an arena for its time, and the error in which the layers below
// leave what failed. Its end turns that into the krb5_error_code that programs know, and keeps the
// text for krb5_get_error_message.
//
//     krb5_error_code krb5_x(krb5_context context, ...) {
//         CALL(call, context);
//         return call_end(&call, x(&call, ...));
//     }
#ifndef OBOL_COMPAT_CONTEXT_H
#define OBOL_COMPAT_CONTEXT_H

// Obol's numbers are enumerators, those of krb5.h macros of the same names and values: ours first.
#include "config/krb5conf.h"
#include "crypto/crypto.h"
#include "net/net.h"
#include "proto/codes.h"
// clang-format off
#include <krb5/krb5.h>
// clang-format on

struct _krb5_context {
    struct arena arena; // of conf
    struct krb5conf conf;
    char *default_realm;  // krb5_set_default_realm; NULL: that of krb5.conf
    char *default_ccache; // krb5_cc_set_default_name; NULL: KRB5CCNAME or krb5.conf
    int64_t offset_us;    // that the KDC's clock is ahead of ours, as the program has set it
    // The prompts that a prompter is just asked to make.
    krb5_prompt_type *prompt_types;
    // Enctypes that the program set; empty: those of krb5.conf.
    krb5_enctype *tgs_etypes;
    size_t tgs_etype_count;
    krb5_trace_callback trace; // NULL: none
    void *trace_data;
    struct net_trace net_trace; // leads to it
    // The last failure: its code and what is known of it.
    krb5_error_code code;
    char *text;
};

struct call {
    krb5_context context;
    struct arena arena;
    struct error err;
    krb5_error_code as; // not 0: a failure has this code, which says more than that of `err`
};

#define CALL_ARENA       32768u      // mapped at once
#define CALL_ARENA_LIMIT (64u << 20) // a cache or keytab of the largest size fits

// call_begin prepares a call: 0, EINVAL without a context, ENOMEM.
krb5_error_code call_begin(struct call *c, krb5_context context);
// call_end is the code of the call's outcome. A failure is kept in the context.
krb5_error_code call_end(struct call *c, enum obol_code code);
// call_clear gives back the arena; for CLEANUP.
void call_clear(struct call *c);

// CALL declares a call and begins it.
#define CALL(name, ctx)                                                                            \
    CLEANUP(call_clear) struct call name;                                                          \
    krb5_error_code name##_begun = call_begin(&name, ctx);                                         \
    if (name##_begun)                                                                              \
    return name##_begun

// context_fail records a failure that has a krb5 code of its own, and gives the code.
krb5_error_code context_fail(krb5_context context, krb5_error_code code, const char *format, ...)
    PRINTF(3, 4);
// context_realm is the default realm; empty if there is none.
struct slice context_realm(krb5_context context);
// context_net is what the drivers of src/net need.
struct net context_net(krb5_context context);
// context_now_us is the time by the KDC's clock, in microseconds.
int64_t context_now_us(krb5_context context);

// code_text is the general text of a krb5_error_code; NULL for one that is not known.
const char *code_text(krb5_error_code code);

#endif
