// opened.c: see opened.h. Sets of eight ways, chosen by the end of the ticket's cipher, which is
// its checksum: no two tickets have the same, and nobody can choose it. A way remembers the end of
// a ticket that came once; of one that came again it has the whole, in memory that is left out of
// core dumps, and wiped (it is not locked: it would take what the system lets us lock from the
// arenas of requests and the master key). Tickets are public and may be
// compared as such; what is inside them is not compared at all.
#include "kdc/opened.h"
#include "base/ct.h"
#include "kdc/authdata/pac.h"
#include "kdc/tgs.h"
#include "krb/seal.h"
#include <stdlib.h>
#include <sys/mman.h>

#define WAYS 8u
// A TGT with its PAC takes about 6000 bytes. An odd number of lines: see cache.c.
#define SLOT_BYTES (111u * 64u)
#define TAG_BYTES  8u

struct slot {
    struct opened opened;
    _Alignas(16) uint8_t bytes[SLOT_BYTES - sizeof(struct opened)];
};
_Static_assert(sizeof(struct slot) == SLOT_BYTES, "slots stand side by side");

struct set {
    _Alignas(64) uint64_t tags[WAYS]; // 0: free
    uint8_t hand;                     // the way that goes next
    bool kept[WAYS];                  // the way's slot has the ticket
};

struct opened_table {
    size_t count; // of sets
    struct set *sets;
    struct slot *slots; // WAYS for each set, untouched until used
    uint64_t found;
};

enum obol_code opened_new(struct opened_table **out, size_t tickets, struct error *err) {
    *out = NULL;
    struct opened_table *t = calloc(1, sizeof *t);
    ENSURE_MEMORY(t);
    t->count = (tickets + WAYS - 1) / WAYS;
    size_t bytes = t->count * WAYS * sizeof *t->slots;
    if (tickets == 0) {
        *out = t;
        return OBOL_OK;
    }
    t->sets = aligned_alloc(64, t->count * sizeof *t->sets);
    void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    t->slots = map == MAP_FAILED ? NULL : map;
    if (!t->sets || !t->slots) {
        opened_free(t);
        ENSURE(false, NO_MEMORY, "a table of %zu tickets", tickets);
    }
    memset(t->sets, 0, t->count * sizeof *t->sets);
    (void)madvise(map, bytes, MADV_DONTDUMP);
    *out = t;
    return OBOL_OK;
}

static void forget(struct slot *s) {
    wipe(s, offsetof(struct slot, bytes) + s->opened.arena.used);
}

void opened_free(struct opened_table *t) {
    if (!t)
        return;
    for (size_t i = 0; t->sets && t->slots && i < t->count * WAYS; i++)
        if (t->sets[i / WAYS].kept[i % WAYS])
            forget(&t->slots[i]);
    if (t->slots)
        munmap(t->slots, t->count * WAYS * sizeof *t->slots);
    free(t->sets);
    free(t);
}

static uint64_t tag_of(struct slice cipher) {
    uint64_t tag = 0;
    if (cipher.len >= TAG_BYTES)
        memcpy(&tag, cipher.ptr + cipher.len - TAG_BYTES, sizeof tag);
    return tag ? tag : 1;
}

// The way that knows the ticket; WAYS: none does.
static unsigned way_of(const struct set *set, uint64_t tag) {
    unsigned way = 0;
    while (way < WAYS && set->tags[way] != tag)
        way++;
    return way;
}

static bool is_same(const struct opened *o, const struct encrypted_data *part) {
    return o->etype == part->etype && o->has_kvno == !!(part->present & ENCRYPTED_DATA_KVNO) &&
           (!o->has_kvno || o->kvno == part->kvno) && slice_eq(o->cipher, part->cipher);
}

// Only TGTs of this realm: their keys are in one record, and they come again.
static bool is_own(const struct exchange *x, const struct principal *service) {
    return slice_eq(service->realm, x->kdc->realm) && tgs_is_ours(x->kdc, &service->name);
}

