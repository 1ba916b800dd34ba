// json.h: the flat JSON objects in which a responder is asked and answers (RFC 8259): members whose
// values are strings or whole numbers.
#ifndef OBOL_COMPAT_JSON_H
#define OBOL_COMPAT_JSON_H

#include "base/arena.h"
#include "base/writer.h"

struct json_member {
    struct slice name, text; // text: of a string
    int64_t number;
    bool is_text;
};
enum { JSON_MEMBERS_MAX = 64 };
struct json_members {
    struct json_member items[JSON_MEMBERS_MAX];
    size_t count;
};
// json_members_read takes an object apart; false where it is none, or not flat.
MUST_USE bool json_members_read(const char *text, struct arena *a, struct json_members *out);
// json_bytes writes a string whose bytes read back as they are, UTF-8 or not: passphrases and names
// of files are what they are.
void json_bytes(struct writer *w, struct slice bytes);
// json_member_find is the member of that name; NULL if there is none.
const struct json_member *json_member_find(const struct json_members *m, const char *name);

#endif
