// hex.h: bytes as hexadecimal text and as base64 (RFC 4648), both ways.
#ifndef OBOL_BASE_HEX_H
#define OBOL_BASE_HEX_H

#include "base/writer.h"

// hex_write appends two lower-case digits a byte.
void hex_write(struct writer *w, struct slice bytes);
// hex_decode reads pairs of digits, white space between pairs allowed. False on anything else or
// past the arena's limit.
MUST_USE bool hex_decode(struct slice text, struct arena *a, struct slice *out);
// base64_write appends base64 with padding and no line breaks.
void base64_write(struct writer *w, struct slice bytes);
// base64_decode reads base64, padding required and canonical, no white space. False otherwise.
MUST_USE bool base64_decode(struct slice text, struct arena *a, struct slice *out);

#endif
