// decode_show.h: files of tickets and keys, as `obol decode` shows them: a table, or JSON with
// --json.
#ifndef OBOL_CLI_DECODE_SHOW_H
#define OBOL_CLI_DECODE_SHOW_H

#include "cli/command.h"
#include "cred/ccache.h"
#include "cred/keytab.h"
#include "proto/describe.h"

// decode_show_keytab shows the entries; the keys themselves only with `secrets`.
void decode_show_keytab(struct cli *c, const struct keytab_content *k, bool secrets);
// decode_show_ccache shows the entries, and the tickets as proto_describe does: all of them with
// --json, those that the keys of `how` open otherwise.
void decode_show_ccache(struct cli *c, const struct ccache_content *cache,
                        const struct describe_options *how);

#endif
