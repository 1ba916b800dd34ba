// mit_tokens.h: reads tests/vectors/gss/mit_tokens.txt: contexts of MIT krb5 with their keys and
// tokens, rebuilt as ours.
#ifndef OBOL_TESTS_GSS_MIT_TOKENS_H
#define OBOL_TESTS_GSS_MIT_TOKENS_H

#include "../crypto/vectors.h"
#include "gss/message.h"

#define MIT_TOKENS_EACH 55 // each end made so many that have a sequence number

struct mit_token {
    bool initiator; // whose
    struct slice kind;
    bool conf; // of prf: the partial key
    size_t len;
    struct slice bytes[4]; // the token, or header, data, padding, trailer
    struct slice text;     // of limit: the number
};

struct mit {
    struct vectors v;
    struct gss_context initiator, acceptor; // as they were when both began
    struct slice lines;
};

static inline struct slice mit_word(struct slice *line) {
    size_t end = slice_find(*line, ' ');
    struct slice word = slice_sub(*line, 0, end);
    *line = slice_sub(*line, end + 1 < line->len ? end + 1 : line->len, line->len);
    return word;
}

static inline uint64_t mit_number(struct slice word) {
    uint64_t n = 0;
    for (size_t i = 0; i < word.len; i++)
        n = n * 10 + (uint64_t)(word.ptr[i] - '0');
    return n;
}

static inline struct slice mit_hex(struct mit *m, struct slice word) {
    struct slice bytes = {0};
    if (word.len && !slice_eq_str(word, "-"))
        assert_true(hex_decode(word, &m->v.arena, &bytes));
    return bytes;
}

static inline struct crypto_key *mit_key(struct mit *m, struct slice *words) {
    int32_t enctype = (int32_t)mit_number(mit_word(words));
    struct slice bytes = mit_hex(m, mit_word(words));
    struct crypto_key *key;
    assert_ok(crypto_key_in_arena(&key, &m->v.arena, enctype, bytes, NULL));
    return key;
}

static inline struct gss_context mit_context(struct mit *m, bool initiator) {
    struct slice words = vectors_text(&m->v, initiator ? "initiator_key" : "acceptor_key");
    struct slice seqs = vectors_text(&m->v, initiator ? "initiator_seqs" : "acceptor_seqs");
    struct gss_context c = {.initiator = initiator,
                            .flags = (uint32_t)vectors_number(&m->v, "flags"),
                            .key = mit_key(m, &words)};
    c.initiator_key = c.key;
    if (words.len) {
        c.key = mit_key(m, &words);
        c.acceptor_subkey = true;
    }
    c.send_seq = mit_number(mit_word(&seqs)) - MIT_TOKENS_EACH;
    c.receive_seq = mit_number(mit_word(&seqs));
    return c;
}

// mit_next steps to the next context; false at the end.
static inline bool mit_next(struct mit *m) {
    if (!vectors_next(&m->v))
        return false;
    m->initiator = mit_context(m, true);
    m->acceptor = mit_context(m, false);
    // Each end received nothing, so that what it awaits is where the other began.
    m->initiator.receive_seq = m->acceptor.send_seq;
    m->acceptor.receive_seq = m->initiator.send_seq;
    m->lines = m->v.record;
    return true;
}

// mit_token steps to the next token of the context.
static inline bool mit_token(struct mit *m, struct mit_token *t) {
    while (m->lines.len) {
        struct slice line = vectors_line(&m->lines), side = mit_word(&line);
        if (side.len != 1)
            continue;
        *t = (struct mit_token){.initiator = side.ptr[0] == 'i', .kind = mit_word(&line)};
        t->conf = mit_number(mit_word(&line)) != 0;
        t->len = mit_number(mit_word(&line));
        t->text = line;
        if (slice_eq_str(t->kind, "limit"))
            return true;
        for (size_t i = 0; i < COUNT_OF(t->bytes); i++)
            t->bytes[i] = mit_hex(m, mit_word(&line));
        return true;
    }
    return false;
}

// The message of a token.
static inline struct slice mit_message(size_t len) {
    static uint8_t bytes[4096];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 1);
    return slice_of(bytes, len);
}

#endif
