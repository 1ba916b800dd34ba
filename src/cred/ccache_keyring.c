// ccache_keyring.c: the KEYRING cache: tickets in the kernel's keyrings (keyrings(7)), which no
// file shows and which end with the session, the process or the login, by their anchor. The layout
// is in keyring.c.
#include "base/env.h"
#include "config/duration.h"
#include "cred/ccache_ops.h"
#include "cred/keyring.h"
#include "cred/marshal.h"
#include <errno.h>
#include <keyutils.h>
#include <stdio.h>
#include <unistd.h>

#define SMALL_ARENA   16384u
#define ARENA_LIMIT   (4u * CCACHE_SIZE_MAX)
#define NAME_SIZE     1024u
#define COLLECTION    "_krb_"
#define PERSISTENT    "_krb"
#define KEYS_MAX      4096u
#define DEFAULT_PLACE "session:__krb5_unique__"

static void clear_arena(struct arena *a) {
    arena_clear(a);
}

// A cache's name, taken apart, with the collection's keyring.
struct place {
    struct keyring_name name;
    bool legacy;
    key_serial_t collection;
    char subsidiary[NAME_SIZE];
};

// kernel_said turns errno into a failure that tells what to do.
static enum obol_code kernel_said(const char *what, int number, struct error *err) {
    bool refused = number == EPERM || number == ENOSYS || number == EACCES || number == EOPNOTSUPP;
    if (refused)
        error_remedy(err,
                     "Name a cache of another kind, such as FILE:/tmp/krb5cc_%u or DIR:, with "
                     "--cache, KRB5CCNAME or default_ccache_name; containers often forbid "
                     "keyrings (seccomp), which the container's maker can allow.",
                     (unsigned)geteuid());
    if (number == EDQUOT)
        error_remedy(err, "Remove keys (keyctl clear, obol logout), raise "
                          "/proc/sys/kernel/keys/maxbytes, or name another cache.");
    ENSURE(number != ENOKEY && number != EKEYEXPIRED && number != EKEYREVOKED, CCACHE_NOT_FOUND,
           "%s: %s", what, strerror(number));
    ENSURE(false, CCACHE_IO, "the kernel's keyrings: %s: %s%s", what, strerror(number),
           refused ? "; this process may not use them" : "");
}

// Without a session of its own a process has the user's; writing to "the session" would then make
// a new one, which nobody else sees.
static key_serial_t session(void) {
    long own = keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0);
    long user = keyctl_get_keyring_ID(KEY_SPEC_USER_SESSION_KEYRING, 0);
    return own == user ? KEY_SPEC_USER_SESSION_KEYRING : KEY_SPEC_SESSION_KEYRING;
}

// A keyring below `parent`, made if it is not there. With `possess` it is linked from there, too:
// the user's keyring alone gives no right to what is in it.
static enum obol_code find_or_make(key_serial_t parent, key_serial_t possess, const char *name,
                                   key_serial_t *out, struct error *err) {
    long found = keyctl_search(parent, "keyring", name, possess);
    if (found < 0) {
        found = add_key("keyring", name, NULL, 0, possess ? possess : parent);
        if (found < 0)
            return kernel_said("making a keyring", errno, err);
        if (possess && keyctl_link((key_serial_t)found, parent) < 0)
            return kernel_said("linking a keyring", errno, err);
    }
    *out = (key_serial_t)found;
    return OBOL_OK;
}

static enum obol_code persistent(const struct keyring_name *name, key_serial_t *out,
                                 struct error *err) {
    int64_t uid = geteuid();
    ENSURE(name->collection.len == 0 ||
               (number_parse(name->collection, &uid) && uid >= 0 && uid < UINT32_MAX),
           INVALID_ARGUMENT, "KEYRING:persistent:%.*s: behind persistent: stands a user's number",
           SLICE_ARG(name->collection));
    long ring = keyctl_get_persistent((uid_t)uid, KEY_SPEC_PROCESS_KEYRING);
    // A kernel without persistent keyrings: the user's own is next to it.
    if (ring < 0 && errno == EOPNOTSUPP && uid == geteuid())
        ring = KEY_SPEC_USER_KEYRING;
    if (ring < 0)
        return kernel_said("the persistent keyring of the user", errno, err);
    return find_or_make((key_serial_t)ring, KEY_SPEC_PROCESS_KEYRING, PERSISTENT, out, err);
}

