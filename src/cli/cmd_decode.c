// cmd_decode.c: `obol decode`: any message, token, credential cache or keytab as a readable tree or
// as JSON; with keys, the sealed parts too.
#include "cli/commands.h"
#include "cli/decode_input.h"
#include "cli/decode_keys.h"
#include "cli/decode_show.h"
#include "cli/output.h"
#include "cli/password.h"
#include <errno.h>
#include <stdio.h>

#define INPUT_MAX (16u << 20) // bytes

struct decode_options {
    struct slice keytab, principal, salt;
    int64_t iterations;
    bool secrets, ask;
};
static const struct cli_option decode_table[] = {
    {"keytab", 'k', CLI_TEXT, offsetof(struct decode_options, keytab), "FILE",
     "open sealed parts with the keys of a keytab", 0, 0},
    {"password", 'p', CLI_FLAG, offsetof(struct decode_options, ask), NULL,
     "open them with a password, which is asked for", 0, 0},
    {"principal", 0, CLI_TEXT, offsetof(struct decode_options, principal), "NAME",
     "whose password it is, with the realm: its default salt is taken", 0, 0},
    {"salt", 0, CLI_TEXT, offsetof(struct decode_options, salt), "TEXT",
     "the salt of the password, if it is not the default one", 0, 0},
    {"iterations", 0, CLI_NUMBER, offsetof(struct decode_options, iterations), "N",
     "PBKDF2 iterations of the password, if the realm has a count of its own", 1, 100000000},
    {"show-secrets", 0, CLI_FLAG, offsetof(struct decode_options, secrets), NULL,
     "show the keys found inside, too", 0, 0},
    {0},
};

static enum obol_code read_stream(FILE *f, struct cli *c, struct slice *out, struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    char block[4096];
    size_t n;
    while (w.len <= INPUT_MAX && (n = fread(block, 1, sizeof block, f)) > 0)
        writer_bytes(&w, slice_of(block, n));
    ENSURE(!ferror(f), IO, "the input cannot be read: %s", strerror(errno));
    ENSURE(writer_ok(&w) && w.len <= INPUT_MAX, FORMAT, "the input is longer than %u bytes",
           INPUT_MAX);
    *out = writer_slice(&w);
    return OBOL_OK;
}

// The argument is a file, "-", or the thing itself as text: then *no_file is set.
static enum obol_code read_input(struct cli *c, struct slice *out, bool *no_file,
                                 struct error *err) {
    struct slice name = cli_arg(c, 0);
    *no_file = false;
    if (name.len == 0 || slice_eq_str(name, "-"))
        return read_stream(stdin, c, out, err);
    FILE *f = fopen(cli_cstr(name), "re");
    if (!f && (errno == ENOENT || errno == ENAMETOOLONG)) {
        *out = name;
        *no_file = true;
        return OBOL_OK;
    }
    ENSURE(f != NULL, IO, "%.*s: %s", SLICE_ARG(name), strerror(errno));
    enum obol_code code = read_stream(f, c, out, err);
    fclose(f);
    error_fact(err, "file", "%.*s", SLICE_ARG(name));
    return code;
}

static enum obol_code load_keys(struct cli *c, const struct decode_options *o,
                                struct decode_keys *keys, struct keytab_content *content,
                                struct secret *password, struct error *err) {
    const char *path;
    if (o->keytab.len) {
        TRY(keytab_path(o->keytab, NULL, c->arena, &path, err));
        TRY(keytab_read(path, c->arena, content, err));
        keys->keytab = content;
    }
    if (!o->ask && c->password_fd < 0)
        return OBOL_OK;
    struct principal p;
    keys->salt = o->salt;
    keys->iterations = (uint32_t)o->iterations;
    if (!o->salt.len) {
        ENSURE(o->principal.len, USAGE, "a password needs --principal NAME@REALM or --salt TEXT");
        TRY(principal_parse(o->principal, (struct slice){0}, NT_UNKNOWN, c->arena, &p, err));
        TRY(principal_salt(&p, c->arena, &keys->salt, err));
    }
    TRY(cli_password(c, SLICE_LITERAL("Password"), password, err));
    keys->password = password;
    return OBOL_OK;
}