bool opened_find(void *ctx, struct ap_accepted *out) {
    struct exchange *x = ctx;
    struct opened_table *t = x->kdc->opened;
    const struct encrypted_data *part = &out->req.ticket.enc_part;
    if (!t->count || !is_own(x, &out->service))
        return false;
    uint64_t tag = tag_of(part->cipher);
    struct set *set = &t->sets[tag % t->count];
    unsigned way = way_of(set, tag);
    if (way == WAYS || !set->kept[way])
        return false;
    struct opened *o = &t->slots[(size_t)(set - t->sets) * WAYS + way].opened;
    // A record that is not at hand is asked for, and refused, where the ticket is opened.
    if (!is_same(o, part) || tgs_find_issuer(x, &out->service, &x->err) != OBOL_OK ||
        x->header_server->serial != o->serial ||
        cache_key(x->kdc->cache, x->header_server, o->key_index, x->arena, &out->ticket_key,
                  &x->err) != OBOL_OK) {
        error_init(&x->err);
        return false;
    }
    out->ticket = o->part;
    out->session = o->session;
    if (x->opened)
        opened_release(x->opened);
    o->pins++;
    t->found++;
    x->opened = o;
    return true;
}

void opened_release(struct opened *o) {
    o->pins--;
}

uint64_t opened_found(const struct opened_table *t) {
    return t->found;
}

static size_t index_of(const struct entry *e, const struct crypto_key *key) {
    size_t i = 0;
    while (i < e->record.keys.count && e->keys[i] != key)
        i++;
    return i;
}

// The ticket once more, in memory that stays.
static enum obol_code open_again(struct exchange *x, struct opened *o) {
    const struct ap_accepted *header = &x->header;
    const struct encrypted_data *part = &header->req.ticket.enc_part;
    struct arena *a = &o->arena;
    struct slice plain = {0};
    if (!arena_copy(a, part->cipher, &o->cipher))
        return OBOL_NO_MEMORY;
    TRY(krb_open_bytes(part, header->ticket_key, KU_TICKET, a, &plain, NULL));
    TRY(der_decode_padded(&TYPE_ENC_TICKET_PART, plain, a, &o->part, NULL, NULL));
    TRY(crypto_key_in_arena(&o->session, a, o->part.key.keytype, o->part.key.keyvalue, NULL));
    const struct pac_ticket ticket = {
        .part = &o->part,
        .service = &header->service.name,
        .key = header->ticket_key,
        .ours = true,
    };
    struct arena *request = x->arena;
    x->arena = a;
    enum obol_code code = pac_take(x, &ticket, &o->pac, &o->rest);
    x->arena = request;
    return code;
}

static void keep(struct exchange *x, struct set *set, unsigned way) {
    const struct encrypted_data *part = &x->header.req.ticket.enc_part;
    struct slot *s = &x->kdc->opened->slots[(size_t)(set - x->kdc->opened->sets) * WAYS + way];
    struct opened *o = &s->opened;
    // One that an exchange holds, which waits, stays.
    if (o->pins)
        return;
    forget(s);
    o->arena = (struct arena){.base = s->bytes,
                              .size = sizeof s->bytes,
                              .limit = sizeof s->bytes,
                              .total = sizeof s->bytes};
    o->etype = part->etype;
    o->has_kvno = part->present & ENCRYPTED_DATA_KVNO;
    o->kvno = part->kvno;
    o->serial = x->header_server->serial;
    o->key_index = index_of(x->header_server, x->header.ticket_key);
    if (open_again(x, o) == OBOL_OK) {
        set->kept[way] = true;
        return;
    }
    // It is too large: it will be opened each time.
    error_init(&x->err);
    forget(s);
}

void opened_note(struct exchange *x) {
    struct opened_table *t = x->kdc->opened;
    if (!t->count || x->opened || !is_own(x, &x->header.service))
        return;
    uint64_t tag = tag_of(x->header.req.ticket.enc_part.cipher);
    struct set *set = &t->sets[tag % t->count];
    unsigned way = way_of(set, tag);
    if (way < WAYS) {
        set->kept[way] = false; // of another record of krbtgt, if it was
        keep(x, set, way);
        return;
    }
    way = set->hand;
    set->hand = (uint8_t)((way + 1) % WAYS);
    struct slot *s = &t->slots[(size_t)(set - t->sets) * WAYS + way];
    if (set->kept[way] && s->opened.pins)
        return;
    if (set->kept[way])
        forget(s);
    set->kept[way] = false;
    set->tags[way] = tag;
}
