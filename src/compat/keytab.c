// keytab.c: keytabs as programs handle them.
#include "compat/keytab.h"
#include "compat/convert.h"
#include "compat/private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static enum obol_code kt_read(krb5_keytab kt, struct arena *a, struct keytab_content *out,
                              struct error *err) {
    ENSURE(kt_is(kt), INVALID_ARGUMENT, "no keytab was given");
    return keytab_read(kt->path, a, out, err);
}

enum obol_code kt_open(struct call *c, krb5_keytab kt, struct keytab_content *out,
                       const char **path) {
    struct error *err = &c->err;
    if (kt) {
        ENSURE(kt_is(kt), INVALID_ARGUMENT, "the keytab is closed");
        *path = kt->path;
        return kt_read(kt, &c->arena, out, err);
    }
    TRY(keytab_path((struct slice){0}, &c->context->conf, &c->arena, path, err));
    return keytab_read(*path, &c->arena, out, err);
}

// The prefix that names a file, as MIT's programs show it: it stays as it was written.
static struct slice prefix_of(struct slice name) {
    struct slice wrfile = SLICE_LITERAL("WRFILE:");
    return slice_starts(name, wrfile) ? wrfile : SLICE_LITERAL("FILE:");
}

static enum obol_code open_file(struct call *c, struct slice name, const char *path,
                                krb5_keytab *out) {
    struct error *err = &c->err;
    struct slice prefix = prefix_of(name);
    krb5_keytab kt = calloc(1, sizeof *kt);
    if (!kt || asprintf(&kt->name, "%.*s%s", SLICE_ARG(prefix), path) < 0) {
        free(kt);
        ENSURE(false, NO_MEMORY, "no memory for a keytab's handle");
    }
    kt->magic = KV5M_KEYTAB;
    kt->path = kt->name + prefix.len;
    *out = kt;
    return OBOL_OK;
}

static enum obol_code open_memory(struct call *c, struct slice name, krb5_keytab *out) {
    struct error *err = &c->err;
    krb5_keytab kt = calloc(1, sizeof *kt);
    if (kt && (kt->name = bytes_out(name)))
        kt->memory = keytab_memory_open(kt->name);
    if (!kt || !kt->memory) {
        if (kt)
            free(kt->name);
        free(kt);
        ENSURE(false, NO_MEMORY, "no memory for a keytab's handle");
    }
    kt->magic = KV5M_KEYTAB;
    kt->path = kt->name;
    *out = kt;
    return OBOL_OK;
}

static enum obol_code resolve(struct call *c, struct slice name, krb5_keytab *out) {
    struct error *err = &c->err;
    const char *path;
    if (keytab_memory_is(name))
        return open_memory(c, name, out);
    enum obol_code code = keytab_path(name, &c->context->conf, &c->arena, &path, err);
    if (code == OBOL_UNSUPPORTED)
        c->as = KRB5_KT_UNKNOWN_TYPE;
    TRY(code);
    return open_file(c, name, path, out);
}

krb5_error_code krb5_kt_resolve(krb5_context context, const char *name, krb5_keytab *out) {
    CALL(call, context);
    if (!name || !out)
        return EINVAL;
    *out = NULL;
    if (!*name)
        return context_fail(context, KRB5_KT_BADNAME, "the name of a keytab is empty");
    return call_end(&call, resolve(&call, slice_str(name), out));
}

krb5_error_code krb5_kt_dup(krb5_context context, krb5_keytab kt, krb5_keytab *out) {
    return kt_is(kt) ? krb5_kt_resolve(context, kt->name, out) : EINVAL;
}

// The default keytab may be one in memory: KRB5_KTNAME=MEMORY:x.
static struct slice default_name(krb5_context context) {
    const char *named = secure_getenv("KRB5_KTNAME");
    return named && *named ? slice_str(named) : context->conf.default_keytab_name;
}

krb5_error_code krb5_kt_default(krb5_context context, krb5_keytab *out) {
    CALL(call, context);
    if (!out)
        return EINVAL;
    *out = NULL;
    struct slice named = default_name(context);
    if (keytab_memory_is(named))
        return call_end(&call, open_memory(&call, named, out));
    const char *path;
    enum obol_code code =
        keytab_path((struct slice){0}, &context->conf, &call.arena, &path, &call.err);
    if (code == OBOL_OK)
        code = open_file(&call, named, path, out);
    return call_end(&call, code);
}

