// cmd_realm_trust.h: what the commands of trust between realms share.
#ifndef OBOL_CLI_CMD_REALM_TRUST_H
#define OBOL_CLI_CMD_REALM_TRUST_H

#include "admin/trust.h"
#include "cli/command.h"

struct trust_options {
    bool only_out, only_in;
    struct slice read_keys, write_keys;
    struct slice_list enctypes;
    int64_t kvno;
};
#define TRUST_WAY_ROWS                                                                             \
    {"only-out", 0,                                                                                \
     CLI_FLAG,   offsetof(struct trust_options, only_out),                                         \
     NULL,       "only from here to there: our users use its services",                            \
     0,          0},                                                                               \
    {                                                                                              \
        "only-in", 0, CLI_FLAG, offsetof(struct trust_options, only_in), NULL,                     \
            "only from there to here: its users use our services", 0, 0                            \
    }

// trust_ways is the directions that are meant.
MUST_USE enum obol_code trust_ways(const struct trust_options *o, unsigned *out, struct error *err);
// trust_show writes what there is with a realm, as JSON where that is asked for.
void trust_show(struct cli *c, const struct admin_trust *t);

#endif
