// qr.h: a QR code in the terminal, for what a telephone is to read.
#ifndef OBOL_CLI_QR_H
#define OBOL_CLI_QR_H

#include "cli/command.h"

// cli_qr writes text as a QR code to c->out, two rows of it a line. INVALID_ARGUMENT if it is too
// long for one.
MUST_USE enum obol_code cli_qr(struct cli *c, struct slice text, struct error *err);

#endif