krb5_error_code krb5_kt_client_default(krb5_context context, krb5_keytab *out) {
    CALL(call, context);
    const char *path;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = keytab_client_path(&context->conf, &call.arena, &path, &call.err);
    if (code == OBOL_OK)
        code = open_file(&call, (struct slice){0}, path, out);
    return call_end(&call, code);
}

static krb5_error_code copy_name(const char *from, char *name, int size) {
    if (!name || size <= 0)
        return EINVAL;
    size_t len = strlen(from) + 1;
    if (len > (size_t)size)
        return KRB5_KT_NAME_TOOLONG;
    memcpy(name, from, len);
    return 0;
}

krb5_error_code krb5_kt_default_name(krb5_context context, char *name, int size) {
    krb5_keytab kt = NULL;
    krb5_error_code code = krb5_kt_default(context, &kt);
    if (code || !kt) {
        (void)krb5_kt_close(context, kt);
        return code;
    }
    code = copy_name(kt->name, name, size);
    (void)krb5_kt_close(context, kt);
    return code == KRB5_KT_NAME_TOOLONG ? KRB5_CONFIG_NOTENUFSPACE : code;
}

krb5_error_code krb5_kt_get_name(krb5_context context, krb5_keytab kt, char *name, unsigned size) {
    UNUSED(context);
    return kt_is(kt) ? copy_name(kt->name, name, size > INT32_MAX ? INT32_MAX : (int)size) : EINVAL;
}

const char *krb5_kt_get_type(krb5_context context, krb5_keytab kt) {
    UNUSED(context);
    if (!kt_is(kt))
        return NULL;
    if (kt->memory)
        return "MEMORY";
    return kt->name[0] == 'W' ? "WRFILE" : "FILE";
}

krb5_error_code krb5_kt_close(krb5_context context, krb5_keytab kt) {
    UNUSED(context);
    if (!kt_is(kt))
        return 0;
    kt->magic = 0;
    keytab_memory_close(kt->memory);
    free(kt->name);
    free(kt);
    return 0;
}

// ---- entries

struct cursor {
    krb5_magic magic;
    struct arena arena;
    struct keytab_content content;
    size_t at;
};

#define CURSOR_MAGIC 0x6f626b74
#define CURSOR_ARENA 32768u

krb5_error_code krb5_kt_start_seq_get(krb5_context context, krb5_keytab kt, krb5_kt_cursor *out) {
    CALL(call, context);
    if (!out)
        return EINVAL;
    *out = NULL;
    struct cursor *cursor = calloc(1, sizeof *cursor);
    if (!cursor || !arena_init(&cursor->arena, CURSOR_ARENA, CALL_ARENA_LIMIT * 2)) {
        free(cursor);
        return ENOMEM;
    }
    cursor->magic = CURSOR_MAGIC;
    enum obol_code code = kt_read(kt, &cursor->arena, &cursor->content, &call.err);
    // Programs tell a file that is not there by its errno.
    if (code == OBOL_KEYTAB_NOT_FOUND)
        call.as = ENOENT;
    if (code == OBOL_OK)
        *out = cursor;
    else
        (void)krb5_kt_end_seq_get(context, kt, (krb5_kt_cursor *)&cursor);
    return call_end(&call, code);
}

krb5_error_code krb5_kt_next_entry(krb5_context context, krb5_keytab kt, krb5_keytab_entry *entry,
                                   krb5_kt_cursor *cursor) {
    UNUSED(context);
    struct cursor *c = cursor ? *cursor : NULL;
    if (!kt_is(kt) || !c || c->magic != CURSOR_MAGIC || !entry)
        return EINVAL;
    if (c->at == c->content.count)
        return KRB5_KT_END;
    return entry_out(entry, &c->content.entries[c->at++]) ? 0 : ENOMEM;
}

krb5_error_code krb5_kt_end_seq_get(krb5_context context, krb5_keytab kt, krb5_kt_cursor *cursor) {
    UNUSED(context);
    UNUSED(kt);
    struct cursor *c = cursor ? *cursor : NULL;
    if (!c || c->magic != CURSOR_MAGIC)
        return 0;
    c->magic = 0;
    arena_clear(&c->arena);
    free(c);
    *cursor = NULL;
    return 0;
}

