// face.h: obol called by the name of one of MIT krb5's tools (kinit, klist, kadmin.local, krb5kdc
// ...) takes that tool's flags and configuration and gives its output and exit status, so that
// scripts and test suites written for them run on it. A face is a row of a table, as a command is;
// its errors keep their facts and remedies.
#ifndef OBOL_CLI_FACE_H
#define OBOL_CLI_FACE_H

#include "admin/admin.h"
#include "cli/command.h"

struct face {
    const char *name;
    const char *usage; // behind "Usage: NAME "
    int usage_status;  // exit status when the command line is not right
    // Does the work; argv holds the words behind the program's name. *status is the exit status
    // when it returns OBOL_OK: 0 unless it says otherwise.
    enum obol_code (*run)(struct cli *c, int argc, char **argv, int *status, struct error *err);
};
extern const struct face FACE_KINIT, FACE_KLIST, FACE_KDESTROY, FACE_KSWITCH, FACE_KVNO,
    FACE_KPASSWD, FACE_KDB5_UTIL, FACE_KRB5KDC, FACE_KADMIND, FACE_KADMIN_LOCAL, FACE_KADMIN;

// face_find is the face that a program's path ends with; NULL: it is obol itself.
const struct face *face_find(const char *program);
// face_run runs it with its arena and output set up.
MUST_USE enum obol_code face_run(const struct face *face, struct cli *c, int argc, char **argv,
                                 int *status, struct error *err);

// Options as getopt(3) takes them, without its globals.
struct face_long {
    const char *name; // "cached-only"
    int letter;       // what face_next gives for it
    bool takes_value;
};
struct face_args {
    char **argv;
    int argc, at;
    const char *within;            // the rest of "-abc"
    const char *value;             // of the option that was given last
    const struct face_long *longs; // a row with NULL ends it; NULL: none
};
// face_next gives the next option's letter, 0 where the options end (argv + at are the words
// behind them), or -1 with USAGE in err. `letters` is as getopt's: "kt:".
int face_next(struct face_args *g, const char *letters, struct error *err);

// Where the tools of the realm's side find the realm, as MIT krb5's do.
struct face_place {
    const char *home, *conf_file; // as in struct admin_options
    struct slice realm;
};
// face_place finds it: KRB5_KDC_PROFILE names a kdc.conf of MIT's kind, the realm is `realm` or
// default_realm of krb5.conf, and its database_name is our home directory. Without
// KRB5_KDC_PROFILE it is OBOL_HOME, else /var/lib/obol.
MUST_USE enum obol_code face_place(struct cli *c, struct slice realm, struct face_place *out,
                                   struct error *err);
// face_realm_open opens the realm there; the caller closes it with admin_close.
MUST_USE enum obol_code face_realm_open(struct cli *c, const struct face_place *place,
                                        struct admin **out, struct error *err);
// face_say writes a line to standard error, without the program's name in front.
void face_say(struct cli *c, const char *format, ...) PRINTF(2, 3);
// face_time writes a time as these tools do: by the locale, "11/25/26 16:00:00".
struct slice face_time(struct cli *c, int64_t t);
#endif
