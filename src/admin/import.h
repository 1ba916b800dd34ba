// import.h: what the readers of foreign dumps share: a line taken apart with the column that is
// being read, so that a mistake names its place; the other KDC's master keys; and what a line comes
// to, a principal with its keys in the clear, which import.c seals and stores.
#ifndef OBOL_ADMIN_IMPORT_H
#define OBOL_ADMIN_IMPORT_H

#include "admin/op.h"

struct import_line {
    struct slice text;
    size_t at;     // of the next field
    size_t column; // where the field that was read last begins, from 1
    uint8_t separator;
};
static inline struct import_line import_line_of(struct slice text, uint8_t separator) {
    return (struct import_line){text, 0, 1, separator};
}
// import_field is the next field; past the end, FORMAT says what was expected.
MUST_USE enum obol_code import_field(struct import_line *l, const char *what, struct slice *out,
                                     struct error *err);
// import_number reads a field that is a decimal number within its bounds, import_hex one of `len`
// bytes in hexadecimal ("-1" for none); what comes out lives in the arena.
MUST_USE enum obol_code import_number(struct import_line *l, const char *what, int64_t min,
                                      int64_t max, int64_t *out, struct error *err);
MUST_USE enum obol_code import_hex(struct import_line *l, const char *what, size_t len,
                                   struct arena *a, struct slice *out, struct error *err);

struct import_key {
    struct record_key key; // sealed and master are not filled yet
    struct slice bytes;    // in the clear
};
struct import_entry {
    struct record record; // without keys and history
    struct import_key *keys;
    size_t key_count;
    struct import_key *history; // newest first
    size_t history_count;
};

// A master key of the other KDC.
struct import_master {
    uint32_t kvno;
    int32_t enctype;
    struct slice bytes;
    struct crypto_key *key; // NULL: of an enctype that is read here only (des3)
};
struct import {
    struct admin *adm;
    const struct admin_import *how;
    struct arena memory; // for all of the import
    struct import_master *masters;
    size_t master_count;
    struct import_master *history; // keys of kadmin/history
    size_t history_count;
    struct admin_imported done;
};
// import_open opens a key that another KDC sealed under its master key: `usage` is its own.
MUST_USE enum obol_code import_open(const struct import_master *m, uint32_t usage,
                                    struct slice sealed, struct arena *a, struct slice *plain,
                                    struct error *err);
// import_des3_open is that for des3-cbc-sha1-kd, which Heimdal seals with by default and which
// nothing else here knows (RFC 3961 6.3).
MUST_USE enum obol_code import_des3_open(struct slice key, uint32_t usage, struct slice sealed,
                                         struct arena *a, struct slice *plain, struct error *err);
enum { IMPORT_DES3 = 16, IMPORT_DES3_BYTES = 24 };
const struct import_master *import_master_find(const struct import_master *list, size_t count,
                                               uint32_t kvno);

// import_mit.c: one line of kdb5_util dump. A principal fills `entry`, a policy `policy`; neither
// is to be stored if both counts stay 0 (K/M, kadmin/history).
enum import_kind { IMPORT_NOTHING, IMPORT_PRINCIPAL, IMPORT_POLICY };
MUST_USE enum obol_code import_mit_line(const struct import *im, struct import_line *l,
                                        struct arena *a, struct import_entry *entry,
                                        struct policy *policy, enum import_kind *kind,
                                        struct error *err);
// import_mit_history takes the keys of kadmin/history from its line, for the former passwords.
MUST_USE enum obol_code import_mit_history(struct import *im, struct slice line, struct error *err);
// import_mit_header is whether the first line of a dump is of a version that is read.
MUST_USE enum obol_code import_mit_header(struct slice line, struct error *err);
// import_mit_data.c: the further data of a principal (TL data).
MUST_USE enum obol_code import_mit_data(const struct import *im, int64_t type, struct slice data,
                                        struct arena *a, struct import_entry *entry,
                                        uint32_t *mkvno, struct error *err);
// import_mit_key opens the content of a key: two bytes of length, then what is sealed.
MUST_USE enum obol_code import_mit_key(const struct import_master *m, struct slice content,
                                       struct arena *a, struct slice *out, struct error *err);
// import_heimdal.c: one line of kadmin -l dump.
MUST_USE enum obol_code import_heimdal_line(const struct import *im, struct import_line *l,
                                            struct arena *a, struct import_entry *entry,
                                            enum import_kind *kind, struct error *err);
// import_heimdal_ext.c: one extension of a Heimdal record.
MUST_USE enum obol_code import_heimdal_ext(const struct import *im, struct slice der,
                                           struct arena *a, struct import_entry *entry,
                                           struct error *err);
MUST_USE enum obol_code import_heimdal_key(const struct import *im, int64_t mkvno,
                                           struct slice sealed, struct arena *a, struct slice *out,
                                           struct error *err);

// The bits of MIT krb5's attributes and ours.
struct import_flag {
    uint32_t theirs, ours;
};
extern const struct import_flag IMPORT_MIT_FLAGS[];
extern const size_t IMPORT_MIT_FLAGS_COUNT;
// export_mit_flags is all that a record says by bits of MIT krb5's.
uint32_t export_mit_flags(const struct record *r);
#define IMPORT_MIT_REST "obol.mit-attributes" // bits that mean nothing here, for an export

#endif