// A keytab says a version that is missing by a code of its own.
static enum obol_code find(struct call *c, krb5_keytab kt, krb5_const_principal name,
                           krb5_kvno kvno, krb5_enctype etype, const struct keytab_entry **out) {
    struct error *err = &c->err;
    struct keytab_content content;
    struct principal p;
    const char *path;
    TRY(principal_in(name, &c->arena, &p, err));
    enum obol_code code = kt_open(c, kt, &content, &path);
    if (code == OBOL_KEYTAB_NOT_FOUND)
        c->as = ENOENT;
    TRY(code);
    code = keytab_find(&content, path, &p, kvno, etype, out, err);
    if (code == OBOL_KEYTAB_NO_ENTRY && kvno &&
        keytab_find(&content, path, &p, 0, etype, out, NULL) == OBOL_OK)
        c->as = KRB5_KT_KVNONOTFOUND;
    return code;
}

krb5_error_code krb5_kt_get_entry(krb5_context context, krb5_keytab kt, krb5_const_principal name,
                                  krb5_kvno kvno, krb5_enctype etype, krb5_keytab_entry *out) {
    CALL(call, context);
    const struct keytab_entry *found;
    if (!kt_is(kt) || !out)
        return EINVAL;
    enum obol_code code = find(&call, kt, name, kvno, etype, &found);
    if (code == OBOL_OK && !entry_out(out, found))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_kt_read_service_key(krb5_context context, krb5_pointer keytab,
                                         krb5_principal name, krb5_kvno kvno, krb5_enctype etype,
                                         krb5_keyblock **out) {
    krb5_keytab kt = NULL;
    krb5_keytab_entry entry;
    if (!out)
        return EINVAL;
    *out = NULL;
    krb5_error_code code =
        keytab ? krb5_kt_resolve(context, keytab, &kt) : krb5_kt_default(context, &kt);
    if (code || !kt) {
        (void)krb5_kt_close(context, kt);
        return code;
    }
    code = krb5_kt_get_entry(context, kt, name, kvno, etype, &entry);
    if (code == 0) {
        code = krb5_copy_keyblock(context, &entry.key, out);
        (void)krb5_free_keytab_entry_contents(context, &entry);
    }
    (void)krb5_kt_close(context, kt);
    return code;
}

krb5_error_code krb5_kt_have_content(krb5_context context, krb5_keytab kt) {
    CALL(call, context);
    struct keytab_content content;
    const char *path;
    enum obol_code code = kt_open(&call, kt, &content, &path);
    if (code != OBOL_OK) {
        call.as = KRB5_KT_NOTFOUND;
        return call_end(&call, code);
    }
    return content.count ? 0 : context_fail(context, KRB5_KT_NOTFOUND, "%s holds no key", path);
}

static enum obol_code entry_in(struct call *c, const krb5_keytab_entry *from,
                               struct keytab_entry *out) {
    struct error *err = &c->err;
    ENSURE(from, INVALID_ARGUMENT, "no entry was given");
    *out = (struct keytab_entry){
        .timestamp = env_now(env_system()),
        .kvno = from->vno,
        .key = {from->key.enctype, keyblock_in(&from->key)},
    };
    return principal_in(from->principal, &c->arena, &out->principal, err);
}

krb5_error_code krb5_kt_add_entry(krb5_context context, krb5_keytab kt, krb5_keytab_entry *entry) {
    CALL(call, context);
    struct keytab_entry e;
    if (!kt_is(kt))
        return EINVAL;
    enum obol_code code = entry_in(&call, entry, &e);
    if (code == OBOL_OK)
        code = keytab_add(kt->path, &e, 1, &call.err);
    return call_end(&call, code);
}

krb5_error_code krb5_kt_remove_entry(krb5_context context, krb5_keytab kt,
                                     krb5_keytab_entry *entry) {
    CALL(call, context);
    struct keytab_entry e;
    if (!kt_is(kt))
        return EINVAL;
    enum obol_code code = entry_in(&call, entry, &e);
    if (code == OBOL_OK)
        code = keytab_remove(kt->path, &e.principal, e.kvno, e.key.keytype, NULL, &call.err);
    return call_end(&call, code);
}

// The first principal of a keytab: whom `kinit -k` logs in without a name.
krb5_error_code k5_kt_get_principal(krb5_context context, krb5_keytab kt, krb5_principal *out) {
    CALL(call, context);
    struct keytab_content content;
    const char *path;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = kt_open(&call, kt, &content, &path);
    if (code != OBOL_OK)
        return call_end(&call, code);
    if (content.count == 0)
        return context_fail(context, KRB5_KT_NOTFOUND, "%s holds no key", path);
    return principal_out(out, &content.entries[0].principal) ? 0 : ENOMEM;
}
