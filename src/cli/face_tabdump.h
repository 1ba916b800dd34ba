// face_tabdump.h: kdb5_util tabdump.
#ifndef OBOL_CLI_FACE_TABDUMP_H
#define OBOL_CLI_FACE_TABDUMP_H

#include "cli/face.h"

// face_tabdump writes one table of the realm; argv holds the words behind "tabdump".
MUST_USE enum obol_code face_tabdump(struct cli *c, const struct face_place *place, int argc,
                                     char **argv, struct error *err);

#endif