static enum obol_code find_collection(const struct keyring_name *name, key_serial_t *out,
                                      struct error *err) {
    static const struct {
        const char *name;
        key_serial_t ring, possess; // ring 0: session()
    } ANCHORS[] = {
        {"session", 0, 0},
        {"user", KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING},
        {"process", KEY_SPEC_PROCESS_KEYRING, 0},
        {"thread", KEY_SPEC_THREAD_KEYRING, 0},
        {"legacy", 0, 0},
    };
    char ring[NAME_SIZE];
    if (slice_eq_str(name->anchor, "persistent"))
        return persistent(name, out, err);
    ENSURE(name->collection.len + sizeof COLLECTION < sizeof ring, INVALID_ARGUMENT,
           "the name of the keyring is too long");
    (void)snprintf(ring, sizeof ring, COLLECTION "%.*s", SLICE_ARG(name->collection));
    for (size_t i = 0; i < COUNT_OF(ANCHORS); i++)
        if (slice_eq_str(name->anchor, ANCHORS[i].name))
            return find_or_make(ANCHORS[i].ring ? ANCHORS[i].ring : session(), ANCHORS[i].possess,
                                ring, out, err);
    ENSURE(false, INVALID_ARGUMENT,
           "KEYRING:%.*s: there is no such anchor; there are persistent, session, user, process "
           "and thread",
           SLICE_ARG(name->anchor));
}

// read_key reads a key or a keyring's list into the arena.
static enum obol_code read_key(key_serial_t key, const char *what, struct arena *a,
                               struct slice *out, struct error *err) {
    *out = (struct slice){0};
    for (;;) {
        long size = keyctl_read(key, NULL, 0);
        if (size < 0)
            return kernel_said(what, errno, err);
        ENSURE(size <= (long)CCACHE_SIZE_MAX, CCACHE_IO, "%s: %ld bytes are too many", what, size);
        struct buf room = arena_buf(a, (size_t)size + 1);
        ENSURE_MEMORY(room.ptr);
        long got = keyctl_read(key, (char *)room.ptr, (size_t)size);
        if (got < 0)
            return kernel_said(what, errno, err);
        *out = slice_of(room.ptr, (size_t)(got < size ? got : size));
        if (got <= size)
            return OBOL_OK; // else it grew in between
    }
}

static enum obol_code set_primary(key_serial_t collection, struct slice name, struct error *err) {
    uint8_t room[NAME_SIZE + 8];
    struct writer w = writer_to_buf(buf_of(room, sizeof room));
    keyring_index_write(&w, name);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "the name of the keyring is too long");
    if (add_key("user", KEYRING_PRIMARY, room, w.len, collection) < 0)
        return kernel_said("naming the primary cache", errno, err);
    return OBOL_OK;
}

// The collection's primary cache. One that is new has it named as itself; of old programs' caches,
// which stand in the session itself, the collection takes over that one.
static enum obol_code primary_of(const struct place *p, struct arena *a, struct slice *out,
                                 struct error *err) {
    long index = keyctl_search(p->collection, "user", KEYRING_PRIMARY, 0);
    struct slice payload;
    if (index >= 0) {
        TRY(read_key((key_serial_t)index, "reading the primary cache's name", a, &payload, err));
        return keyring_index_read(payload, out, err);
    }
    *out = p->name.collection.len ? p->name.collection : SLICE_LITERAL("tkt");
    TRY(set_primary(p->collection, *out, err));
    const char *name = arena_cstr(a, *out);
    ENSURE_MEMORY(name);
    long old = p->legacy ? keyctl_search(KEY_SPEC_SESSION_KEYRING, "keyring", name, 0) : -1;
    if (old >= 0 && keyctl_link((key_serial_t)old, p->collection) < 0)
        return kernel_said("linking a keyring", errno, err);
    return OBOL_OK;
}

static enum obol_code find_place(const char *residual, struct place *p, struct error *err) {
    *p = (struct place){0};
    keyring_name_parse(slice_str(residual), &p->name);
    p->legacy = slice_eq_str(p->name.anchor, "legacy");
    ENSURE(p->name.subsidiary.len < sizeof p->subsidiary, INVALID_ARGUMENT,
           "the name of the keyring is too long");
    (void)snprintf(p->subsidiary, sizeof p->subsidiary, "%.*s", (int)p->name.subsidiary.len,
                   p->name.subsidiary.len ? (const char *)p->name.subsidiary.ptr : "");
    return find_collection(&p->name, &p->collection, err);
}

