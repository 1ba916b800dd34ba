// nearest.h: "did you mean": the valid word that a mistyped one is nearest to, by edit distance.
// For configuration keys, commands, options and enctype names alike.
#ifndef OBOL_CONFIG_NEAREST_H
#define OBOL_CONFIG_NEAREST_H

#include "base/slice.h"

// A search in progress: start from {0}, offer every valid word, read `best`.
struct nearest {
    struct slice word;
    const char *best; // NULL: no word is near enough
    size_t distance;
};
static inline struct nearest nearest_of(struct slice word) {
    return (struct nearest){word, NULL, 0};
}
// nearest_offer considers a word: it is kept if it is nearer than the best so far, and near enough
// to be a slip of the finger (a third of its letters, case and '-' for '_' not counted), or if the
// word is what it begins with.
void nearest_offer(struct nearest *n, const char *candidate);
// nearest_distance is the Damerau-Levenshtein distance (adjacent letters swapped count one); words
// over 64 bytes are SIZE_MAX apart.
size_t nearest_distance(struct slice a, struct slice b);

#endif
