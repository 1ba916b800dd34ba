// dictionary.c: words that make bad passwords: a file with one a line, named by `dict_file` in
// kdc.conf. It is mapped when the realm is opened and looked through when a password changes, which
// takes a few milliseconds for a million words and no memory of ours.
#include "admin/op.h"

bool op_dictionary_has(const struct admin *adm, struct slice word) {
    struct slice rest = adm->dictionary;
    while (rest.len) {
        size_t end = slice_find(rest, '\n');
        if (slice_eq_nocase(slice_trim(slice_sub(rest, 0, end)), word))
            return true;
        rest = slice_sub(rest, end + 1, rest.len);
    }
    return false;
}
