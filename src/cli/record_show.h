// record_show.h: a principal's record, as people and as machines read it.
#ifndef OBOL_CLI_RECORD_SHOW_H
#define OBOL_CLI_RECORD_SHOW_H

#include "admin/admin.h"
#include "cli/output.h"

// record_json writes a principal as members of the object that is open; record_tell does, or writes
// it for people, as --json says.
void record_tell(struct cli *c, const struct record *r);
void record_json(struct cli_json *j, const struct record *r);
// record_flags_text is its flags' names with spaces between them, "-" for none.
struct slice record_flags_text(struct cli *c, uint32_t flags);
const char *record_kind(const struct record *r); // "user", "service", "both" or "none"
// token_factor is what a login with one of its tokens takes, in words.
const char *token_factor(const struct token *t);

#endif
