// opened.h: TGTs that were presented before, kept as they were found: opened, decoded, their
// session key prepared, their PAC verified. A client presents its TGT once for each service that it
// goes to, mostly many within seconds of its login.
//
// Nothing is taken on trust: what is found is the verdict on exactly these bytes under exactly
// these keys. A ticket that differs by a bit is not found, and neither is any once the record of
// krbtgt has changed. What depends on the time, the client's record or the request is no part of
// the verdict: the stages behind it ask for it each time.
#ifndef OBOL_KDC_OPENED_H
#define OBOL_KDC_OPENED_H

#include "krb/ap.h"
#include "pac/pac.h"

struct exchange;

// A kept ticket. It borrows from its own memory, which stays while an exchange holds it.
struct opened {
    struct enc_ticket_part part;
    struct crypto_key *session;
    const struct pac *pac;     // verified; NULL: it has none
    struct authdata_list rest; // the other authorization data
    // The rest is the table's own.
    size_t key_index;    // of the key that opens it, in the record of krbtgt
    uint64_t serial;     // of the entry with that record
    struct slice cipher; // what was presented
    struct arena arena;  // the memory behind this struct
    uint32_t pins;       // exchanges that hold it
    int32_t etype, kvno;
    bool has_kvno;
};

struct opened_table;
MUST_USE enum obol_code opened_new(struct opened_table **out, size_t tickets, struct error *err);
void opened_free(struct opened_table *t);

// opened_find is the `find` of an ap_ticket_memory: it gives x->header the ticket that is presented
// if it is kept, and holds it in x->opened until opened_release.
bool opened_find(void *ctx, struct ap_accepted *out);
// opened_note is told of a TGT whose PAC was just verified: it keeps one that it is told of for the
// second time. Those that come once cost nothing, and their session keys stay nowhere.
void opened_note(struct exchange *x);
void opened_release(struct opened *o);
// opened_found is how many were found since opened_new.
uint64_t opened_found(const struct opened_table *t);

#endif
