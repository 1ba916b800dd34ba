// ndr.h: the part of NDR (C706 14, MS-RPCE 2.2.6) that the buffers of a PAC use: little endian,
// integers aligned to their size, structures whose pointers' contents stand behind them, in order.
#ifndef OBOL_PAC_NDR_H
#define OBOL_PAC_NDR_H

#include "pac/pac.h"

#define NDR_HEADER_BYTES 16u // common and private header

struct ndr_reader {
    struct reader r;
    const uint8_t *start; // alignment counts from here
    struct arena *arena;
};
// ndr_open reads the headers of a serialized type and the pointer in front of it. Every read past
// the end, of a wrong header or a count that the bytes do not bear fails for good (reader).
struct ndr_reader ndr_open(struct slice data, struct arena *a);
// ndr_close is whether all went well and nothing but padding is left.
bool ndr_close(struct ndr_reader *n);
uint16_t ndr_u16(struct ndr_reader *n);
uint32_t ndr_u32(struct ndr_reader *n);
uint64_t ndr_time(struct ndr_reader *n); // FILETIME: two 32-bit halves
// ndr_pointer is whether the contents of a pointer follow later.
bool ndr_pointer(struct ndr_reader *n);
// ndr_count reads the size of an array of `count` items, each of `least` bytes or more: it must be
// the count that its structure gave.
void ndr_count(struct ndr_reader *n, uint32_t count, size_t least);
// RPC_UNICODE_STRING: its header, then, where the contents stand, the text.
struct ndr_string {
    uint16_t len, max; // bytes
    bool there;
};
struct ndr_string ndr_string_header(struct ndr_reader *n);
void ndr_string_body(struct ndr_reader *n, const struct ndr_string *header, struct slice *out);
void ndr_sid(struct ndr_reader *n, struct sid *out);

struct ndr_writer {
    struct writer w;
    uint32_t next_pointer;
    uint32_t spare; // characters of room behind the text of each string
};
struct ndr_writer ndr_begin(struct arena *a);
// ndr_end fills the length of the header in.
MUST_USE enum obol_code ndr_end(struct ndr_writer *n, struct slice *out, struct error *err);
void ndr_put_u16(struct ndr_writer *n, uint16_t v);
void ndr_put_u32(struct ndr_writer *n, uint32_t v);
void ndr_put_time(struct ndr_writer *n, uint64_t v);
void ndr_put_pointer(struct ndr_writer *n, bool there);
// Strings are there even when they are empty, as Windows writes them.
void ndr_put_string_header(struct ndr_writer *n, struct slice text);
void ndr_put_string_body(struct ndr_writer *n, struct slice text);
void ndr_put_sid(struct ndr_writer *n, const struct sid *sid);

#endif
