// decode_input.h: what `obol decode` is given, told apart: bytes as they are, hexadecimal, base64,
// an HTTP header with a Negotiate token, SPNEGO and GSS-API tokens, TCP records, files of tickets.
#ifndef OBOL_CLI_DECODE_INPUT_H
#define OBOL_CLI_DECODE_INPUT_H

#include "base/arena.h"
#include "base/error.h"

enum { DECODE_WRAPPINGS_MAX = 12 };
// DECODE_EMPTY: wrappings around nothing, as the last token of SPNEGO is.
enum decode_kind { DECODE_MESSAGE, DECODE_CCACHE, DECODE_KEYTAB, DECODE_EMPTY };
struct decode_input {
    enum decode_kind kind;
    struct slice bytes; // the message or file itself, its wrappings taken off
    // What they were, outermost first: "base64", "SPNEGO NegTokenInit: krb5, NTLM".
    struct slice wrappings[DECODE_WRAPPINGS_MAX];
    size_t wrapping_count;
};
// decode_recognise unwraps `given`; the result borrows from it and from the arena. FORMAT says what
// it looked for if it is nothing of Kerberos.
MUST_USE enum obol_code decode_recognise(struct slice given, struct arena *a,
                                         struct decode_input *out, struct error *err);

#endif
