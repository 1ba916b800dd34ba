// prompter.c: asking the person at the terminal.
#include "base/ct.h"
#include "compat/context.h"
#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

// Reads a line without its end into the reply; what does not fit is read and dropped.
static krb5_error_code read_line(krb5_data *reply) {
    size_t n = 0, room = reply->length;
    char ch = 0;
    ssize_t got;
    while ((got = read(STDIN_FILENO, &ch, 1)) == 1 && ch != '\n' && ch != '\r')
        if (n + 1 < room)
            reply->data[n++] = ch;
    if (got < 0)
        return errno == EINTR ? KRB5_LIBOS_PWDINTR : KRB5_LIBOS_CANTREADPWD;
    if (got == 0 && n == 0)
        return KRB5_LIBOS_CANTREADPWD;
    reply->data[n] = '\0';
    reply->length = (unsigned)n;
    return 0;
}

static krb5_error_code ask(const krb5_prompt *prompt) {
    struct termios before, quiet;
    if (!prompt->reply || !prompt->reply->data || prompt->reply->length == 0)
        return EINVAL;
    bool hide = prompt->hidden && tcgetattr(STDIN_FILENO, &before) == 0;
    // Before the prompt: what is typed as soon as it shows must neither be seen nor be lost.
    if (hide) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    (void)printf("%s: ", prompt->prompt ? prompt->prompt : "");
    (void)fflush(stdout);
    krb5_error_code code = read_line(prompt->reply);
    if (hide) {
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
        (void)putchar('\n');
    }
    return code;
}

krb5_error_code krb5_prompter_posix(krb5_context context, void *data, const char *name,
                                    const char *banner, int count, krb5_prompt prompts[]) {
    UNUSED(context);
    UNUSED(data);
    if (name)
        (void)printf("%s\n", name);
    if (banner)
        (void)printf("%s\n", banner);
    for (int i = 0; i < count; i++) {
        krb5_error_code code = ask(&prompts[i]);
        if (code)
            return code;
    }
    (void)fflush(stdout);
    return 0;
}

// Asks once, or with prompt2 twice, for a password.
krb5_error_code krb5_read_password(krb5_context context, const char *prompt, const char *prompt2,
                                   char *out, unsigned *size) {
    char again[1024];
    if (!prompt || !out || !size || *size == 0)
        return EINVAL;
    krb5_data first = {.length = *size, .data = out};
    krb5_data second = {.length = sizeof again, .data = again};
    krb5_prompt prompts[2] = {{(char *)(uintptr_t)prompt, 1, &first},
                              {(char *)(uintptr_t)prompt2, 1, &second}};
    krb5_error_code code = krb5_prompter_posix(context, NULL, NULL, NULL, prompt2 ? 2 : 1, prompts);
    if (code == 0 && prompt2 &&
        !ct_equal(slice_of(first.data, first.length), slice_of(second.data, second.length)))
        code = KRB5_LIBOS_BADPWDMATCH;
    wipe(again, sizeof again);
    if (code)
        wipe(out, *size);
    else
        *size = first.length;
    return code;
}
