// floor.h: what libcrypto alone needs for a message of the GSS-API: the least that a program which
// calls libcrypto's fastest interfaces can spend on the cryptography of one token. Keys are
// scheduled once, contexts kept. No token buffer, no header to check and no order to keep.
#ifndef OBOL_BENCH_FLOOR_H
#define OBOL_BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>

#define FLOOR_MESSAGE_MAX 1048576

// floor_start schedules the keys of an enctype (by name); false if libcrypto refuses.
bool floor_start(const char *enctype);
// floor_sealed seals and opens by turns as it is told to, a message of so many bytes: a confounder,
// the message, a header of 16 bytes; then the checksum. floor_signed makes a checksum alone, over
// the message and the header.
void floor_sealed(size_t len, bool open);
void floor_signed(size_t len);

#endif
