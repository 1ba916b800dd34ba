// rollover.c: replacing the master key while KDCs go on. The new version is written to the file
// before anything is sealed under it, and the old ones leave the file after nothing is. Both are
// done inside store transactions, as is every sealing, so that no other process can seal under a
// version that is about to go (op_write reads the file when the store names a newer version).
#include "admin/op.h"
#include "store/history.h"

enum { BATCH = 1000 };

struct batch {
    uint8_t after[RECORD_NAME_MAX]; // the name at which the last batch ended
    size_t after_len;
    bool end;
    uint64_t sealed;
};

static enum obol_code add_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    uint32_t *version = arg;
    TRY(master_refresh(adm->master, err));
    TRY(master_add(adm->master, adm->env, err));
    *version = master_current(adm->master);
    uint8_t bytes[4];
    struct writer value = writer_to_buf(buf_of(bytes, sizeof bytes));
    writer_be32(&value, *version);
    return store_put_meta(w, ADMIN_MASTER_CURRENT, writer_slice(&value), err);
}

static enum obol_code retire_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    UNUSED(w);
    const uint32_t *keep_from = arg;
    TRY(master_refresh(adm->master, err)); // what another process added stays
    return master_retire(adm->master, *keep_from, err);
}

static bool is_current(const struct admin *adm, const struct record_key_list *keys) {
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].master != master_current(adm->master))
            return false;
    return true;
}

static bool tokens_are_current(const struct admin *adm, const struct token_list *tokens) {
    for (size_t i = 0; i < tokens->count; i++)
        if (tokens->items[i].kind != TOKEN_RADIUS &&
            tokens->items[i].master != master_current(adm->master))
            return false;
    return true;
}

static enum obol_code seal_keys(struct admin *adm, uint64_t id, struct record_key_list *keys,
                                struct error *err) {
    for (size_t i = 0; i < keys->count; i++) {
        struct slice bytes;
        TRY(master_open(adm->master, id, &keys->items[i], &adm->scratch, &bytes, err));
        TRY(master_seal(adm->master, adm->env, id, &keys->items[i], bytes, &adm->scratch, err));
    }
    return OBOL_OK;
}

// *sealed is whether anything was to be done.
static enum obol_code seal_record(struct admin *adm, struct store_write *w, struct record *r,
                                  bool *sealed, struct error *err) {
    struct record_key_list former;
    struct token_list tokens;
    TRY(history_decode(r->history, &adm->scratch, &former, err));
    TRY(tokens_read(r, &tokens, err));
    *sealed = !is_current(adm, &r->keys) || !is_current(adm, &former) ||
              !tokens_are_current(adm, &tokens);
    if (!*sealed)
        return OBOL_OK;
    TRY(seal_keys(adm, r->id, &r->keys, err));
    TRY(seal_keys(adm, r->id, &former, err));
    TRY(history_encode(&former, &adm->scratch, &r->history, err));
    TRY(op_tokens_seal(adm, r, err));
    return store_put(w, r, err);
}

static enum obol_code batch_step(struct admin *adm, struct store_write *w, void *arg,
                                 struct error *err) {
    struct batch *b = arg;
    for (int i = 0; i < BATCH; i++) {
        struct slice name = slice_of(b->after, b->after_len), bytes;
        struct record r;
        enum obol_code code = store_next(store_write_snapshot(w), &name, &bytes, NULL);
        b->end = code == OBOL_NOT_FOUND;
        if (b->end)
            return OBOL_OK;
        ENSURE(code == OBOL_OK && name.len <= sizeof b->after, STORE_CORRUPT,
               "the walk over the principals ended after %.*s",
               SLICE_ARG(slice_of(b->after, b->after_len)));
        memcpy(b->after, name.ptr, name.len);
        b->after_len = name.len;
        TRY(op_fetch(store_write_snapshot(w), slice_of(b->after, b->after_len), &adm->scratch, &r,
                     err));
        bool sealed;
        TRY(seal_record(adm, w, &r, &sealed, err));
        b->sealed += sealed;
        arena_reset(&adm->scratch);
    }
    return OBOL_OK;
}

// Seals all that is not yet under the current version, and retires the others.
static enum obol_code complete(struct admin *adm, uint32_t version,
                               const struct admin_progress *progress, uint64_t *sealed,
                               struct error *err) {
    struct batch batch = {.after_len = 0};
    while (!batch.end) {
        TRY(op_write(adm, batch_step, &batch, err));
        if (progress)
            progress->step(progress->ctx, batch.sealed);
    }
    *sealed = batch.sealed;
    return op_write(adm, retire_step, &version, err);
}

enum obol_code admin_master_replace(struct admin *adm, const struct admin_progress *progress,
                                    uint64_t *sealed, struct error *err) {
    uint32_t version;
    uint64_t count;
    // One that was cut short is completed first: else each try would leave one more version.
    if (master_is_changing(adm->master))
        TRY(complete(adm, master_current(adm->master), progress, &count, err));
    TRY(op_write(adm, add_step, &version, err));
    TRY(complete(adm, version, progress, &count, err));
    if (sealed)
        *sealed = count;
    return OBOL_OK;
}