static enum obol_code keyring_open(struct ccache *cc, const struct krb5conf *conf,
                                   struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    struct place p;
    struct slice primary;
    UNUSED(conf);
    ENSURE(arena_init(&a, SMALL_ARENA, ARENA_LIMIT), NO_MEMORY, "no memory for a name");
    TRY(find_place(cc->residual, &p, err));
    if (p.name.is_one) {
        ENSURE(p.subsidiary[0], INVALID_ARGUMENT, "%s: a name is missing behind the last colon",
               cc->name);
        return OBOL_OK;
    }
    TRY(primary_of(&p, &a, &primary, err));
    struct slice full = arena_printf(&a, "%.*s:%.*s:%.*s", SLICE_ARG(p.name.anchor),
                                     SLICE_ARG(p.name.collection), SLICE_ARG(primary));
    ENSURE_MEMORY(full.ptr);
    return ccache_rename(cc, full, err);
}

static void keyring_close(struct ccache *cc) {
    UNUSED(cc);
}

static enum obol_code find_cache(const struct ccache *cc, struct place *p, key_serial_t *out,
                                 struct error *err) {
    TRY(find_place(cc->residual, p, err));
    long ring = keyctl_search(p->collection, "keyring", p->subsidiary, 0);
    *out = (key_serial_t)ring;
    return ring < 0 ? kernel_said(cc->name, errno, err) : OBOL_OK;
}

// ---- reading

// What the kernel says of a key; false if it is gone.
static bool describe(key_serial_t key, char *room, size_t size, struct slice *type,
                     struct slice *description) {
    long n = keyctl_describe(key, room, size);
    if (n <= 0 || (size_t)n > size)
        return false;
    return keyring_described(slice_str(room), type, description);
}

static enum obol_code members(key_serial_t ring, struct arena *a, const key_serial_t **out,
                              size_t *count, struct error *err) {
    struct slice list;
    TRY(read_key(ring, "reading a keyring", a, &list, err));
    *count = list.len / sizeof **out;
    ENSURE(*count <= KEYS_MAX, CCACHE_IO, "the keyring holds %zu keys, too many", *count);
    key_serial_t *keys = arena_zalloc(a, *count + 1, sizeof *keys);
    ENSURE_MEMORY(keys);
    if (*count)
        memcpy(keys, list.ptr, *count * sizeof *keys);
    *out = keys;
    return OBOL_OK;
}

static enum obol_code read_ring(key_serial_t ring, struct arena *a, struct ccache_content *out,
                                struct error *err) {
    const key_serial_t *keys;
    size_t count, room = 0;
    TRY(members(ring, a, &keys, &count, err));
    *out = (struct ccache_content){0};
    for (size_t i = 0; i < count; i++) {
        struct slice type, description, payload;
        struct error gone;
        error_init(&gone);
        char *text = arena_alloc(a, 4096);
        ENSURE_MEMORY(text);
        // One that was removed in between is passed over.
        if (!describe(keys[i], text, 4096, &type, &description) ||
            read_key(keys[i], "reading a key", a, &payload, &gone) != OBOL_OK)
            continue;
        TRY(keyring_entry_read(description, payload, a, out, &room, err));
    }
    ENSURE(out->principal.name.name_string.count, CCACHE_NOT_FOUND,
           "the keyring does not say whose it is");
    return OBOL_OK;
}

static enum obol_code keyring_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                                   struct error *err) {
    struct place p;
    key_serial_t ring;
    TRY(find_cache(cc, &p, &ring, err));
    return read_ring(ring, a, out, err);
}

// ---- writing

