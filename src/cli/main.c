// main.c: the program `obol`.
#include "base/secret.h"
#include "cli/command.h"
#include <locale.h>

int main(int argc, char **argv) {
    secret_harden_process();
    setlocale(LC_CTYPE, "");
    return cli_main(argc, argv);
}
