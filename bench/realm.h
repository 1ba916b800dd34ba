// realm.h: the realm that both KDCs of a benchmark hold: users u0, u1 ... who must preauthenticate
// and services HTTP/host0.bench ..., with keys that anybody can compute from name and enctype.
#ifndef OBOL_BENCH_REALM_H
#define OBOL_BENCH_REALM_H

#include "base/arena.h"
#include "base/error.h"

#define BENCH_SERVICES 10

struct bench_realm {
    struct slice name;
    unsigned users;
    int32_t enctype; // of every key
};

// bench_key fills `out` with the key of a label and number: "user", "service", "subkey" ...
void bench_key(const char *label, unsigned number, struct buf out);
// bench_user and bench_service are names without the realm: "u17", "HTTP/host3.bench".
struct slice bench_user(unsigned number, struct arena *a);
struct slice bench_service(unsigned number, struct arena *a);

// bench_fill_obol makes HOME/store and HOME/master.key with the realm; HOME/kdc.conf is the
// caller's.
MUST_USE enum obol_code bench_fill_obol(const char *home, const struct bench_realm *realm,
                                        struct error *err);
// bench_dump_mit writes to standard output what `kdb5_util load -update` takes, the keys sealed
// under the master key of a password.
MUST_USE enum obol_code bench_dump_mit(const struct bench_realm *realm, struct slice password,
                                       struct error *err);

#endif