// The wrappings stand above the message, or as a member before it in the same object of JSON.
static void show_wrappings(struct cli *c, const struct decode_input *in) {
    struct writer *w = &c->out;
    writer_str(w, c->json ? "{\"wrappings\":[" : "");
    for (size_t i = 0; i < in->wrapping_count; i++) {
        if (!c->json) {
            cli_print(c, CLI_DIM, "(%.*s)\n", SLICE_ARG(in->wrappings[i]));
            continue;
        }
        writer_str(w, i ? "," : "");
        json_string(w, in->wrappings[i]);
    }
    writer_str(w, c->json ? "]" : "");
}

static enum obol_code show_message(struct cli *c, const struct decode_input *in,
                                   const struct describe_options *how, struct error *err) {
    struct writer message = writer_to_arena(c->arena);
    if (in->kind != DECODE_EMPTY)
        TRY(proto_describe(in->bytes, how, c->arena, &message, err));
    show_wrappings(c, in);
    struct slice text = writer_slice(&message);
    if (c->json) { // the message is an object of its own: without its opening bracket it goes on
        writer_str(&c->out, text.len ? "," : "}");
        text = slice_sub(text, 1, text.len);
    }
    writer_bytes(&c->out, text);
    writer_str(&c->out, c->json ? "\n" : "");
    return OBOL_OK;
}

static enum obol_code show(struct cli *c, const struct decode_input *in,
                           const struct describe_options *how, struct error *err) {
    struct keytab_content keytab;
    struct ccache_content cache;
    if (in->kind == DECODE_KEYTAB) {
        TRY(keytab_parse(in->bytes, "the input", c->arena, &keytab, err));
        decode_show_keytab(c, &keytab, how->show_secrets);
        return OBOL_OK;
    }
    if (in->kind == DECODE_CCACHE) {
        TRY(ccache_parse(in->bytes, "the input", c->arena, &cache, err));
        decode_show_ccache(c, &cache, how);
        return OBOL_OK;
    }
    return show_message(c, in, how, err);
}

static enum obol_code decode_run(struct cli *c, const void *options, struct error *err) {
    const struct decode_options *o = options;
    struct decode_keys keys = {0};
    struct keytab_content keytab;
    struct secret password CLEANUP(secret_clear) = {0};
    struct slice given;
    struct decode_input in;
    bool no_file;
    const struct describe_keys open = {&keys, decode_keys_open};
    const struct describe_options how = {
        .json = c->json, .show_secrets = o->secrets, .keys = &open};
    TRY(load_keys(c, o, &keys, &keytab, &password, err));
    TRY(read_input(c, &given, &no_file, err));
    enum obol_code code = decode_recognise(given, c->arena, &in, err);
    if (code == OBOL_OK)
        code = show(c, &in, &how, err);
    if (code != OBOL_OK && no_file)
        error_fact(err, "no such file", "%.*s", SLICE_ARG(given));
    return code;
}

const struct cli_command CMD_DECODE = {
    .name = "decode",
    .group = CLI_GROUP_TOOLS,
    .summary = "show a message, token, credential cache or keytab",
    .arguments = "[FILE|TEXT]",
    .details = "The input is a file, standard input (\"-\" or nothing), or the thing itself as "
               "base64, hexadecimal or an HTTP header. Keys inside are hidden unless "
               "--show-secrets is given.",
    .examples = "obol decode /tmp/krb5cc_0\ta credential cache\n"
                "obol decode 'Authorization: Negotiate YII...'\ta token as a browser sends it\n"
                "obol decode --keytab web.keytab token.bin\tand what is sealed in it\n",
    .options = decode_table,
    .options_size = sizeof(struct decode_options),
    .max_args = 1,
    .wants = CLI_WANTS_PASSWORD,
    .run = decode_run,
};
