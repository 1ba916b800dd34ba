// face_kadmin_commands.c: the requests of kadmin that change the realm or a keytab.
#include "base/ct.h"
#include "cli/face_kadmin.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/times.h"
#include "config/duration.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// What the options of addprinc, modprinc and cpw say together.
struct options {
    struct admin_change change;
    struct admin_keys keys;
    struct slice password;
    bool has_password, random, unlock;
    const char *name;
};

static enum obol_code take_flag(const char *word, struct options *o, struct error *err) {
    ENSURE(admin_flag_word(slice_str(word), &o->change.set_flags, &o->change.clear_flags), USAGE,
           "there is no flag \"%s\"", word + 1);
    return OBOL_OK;
}

// +preauth, -service; a word that looks like a flag and is none is told as that.
static bool is_flag(const char *word) {
    uint32_t set = 0, clear = 0;
    return word[0] == '+' || (word[0] == '-' && strchr(word, '_')) ||
           admin_flag_word(slice_str(word), &set, &clear);
}

static enum obol_code take_time(struct kadmin *k, const char *text, int64_t *out,
                                struct error *err) {
    int64_t now = env_now(k->cli->env), length;
    if (time_parse(slice_str(text), now, out))
        return OBOL_OK;
    ENSURE(duration_parse(slice_str(text), &length), USAGE,
           "'%s' is no time: write 2027-01-31, \"90 days\", now or never", text);
    *out = now + length;
    return OBOL_OK;
}

static enum obol_code take_length(const char *text, int64_t *out, struct error *err) {
    ENSURE(duration_parse(slice_str(text), out), USAGE, "'%s' is no length of time: write 10h, 1d",
           text);
    return OBOL_OK;
}

static enum obol_code take_value(struct kadmin *k, const char *name, const char *value,
                                 struct options *o, struct error *err) {
    struct admin_change *ch = &o->change;
    if (strcmp(name, "-pw") == 0) {
        o->password = slice_str(value);
        o->has_password = true;
        return OBOL_OK;
    }
    if (strcmp(name, "-e") == 0)
        return kadmin_enctypes(k, value, &o->keys.enctypes, err);
    if (strcmp(name, "-policy") == 0) {
        ch->policy = slice_str(value);
        ch->present |= ADMIN_SET_POLICY;
        return OBOL_OK;
    }
    if (strcmp(name, "-expire") == 0) {
        ch->present |= ADMIN_SET_EXPIRES;
        return take_time(k, value, &ch->expires, err);
    }
    if (strcmp(name, "-pwexpire") == 0) {
        ch->present |= ADMIN_SET_PASSWORD_EXPIRES;
        return take_time(k, value, &ch->password_expires, err);
    }
    if (strcmp(name, "-kvno") == 0) {
        int64_t kvno;
        ENSURE(number_parse(slice_str(value), &kvno) && kvno > 0 && kvno < UINT32_MAX, USAGE,
               "'%s' is no kvno", value);
        ch->kvno = o->keys.kvno = (uint32_t)kvno;
        ch->present |= ADMIN_SET_KVNO;
        return OBOL_OK;
    }
    if (strcmp(name, "-maxlife") == 0) {
        ch->present |= ADMIN_SET_MAX_LIFE;
        return take_length(value, &ch->max_life, err);
    }
    if (strcmp(name, "-maxrenewlife") == 0) {
        ch->present |= ADMIN_SET_MAX_RENEW;
        return take_length(value, &ch->max_renew, err);
    }
    return error_set(err, OBOL_USAGE, __func__, "there is no option %s", name);
}

static enum obol_code take_options(struct kadmin *k, int argc, char **argv, struct options *o,
                                   struct error *err) {
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *value;
        if (i == argc - 1 && word[0] != '-') {
            o->name = word;
        } else if (is_flag(word)) {
            TRY(take_flag(word, o, err));
        } else if (strcmp(word, "-randkey") == 0) {
            o->random = true;
        } else if (strcmp(word, "-nokey") == 0) {
            o->keys.none = true;
        } else if (strcmp(word, "-keepold") == 0) {
            o->keys.keep_old = UINT32_MAX;
        } else if (strcmp(word, "-unlock") == 0) {
            o->change.unlock = true;
        } else if (strcmp(word, "-clearpolicy") == 0) {
            o->change.policy = (struct slice){0};
            o->change.present |= ADMIN_SET_POLICY;
        } else {
            ENSURE(word[0] == '-', USAGE, "'%s' stands where an option is expected", word);
            TRY(kadmin_need_value(argc, argv, &i, &value, err));
            TRY(take_value(k, word, value, o, err));
        }
    }
    ENSURE(o->name, USAGE, "a principal is needed");
    return OBOL_OK;
}

