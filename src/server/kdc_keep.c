// kdc_keep.c: see kdc_keep.h. What happened to an account since the last commit is summed up, so
// that a thousand logins of one account are one write. Accounts stand side by side in the order in
// which they came, and a table of their numbers finds them: few of them take few pages. What cannot
// be written is dropped with a message: login times are told to administrators, decisions are made
// from memory.
#include "server/kdc_keep.h"
#include "server/kdc_settings.h"
#include "store/token.h"
#include <stdlib.h>

enum {
    ACCOUNTS = 1 << 15,   // at most between two commits
    TABLE = 2 * ACCOUNTS, // of their numbers, a power of two
    NAMES_FIRST = 64 * 1024,
    NAMES_LIMIT = 16 * 1024 * 1024,
    TRANSACTION = 4096, // writes in one, so that administrators get their turn
    SCRATCH_FIRST = 64 * 1024,
    SCRATCH_LIMIT = 4 * 1024 * 1024,
};

struct account {
    struct slice name;
    int64_t last_success, last_failure; // seconds; 0: none
    uint32_t failures;                  // since the last success in this group, or since its start
    uint32_t token[TOKENS_MAX];         // numbers of the tokens whose codes were taken; 0: none
    uint64_t next[TOKENS_MAX];          // beside each, the counter of the next code
};

struct keep {
    struct store *store;
    struct arena scratch, names;
    size_t count;
    struct account accounts[ACCOUNTS];
    uint32_t table[TABLE]; // 0: a free slot; else one more than the account's number
};

static void keep_close(struct keep *k);

static enum obol_code keep_open(const struct kdc_settings *s, struct keep **out,
                                struct error *err) {
    struct keep *k = calloc(1, sizeof *k);
    ENSURE_MEMORY(k);
    enum obol_code code = store_open(&k->store, &STORE_LMDB, &s->store, err);
    if (code == OBOL_OK && (!arena_init(&k->scratch, SCRATCH_FIRST, SCRATCH_LIMIT) ||
                            !arena_init(&k->names, NAMES_FIRST, NAMES_LIMIT)))
        code = error_set(err, OBOL_NO_MEMORY, __func__, "the keeper's memory");
    if (code != OBOL_OK) {
        keep_close(k);
        return code;
    }
    *out = k;
    return OBOL_OK;
}

// The names are those of records in the store: nobody outside chooses them to collide (FNV-1a).
static size_t slot_of(struct slice name) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ name.ptr[i]) * UINT64_C(0x100000001b3);
    return (size_t)(h >> 20) & (TABLE - 1);
}

static struct account *account_of(struct keep *k, struct slice name) {
    size_t at = slot_of(name);
    for (; k->table[at]; at = (at + 1) & (TABLE - 1)) {
        struct account *a = &k->accounts[k->table[at] - 1];
        if (slice_eq(a->name, name))
            return a;
    }
    struct account *a = &k->accounts[k->count];
    *a = (struct account){.last_success = 0};
    if (!arena_copy(&k->names, name, &a->name))
        return NULL;
    k->table[at] = (uint32_t)++k->count;
    return a;
}

// A code that was taken is taken even if the login failed beside it.
static void take_token(struct account *a, const struct event *event) {
    if (event->token == 0)
        return;
    size_t i = 0;
    while (i < TOKENS_MAX - 1 && a->token[i] && a->token[i] != event->token)
        i++;
    a->token[i] = event->token;
    if (event->token_counter >= a->next[i])
        a->next[i] = event->token_counter + 1;
}

static enum obol_code keep_commit(struct keep *k, struct error *err);

static void keep_take(struct keep *k, const struct event *event) {
    int64_t now = event->time_us / 1000000;
    if (k->count == ACCOUNTS && keep_commit(k, NULL) != OBOL_OK)
        return;
    struct account *a = account_of(k, event->record);
    if (!a && keep_commit(k, NULL) == OBOL_OK) // there was no room for its name
        a = account_of(k, event->record);
    if (!a)
        return;
    take_token(a, event);
    if (event->account == EVENT_ACCOUNT_SUCCESS) {
        a->last_success = now;
        a->failures = 0;
    } else if (event->account != EVENT_ACCOUNT_NONE) {
        a->last_failure = now;
        a->failures++;
    }
}

// The record with what happened; false if nothing of it changes.
static bool merge(const struct account *a, struct record *r) {
    uint32_t failures = a->last_success ? a->failures : r->failures + a->failures;
    bool same = failures == r->failures &&
                (!a->last_success || a->last_success == r->last_success) &&
                (!a->last_failure || a->last_failure == r->last_failure);
    r->failures = failures;
    if (a->last_success)
        r->last_success = a->last_success;
    if (a->last_failure)
        r->last_failure = a->last_failure;
    return !same;
}

