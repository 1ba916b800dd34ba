// realm_copy.h: the home of a realm copied while it is served, for obol realm backup.
#ifndef OBOL_CLI_REALM_COPY_H
#define OBOL_CLI_REALM_COPY_H

#include "cli/realm.h"

// realm_copy_directory makes a directory for the owner alone; EXISTS if there is one.
MUST_USE enum obol_code realm_copy_directory(const char *path, struct error *err);
// realm_copy copies c->home, whose realm `adm` is, into the empty directory `to`: configuration,
// keys, certificates and the database as it is at one moment. MASTER_KEY if `obol realm rekey` came
// in between.
MUST_USE enum obol_code realm_copy(struct cli *c, const struct admin *adm, struct slice to,
                                   struct error *err);

#endif