// A line of the session's own input, which stdio has read ahead of.
static enum obol_code read_line(struct kadmin *k, const char *prompt, struct slice name,
                                struct secret *out, struct error *err) {
    char *line = NULL;
    size_t room = 0;
    cli_print(k->cli, CLI_PLAIN, "%s for principal \"%.*s\": ", prompt, SLICE_ARG(name));
    cli_flush(k->cli);
    ssize_t len = getline(&line, &room, stdin);
    if (len > 0 && line[len - 1] == '\n')
        len--;
    cli_print(k->cli, CLI_PLAIN, "\n");
    bool kept = len > 0 && len <= CLI_PASSWORD_MAX && secret_copy(out, slice_of(line, (size_t)len));
    if (line)
        wipe(line, room);
    free(line);
    ENSURE(len > 0, PASSWORD_NEEDED, "the input has none");
    ENSURE(kept, INVALID_ARGUMENT, "the password is longer than %d bytes, or there is no memory",
           CLI_PASSWORD_MAX);
    return OBOL_OK;
}

// As with MIT's: a script that gives the requests gives the passwords that they ask for.
static enum obol_code read_password(struct kadmin *k, struct slice name, struct secret *room,
                                    struct error *err) {
    CLEANUP(secret_clear) struct secret again = {0};
    TRY(read_line(k, "Enter password", name, room, err));
    TRY(read_line(k, "Re-enter password", name, &again, err));
    ENSURE(ct_equal(secret_slice(room), secret_slice(&again)), INVALID_ARGUMENT,
           "the two passwords differ");
    return OBOL_OK;
}

// The password that was given, or asked for twice.
static enum obol_code password(struct kadmin *k, struct options *o, struct slice name,
                               struct secret *room, struct error *err) {
    if (o->random || o->keys.none)
        return OBOL_OK;
    if (!o->has_password) {
        struct slice prompt =
            arena_printf(k->cli->arena, "Enter password for principal \"%.*s\"", SLICE_ARG(name));
        if (isatty(STDIN_FILENO))
            TRY(cli_new_password(k->cli, prompt, room, err));
        else
            TRY(read_password(k, name, room, err));
        o->password = secret_slice(room);
    }
    o->keys.password = &o->password;
    return OBOL_OK;
}

static bool there_is(struct kadmin *k, struct slice policy) {
    struct policy p;
    return k->back->policy_get(k, policy, &p, NULL) == OBOL_OK;
}

// As with MIT's: whoever is added without a word about policies gets the one named default.
static void choose_policy(struct kadmin *k, struct options *o, struct slice name) {
    if (o->change.policy.len && !there_is(k, o->change.policy))
        kadmin_say(k, KADMIN_REMARK, "WARNING: policy \"%.*s\" does not exist",
                   SLICE_ARG(o->change.policy));
    if (o->change.present & ADMIN_SET_POLICY)
        return;
    if (there_is(k, SLICE_LITERAL("default"))) {
        kadmin_say(k, KADMIN_REMARK, "No policy specified for %.*s; assigning \"default\"",
                   SLICE_ARG(name));
        o->change.policy = SLICE_LITERAL("default");
    } else {
        kadmin_say(k, KADMIN_REMARK, "No policy specified for %.*s; defaulting to no policy",
                   SLICE_ARG(name));
    }
}

enum obol_code kadmin_add(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct options o = {0};
    struct slice name;
    CLEANUP(secret_clear) struct secret room = {0};
    TRY(take_options(k, argc, argv, &o, err));
    TRY(kadmin_full_name(k, o.name, &name, err));
    choose_policy(k, &o, name);
    TRY(password(k, &o, name, &room, err));
    // As with MIT's: whoever is added may log in and be a service, unless flags say otherwise.
    const struct admin_change *ch = &o.change;
    const struct admin_new_principal p = {
        .name = name,
        .kind = ADMIN_SERVICE,
        .keys = o.keys,
        .set_flags = ch->set_flags,
        .clear_flags = ch->clear_flags | (RECORD_NO_CLIENT & ~ch->set_flags),
        .max_life = ch->max_life,
        .max_renew = ch->max_renew,
        .expires = ch->expires,
        .password_expires = ch->password_expires,
        .policy = ch->policy,
    };
    TRY(k->back->add(k, &p, err));
    kadmin_say(k, KADMIN_DONE, "Principal \"%.*s\" created.\n", SLICE_ARG(name));
    return OBOL_OK;
}