// Tickets may be larger than a key of type user may hold; a kernel may lack the larger type.
static enum obol_code add_ticket(key_serial_t ring, bool legacy, const struct cred *cred,
                                 struct arena *a, struct error *err) {
    struct slice text = principal_text(&cred->server, a);
    const char *name = arena_cstr(a, text);
    struct writer w = writer_to_arena(a);
    cred_write(&w, CRED_VERSION_MAX, cred);
    struct slice bytes = writer_slice(&w);
    ENSURE_MEMORY(name);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "a ticket holds what a credential cache cannot");
    long key = legacy ? -1 : add_key("big_key", name, bytes.ptr, bytes.len, ring);
    if (key < 0 && (legacy || errno == EINVAL || errno == ENODEV))
        key = add_key("user", name, bytes.ptr, bytes.len, ring);
    if (key < 0)
        return kernel_said("storing a ticket", errno, err);
    int64_t left = cred->endtime - env_now(env_system());
    if (left > 0 && left < UINT32_MAX)
        (void)keyctl_set_timeout((key_serial_t)key, (unsigned)left); // else it stays: no harm
    return OBOL_OK;
}

// The keyring goes with the last of its tickets.
static void set_end(key_serial_t ring, int64_t end) {
    int64_t left = end - env_now(env_system());
    if (end && left < UINT32_MAX)
        (void)keyctl_set_timeout(ring, left > 0 ? (unsigned)left : 1);
}

static int64_t latest(const struct cred *creds, size_t count, int64_t end) {
    for (size_t i = 0; i < count; i++)
        end = creds[i].endtime > end ? creds[i].endtime : end;
    return end;
}

static enum obol_code fill(key_serial_t ring, bool legacy, const struct ccache_content *content,
                           struct arena *a, struct error *err) {
    struct writer w = writer_to_arena(a);
    principal_marshal(&w, CRED_VERSION_MAX, &content->principal);
    struct slice bytes = writer_slice(&w);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "the principal does not fit a credential cache");
    if (add_key("user", KEYRING_PRINCIPAL, bytes.ptr, bytes.len, ring) < 0)
        return kernel_said("storing the principal", errno, err);
    // Old programs would take the offset for a ticket.
    if (content->has_offset && !legacy) {
        uint8_t offset[8];
        w = writer_to_buf(buf_of(offset, sizeof offset));
        writer_be32(&w, (uint32_t)content->offset);
        writer_be32(&w, (uint32_t)content->offset_us);
        if (add_key("user", KEYRING_OFFSETS, offset, sizeof offset, ring) < 0)
            return kernel_said("storing the clock's offset", errno, err);
    }
    for (size_t i = 0; i < content->count; i++)
        TRY(add_ticket(ring, legacy, &content->creds[i], a, err));
    set_end(ring, latest(content->creds, content->count, 0));
    return OBOL_OK;
}

// Filled in the thread's own keyring and then linked, in the place of the old one: who reads sees
// all the old or all the new.
static enum obol_code keyring_initialize(struct ccache *cc, const struct ccache_content *content,
                                         struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    struct place p;
    ENSURE(arena_init(&a, SMALL_ARENA, ARENA_LIMIT), NO_MEMORY, "no memory for the cache");
    TRY(find_place(cc->residual, &p, err));
    bool old_style = p.legacy && slice_eq_str(p.name.collection, p.subsidiary);
    key_serial_t ring = add_key("keyring", p.subsidiary, NULL, 0, KEY_SPEC_THREAD_KEYRING);
    if (ring < 0)
        return kernel_said("making a keyring", errno, err);
    enum obol_code code = fill(ring, p.legacy, content, &a, err);
    if (code == OBOL_OK && keyctl_link(ring, p.collection) < 0)
        code = kernel_said("linking a keyring", errno, err);
    if (code == OBOL_OK && old_style)
        (void)keyctl_link(ring, session()); // for old programs; the cache is there without it
    (void)keyctl_unlink(ring, KEY_SPEC_THREAD_KEYRING); // it goes with the thread otherwise
    return code;
}

static enum obol_code keyring_store(struct ccache *cc, const struct cred *creds, size_t count,
                                    struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    struct place p;
    key_serial_t ring;
    struct ccache_content content;
    ENSURE(arena_init(&a, SMALL_ARENA, ARENA_LIMIT), NO_MEMORY, "no memory for the cache");
    TRY(find_cache(cc, &p, &ring, err));
    TRY(read_ring(ring, &a, &content, err));
    for (size_t i = 0; i < count; i++)
        TRY(add_ticket(ring, p.legacy, &creds[i], &a, err));
    set_end(ring, latest(creds, count, latest(content.creds, content.count, 0)));
    return OBOL_OK;
}

