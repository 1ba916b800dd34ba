// password.h: passwords come from the terminal with echo off, from a file descriptor or from
// standard input; never from the command line, where every user could read them.
#ifndef OBOL_CLI_PASSWORD_H
#define OBOL_CLI_PASSWORD_H

#include "cli/command.h"

#define CLI_PASSWORD_MAX 1024 // bytes

// cli_password reads a password into `out` (the caller clears it): from c->password_fd if one was
// given (one line, the newline is not part of it), else by asking on /dev/tty. PASSWORD_NEEDED if
// neither is there.
MUST_USE enum obol_code cli_password(struct cli *c, struct slice prompt, struct secret *out,
                                     struct error *err);
// cli_new_password asks twice; INVALID_ARGUMENT if they differ or it is empty.
MUST_USE enum obol_code cli_new_password(struct cli *c, struct slice prompt, struct secret *out,
                                         struct error *err);

#endif