enum obol_code kadmin_modify(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct options o = {0};
    struct slice name;
    TRY(take_options(k, argc, argv, &o, err));
    ENSURE(!o.has_password && !o.random, USAGE, "keys are changed by change_password");
    TRY(kadmin_full_name(k, o.name, &name, err));
    TRY(k->back->set(k, name, &o.change, err));
    kadmin_say(k, KADMIN_DONE, "Principal \"%.*s\" modified.\n", SLICE_ARG(name));
    return OBOL_OK;
}

enum obol_code kadmin_password(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct options o = {0};
    struct slice name;
    CLEANUP(secret_clear) struct secret room = {0};
    TRY(take_options(k, argc, argv, &o, err));
    TRY(kadmin_full_name(k, o.name, &name, err));
    TRY(password(k, &o, name, &room, err));
    TRY(k->back->password(k, name, &o.keys, err));
    kadmin_say(k, KADMIN_DONE,
               o.random ? "Key for \"%.*s\" randomized.\n" : "Password for \"%.*s\" changed.\n",
               SLICE_ARG(name));
    return OBOL_OK;
}

// The options in front of the names of delprinc and renprinc.
static bool take_force(int *argc, char ***argv) {
    bool forced = *argc > 0 && strcmp((*argv)[0], "-force") == 0;
    *argc -= forced;
    *argv += forced;
    return forced;
}

enum obol_code kadmin_add_alias(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct slice alias, name;
    ENSURE(argc == 2, USAGE, "the alias and its principal are needed");
    TRY(kadmin_full_name(k, argv[0], &alias, err));
    TRY(kadmin_full_name(k, argv[1], &name, err));
    const struct admin_change change = {.aliases = {&alias, 1}};
    TRY(k->back->set(k, name, &change, err));
    kadmin_say(k, KADMIN_DONE, "Alias \"%.*s\" of \"%.*s\" added.\n", SLICE_ARG(alias),
               SLICE_ARG(name));
    return OBOL_OK;
}

enum obol_code kadmin_delete(struct kadmin *k, int argc, char **argv, struct error *err) {
    bool forced = take_force(&argc, &argv);
    struct slice name;
    ENSURE(argc == 1, USAGE, "one principal is needed");
    TRY(kadmin_full_name(k, argv[0], &name, err));
    if (!kadmin_confirm(k, forced, "Are you sure you want to delete the principal", name)) {
        kadmin_say(k, KADMIN_REMARK, "Principal \"%.*s\" not deleted", SLICE_ARG(name));
        return OBOL_OK;
    }
    TRY(k->back->remove(k, name, err));
    kadmin_say(k, KADMIN_DONE,
               "Principal \"%.*s\" deleted.\nMake sure that you have removed this principal from "
               "all ACLs before reusing.\n",
               SLICE_ARG(name));
    return OBOL_OK;
}

enum obol_code kadmin_rename(struct kadmin *k, int argc, char **argv, struct error *err) {
    bool forced = take_force(&argc, &argv);
    struct slice from, to;
    ENSURE(argc == 2, USAGE, "the old name and the new one are needed");
    TRY(kadmin_full_name(k, argv[0], &from, err));
    TRY(kadmin_full_name(k, argv[1], &to, err));
    if (!kadmin_confirm(k, forced, "Are you sure you want to rename the principal", from)) {
        kadmin_say(k, KADMIN_REMARK, "Principal \"%.*s\" not renamed", SLICE_ARG(from));
        return OBOL_OK;
    }
    TRY(k->back->rename(k, from, to, err));
    kadmin_say(k, KADMIN_DONE,
               "Principal \"%.*s\" renamed to \"%.*s\".\nMake sure that you have removed the old "
               "principal from all ACLs before reusing.\n",
               SLICE_ARG(from), SLICE_ARG(to));
    return OBOL_OK;
}

static enum obol_code set_string(struct kadmin *k, const char *who, const char *key,
                                 const char *value, struct error *err) {
    struct record_attribute attribute = {slice_str(key), slice_str(value)};
    const struct admin_change change = {.attributes = {&attribute, 1}};
    struct slice name;
    TRY(kadmin_full_name(k, who, &name, err));
    TRY(k->back->set(k, name, &change, err));
    kadmin_say(k, KADMIN_DONE, "Attribute %s principal \"%.*s\".\n",
               value ? "set for" : "removed from", SLICE_ARG(name));
    return OBOL_OK;
}

enum obol_code kadmin_set_string(struct kadmin *k, int argc, char **argv, struct error *err) {
    ENSURE(argc == 3, USAGE, "principal, key and value are needed");
    return set_string(k, argv[0], argv[1], argv[2], err);
}

enum obol_code kadmin_delete_string(struct kadmin *k, int argc, char **argv, struct error *err) {
    ENSURE(argc == 2, USAGE, "principal and key are needed");
    return set_string(k, argv[0], argv[1], NULL, err);
}