// The same for its one-time password tokens.
static enum obol_code merge_tokens(struct keep *k, const struct account *a, struct record *r,
                                   bool *changed, struct error *err) {
    struct token_list list;
    bool any = false;
    TRY(tokens_read(r, &list, err));
    for (size_t i = 0; i < TOKENS_MAX && a->token[i]; i++)
        for (size_t n = 0; n < list.count; n++) {
            struct token *t = &list.items[n];
            if (t->number != a->token[i] || t->next >= a->next[i])
                continue;
            t->next = a->next[i];
            any = true;
        }
    *changed = *changed || any;
    return any ? tokens_write(r, &list, &k->scratch, err) : OBOL_OK;
}

static enum obol_code write_account(struct keep *k, struct store_write *w, const struct account *a,
                                    struct error *err) {
    struct slice bytes, copy;
    struct record record;
    // Since the login the account may have been deleted, or damaged: not our concern.
    if (store_get(store_write_snapshot(w), a->name, &bytes, NULL) != OBOL_OK)
        return OBOL_OK;
    ENSURE(arena_copy(&k->scratch, bytes, &copy), NO_MEMORY, "the keeper's memory");
    if (record_decode(copy, &k->scratch, &record, NULL) != OBOL_OK)
        return OBOL_OK;
    bool changed = merge(a, &record);
    TRY(merge_tokens(k, a, &record, &changed, err));
    return changed ? store_put(w, &record, err) : OBOL_OK;
}

// Writes accounts from number *at on, in one transaction.
static enum obol_code write_group(struct keep *k, size_t *at, struct error *err) {
    struct store_write *w = NULL;
    enum obol_code code = store_write_begin(k->store, &w, err);
    for (size_t n = 0; *at < k->count && n < TRANSACTION; ++*at, n++) {
        if (code == OBOL_OK)
            code = write_account(k, w, &k->accounts[*at], err);
        arena_reset(&k->scratch);
    }
    if (code == OBOL_OK)
        return store_commit(w, err);
    store_abort(w);
    return code;
}

// The accounts are forgotten whether it works or not.
static enum obol_code keep_commit(struct keep *k, struct error *err) {
    enum obol_code result = OBOL_OK;
    for (size_t at = 0; at < k->count;) {
        enum obol_code code = write_group(k, &at, err);
        result = result == OBOL_OK ? code : result;
    }
    if (k->count)
        memset(k->table, 0, sizeof k->table);
    k->count = 0;
    arena_reset(&k->names);
    return result;
}

static void keep_close(struct keep *k) {
    if (!k)
        return;
    arena_clear(&k->scratch);
    arena_clear(&k->names);
    store_close(k->store);
    free(k);
}

// ---- the realms that are served, each with its own store

struct keeps {
    const struct kdc_settings *settings;
    struct keep *realms[KDC_REALMS_MAX];
    size_t count;
};

enum obol_code kdc_keep_open(const void *config, void *shared, void **state, struct error *err) {
    UNUSED(shared);
    struct keeps *all = calloc(1, sizeof *all);
    ENSURE_MEMORY(all);
    all->settings = config;
    const struct kdc_settings *one;
    enum obol_code code = OBOL_OK;
    while (code == OBOL_OK && (one = kdc_settings_at(all->settings, all->count)) != NULL) {
        code = keep_open(one, &all->realms[all->count], err);
        all->count += code == OBOL_OK;
    }
    if (code != OBOL_OK) {
        kdc_keep_close(all);
        return code;
    }
    *state = all;
    return OBOL_OK;
}

// Whether a record's name, as text, is of a realm.
static bool is_of(struct slice record, struct slice realm) {
    size_t at = record.len - realm.len - 1;
    return record.len > realm.len && record.ptr[at] == '@' &&
           slice_eq(slice_sub(record, at + 1, record.len), realm);
}

void kdc_keep(void *state, const struct event *event) {
    struct keeps *all = state;
    for (size_t i = 0; i < all->count; i++)
        if (is_of(event->record, all->settings->realms[i])) {
            keep_take(all->realms[i], event);
            return;
        }
}

enum obol_code kdc_keep_commit(void *state, struct error *err) {
    struct keeps *all = state;
    enum obol_code result = OBOL_OK;
    for (size_t i = 0; i < all->count; i++) {
        enum obol_code code = keep_commit(all->realms[i], err);
        result = result == OBOL_OK ? code : result;
    }
    return result;
}

void kdc_keep_close(void *state) {
    struct keeps *all = state;
    if (!all)
        return;
    for (size_t i = 0; i < all->count; i++)
        keep_close(all->realms[i]);
    free(all);
}