static enum obol_code keyring_remove(struct ccache *cc, const struct principal *server,
                                     struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    struct place p;
    key_serial_t ring;
    const key_serial_t *keys;
    size_t count, removed = 0;
    char text[4096];
    struct slice type, description;
    ENSURE(arena_init(&a, SMALL_ARENA, ARENA_LIMIT), NO_MEMORY, "no memory for the cache");
    TRY(find_cache(cc, &p, &ring, err));
    TRY(members(ring, &a, &keys, &count, err));
    struct slice wanted = principal_text(server, &a);
    for (size_t i = 0; i < count; i++)
        if (describe(keys[i], text, sizeof text, &type, &description) &&
            slice_eq(description, wanted)) {
            if (keyctl_unlink(keys[i], ring) < 0)
                return kernel_said("removing a ticket", errno, err);
            removed++;
        }
    ENSURE(removed > 0, NOT_FOUND, "%s holds nothing for this server", cc->name);
    return OBOL_OK;
}

static enum obol_code keyring_destroy(struct ccache *cc, struct error *err) {
    struct place p;
    key_serial_t ring;
    TRY(find_cache(cc, &p, &ring, err));
    (void)keyctl_clear(ring); // others may hold links to it
    if (keyctl_unlink(ring, p.collection) < 0)
        return kernel_said("removing the keyring", errno, err);
    if (p.legacy && slice_eq_str(p.name.collection, p.subsidiary))
        (void)keyctl_unlink(ring, session()); // it need not be linked there
    return OBOL_OK;
}

// ---- the collection

static enum obol_code add_name(const struct place *p, struct slice subsidiary, struct arena *a,
                               struct slice_list *out, struct error *err) {
    struct slice full = arena_printf(a, "%.*s:%.*s:%.*s", SLICE_ARG(p->name.anchor),
                                     SLICE_ARG(p->name.collection), SLICE_ARG(subsidiary));
    ENSURE_MEMORY(full.ptr);
    return ccache_list_add(out, full, a, err);
}

static enum obol_code keyring_list(const char *residual, const struct krb5conf *conf,
                                   struct arena *a, struct slice_list *out, struct error *err) {
    struct place p;
    const key_serial_t *keys;
    size_t count;
    struct slice first, type, description;
    UNUSED(conf);
    TRY(find_place(residual, &p, err));
    if (p.name.is_one)
        first = p.name.subsidiary;
    else
        TRY(primary_of(&p, a, &first, err));
    const char *name = arena_cstr(a, first);
    ENSURE_MEMORY(name);
    if (keyctl_search(p.collection, "keyring", name, 0) >= 0)
        TRY(add_name(&p, first, a, out, err));
    if (p.name.is_one)
        return OBOL_OK;
    TRY(members(p.collection, a, &keys, &count, err));
    for (size_t i = 0; i < count; i++) {
        char text[4096];
        if (describe(keys[i], text, sizeof text, &type, &description) &&
            slice_eq_str(type, "keyring") && !slice_eq(description, first))
            TRY(add_name(&p, description, a, out, err));
    }
    return OBOL_OK;
}

static enum obol_code keyring_unique(const char *residual, const struct krb5conf *conf,
                                     struct arena *a, struct slice *out, struct error *err) {
    struct place p;
    char word[9];
    UNUSED(conf);
    TRY(find_place(residual[0] ? residual : DEFAULT_PLACE, &p, err));
    ENSURE(!p.name.is_one, UNSUPPORTED,
           "a new cache needs a collection, and KEYRING:%s is one cache of it", residual);
    ccache_unique_word(word, sizeof word);
    *out = arena_printf(a, "%.*s:%.*s:krb_ccache_%s", SLICE_ARG(p.name.anchor),
                        SLICE_ARG(p.name.collection), word);
    ENSURE_MEMORY(out->ptr);
    return OBOL_OK;
}

static enum obol_code keyring_make_primary(struct ccache *cc, struct error *err) {
    struct place p;
    TRY(find_place(cc->residual, &p, err));
    return set_primary(p.collection, slice_str(p.subsidiary), err);
}

const struct ccache_ops CCACHE_KEYRING = {
    .kind = "KEYRING",
    .collects = true,
    .open = keyring_open,
    .close = keyring_close,
    .initialize = keyring_initialize,
    .store = keyring_store,
    .read = keyring_read,
    .remove = keyring_remove,
    .destroy = keyring_destroy,
    .list = keyring_list,
    .unique = keyring_unique,
    .make_primary = keyring_make_primary,
};
