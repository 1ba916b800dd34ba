// nearest.c: edit distance with swaps of neighbours (optimal string alignment), on bytes with case
// folded and '-' read as '_'.
#include "config/nearest.h"

#define WORD_MAX 64

static uint8_t fold(uint8_t c) {
    if (c == '-')
        return '_';
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t nearest_distance(struct slice a, struct slice b) {
    if (a.len > WORD_MAX || b.len > WORD_MAX)
        return SIZE_MAX;
    size_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i - 1) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            uint8_t x = fold(a.ptr[i - 1]), y = fold(b.ptr[j - 1]);
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (x != y));
            bool swapped = i > 1 && j > 1 && x == fold(b.ptr[j - 2]) && y == fold(a.ptr[i - 2]);
            if (swapped)
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

// Whether the word is what a longer candidate begins with, but for a slip in every fifth letter:
// "life" of "lifetime", "aes265-cts" of "aes256-cts-hmac-sha1-96".
static bool is_beginning(struct slice word, struct slice candidate) {
    if (word.len < 3 || candidate.len <= word.len)
        return false;
    return nearest_distance(word, slice_sub(candidate, 0, word.len)) <= word.len / 5;
}

void nearest_offer(struct nearest *n, const char *candidate) {
    size_t distance = nearest_distance(n->word, slice_str(candidate));
    size_t near_enough = n->word.len < 3 ? 1 : (n->word.len + 2) / 3;
    if (distance > near_enough && is_beginning(n->word, slice_str(candidate)))
        distance = near_enough;
    if (distance > near_enough || (n->best && distance >= n->distance))
        return;
    n->best = candidate;
    n->distance = distance;
}
