// load.c: loading many principals: a batch of lines is one transaction.
#include "admin/audit.h"
#include "admin/load_line.h"

enum { BATCH = 10000 };

struct load_batch {
    const struct admin_lines *lines;
    const struct admin_load *load;
    struct admin_loaded seen; // with this batch
    bool end;
};

static enum obol_code load_one(struct admin *adm, struct store_write *w, struct load_batch *b,
                               struct slice line, uint64_t id, struct error *err) {
    struct load_line parsed;
    struct slice taken, text;
    struct principal p;
    TRY(load_line_parse(line, &adm->scratch, &parsed, err));
    parsed.new.id = id;
    if (b->load->skip_existing) {
        TRY(op_name(adm, parsed.new.principal.name, &p, &text, err));
        if (store_get(store_write_snapshot(w), text, &taken, NULL) == OBOL_OK) {
            b->seen.skipped++;
            audit_skip(adm);
            return OBOL_OK;
        }
    }
    TRY(op_add(adm, w, &parsed.new, err));
    b->seen.principals++;
    return OBOL_OK;
}

static enum obol_code load_step(struct admin *adm, struct store_write *w, void *arg,
                                struct error *err) {
    struct load_batch *b = arg;
    uint32_t size = b->load->batch ? b->load->batch : BATCH;
    uint64_t id;
    TRY(store_draw_ids(w, size, &id, err));
    for (uint32_t i = 0; i < size;) {
        bool more = false;
        struct slice line;
        TRY(b->lines->next(b->lines->ctx, &more, &line, err));
        b->end = !more;
        if (b->end)
            return OBOL_OK;
        b->seen.lines++;
        if (!line.len || line.ptr[0] == '#')
            continue;
        enum obol_code code = load_one(adm, w, b, line, id + i, err);
        arena_reset(&adm->scratch);
        if (code != OBOL_OK)
            error_fact(err, "line", "%llu", (unsigned long long)b->seen.lines);
        TRY(code);
        i++;
    }
    return OBOL_OK;
}

enum obol_code admin_load_lines(struct admin *adm, const struct admin_lines *lines,
                                const struct admin_load *load, struct admin_loaded *done,
                                struct error *err) {
    struct load_batch batch = {.lines = lines, .load = load};
    *done = (struct admin_loaded){0};
    while (!batch.end) {
        TRY(op_write(adm, load_step, &batch, err));
        *done = batch.seen;
        if (load->progress)
            load->progress->step(load->progress->ctx, done->principals);
    }
    return store_sync(adm->store, err);
}
