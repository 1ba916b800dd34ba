// context.c: krb5_context: made from krb5.conf, used by one thread at a time, as programs expect.
#include "compat/context.h"
#include "compat/private.h"
#include "compat/trace.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define CONF_ARENA       32768u
#define CONF_ARENA_LIMIT (16u << 20)

krb5_error_code krb5_init_context(krb5_context *out) {
    if (!out)
        return EINVAL;
    *out = NULL;
    com_err_register();
    krb5_context context = calloc(1, sizeof *context);
    if (!context || !arena_init(&context->arena, CONF_ARENA, CONF_ARENA_LIMIT)) {
        free(context);
        return ENOMEM;
    }
    struct error err;
    error_init(&err);
    enum obol_code code = krb5conf_load(&context->conf, (struct slice){0}, &context->arena, &err);
    if (code != OBOL_OK) {
        krb5_free_context(context);
        return error_krb5_code(code);
    }
    context->net_trace = (struct net_trace){context, trace_event};
    trace_begin(context);
    *out = context;
    return 0;
}

// Environment variables are read with secure_getenv throughout, so that every context is what this
// one is named for.
krb5_error_code krb5_init_secure_context(krb5_context *out) {
    return krb5_init_context(out);
}

krb5_error_code krb5_copy_context(krb5_context context, krb5_context *out) {
    krb5_context copy = NULL;
    if (!context || !out)
        return EINVAL;
    *out = NULL;
    krb5_error_code code = krb5_init_context(&copy);
    if (code || !copy)
        return code;
    if (context->default_realm)
        code = krb5_set_default_realm(copy, context->default_realm);
    if (!code && context->default_ccache)
        code = krb5_cc_set_default_name(copy, context->default_ccache);
    if (!code && context->tgs_etypes)
        code = krb5_set_default_tgs_enctypes(copy, context->tgs_etypes);
    if (code) {
        krb5_free_context(copy);
        return code;
    }
    copy->offset_us = context->offset_us;
    *out = copy;
    return 0;
}

void krb5_free_context(krb5_context context) {
    if (!context)
        return;
    (void)krb5_set_trace_callback(context, NULL, NULL);
    free(context->default_realm);
    free(context->default_ccache);
    free(context->tgs_etypes);
    free(context->text);
    arena_clear(&context->arena);
    free(context);
}

krb5_error_code call_begin(struct call *c, krb5_context context) {
    // The large members of `err` and the arena are touched only if they are used.
    c->context = context;
    c->arena = (struct arena){0};
    c->as = 0;
    error_init(&c->err);
    if (!context)
        return EINVAL;
    return arena_init(&c->arena, CALL_ARENA, CALL_ARENA_LIMIT) ? 0 : ENOMEM;
}

void call_clear(struct call *c) {
    arena_clear(&c->arena);
}

static void context_keep(krb5_context context, krb5_error_code code, char *text) {
    free(context->text);
    context->text = text;
    context->code = code;
}

krb5_error_code call_end(struct call *c, enum obol_code code) {
    if (code == OBOL_OK)
        return 0;
    if (c->err.code == OBOL_OK)
        (void)error_set(&c->err, code, __func__, "no more is known");
    krb5_error_code number = c->as                    ? c->as
                             : code == OBOL_NO_MEMORY ? ENOMEM
                                                      : error_krb5_code(code);
    struct writer w = writer_to_arena(&c->arena);
    error_write_line(&c->err, &w);
    struct slice text = writer_slice(&w);
    context_keep(c->context, number, text.len ? strndup((const char *)text.ptr, text.len) : NULL);
    return number;
}

krb5_error_code context_fail(krb5_context context, krb5_error_code code, const char *format, ...) {
    if (!context)
        return code;
    char line[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    context_keep(context, code, n > 0 ? strdup(line) : NULL);
    return code;
}

struct slice context_realm(krb5_context context) {
    return context->default_realm ? slice_str(context->default_realm) : context->conf.default_realm;
}

struct net context_net(krb5_context context) {
    return (struct net){.conf = &context->conf,
                        .trace = context->trace ? &context->net_trace : NULL};
}

int64_t context_now_us(krb5_context context) {
    return env_now_us(env_system()) + (context ? context->offset_us : 0);
}

krb5_error_code krb5_timeofday(krb5_context context, krb5_timestamp *out) {
    if (!context || !out)
        return EINVAL;
    *out = (krb5_timestamp)(uint32_t)(context_now_us(context) / 1000000);
    return 0;
}

krb5_error_code krb5_us_timeofday(krb5_context context, krb5_timestamp *seconds,
                                  krb5_int32 *microseconds) {
    if (!context || !seconds || !microseconds)
        return EINVAL;
    int64_t now = context_now_us(context);
    *seconds = (krb5_timestamp)(uint32_t)(now / 1000000);
    *microseconds = (krb5_int32)(now % 1000000);
    return 0;
}

krb5_error_code krb5_set_real_time(krb5_context context, krb5_timestamp seconds,
                                   krb5_int32 microseconds) {
    if (!context)
        return EINVAL;
    int64_t real = (int64_t)(uint32_t)seconds * 1000000;
    int64_t ours = env_now_us(env_system());
    // -1 stands for "as it is".
    real += microseconds == -1 ? ours % 1000000 : microseconds;
    context->offset_us = real - ours;
    return 0;
}

krb5_error_code krb5_get_time_offsets(krb5_context context, krb5_timestamp *seconds,
                                      krb5_int32 *microseconds) {
    if (!context)
        return EINVAL;
    if (seconds)
        *seconds = (krb5_timestamp)(context->offset_us / 1000000);
    if (microseconds)
        *microseconds = (krb5_int32)(context->offset_us % 1000000);
    return 0;
}

krb5_error_code krb5_get_default_realm(krb5_context context, char **out) {
    if (!context || !out)
        return EINVAL;
    *out = NULL;
    struct slice realm = context_realm(context);
    if (realm.len == 0)
        return context_fail(context, KRB5_CONFIG_NODEFREALM,
                            "no default realm: set `default_realm` in krb5.conf");
    *out = strndup((const char *)realm.ptr, realm.len);
    return *out ? 0 : ENOMEM;
}

krb5_error_code krb5_set_default_realm(krb5_context context, const char *realm) {
    if (!context)
        return EINVAL;
    char *copy = realm ? strdup(realm) : NULL;
    if (realm && !copy)
        return ENOMEM;
    free(context->default_realm);
    context->default_realm = copy;
    return 0;
}

void krb5_free_default_realm(krb5_context context, char *realm) {
    UNUSED(context);
    free(realm);
}

// Lists of enctypes end in 0.
krb5_error_code krb5_set_default_tgs_enctypes(krb5_context context, const krb5_enctype *etypes) {
    if (!context)
        return EINVAL;
    size_t n = 0;
    while (etypes && etypes[n])
        n++;
    krb5_enctype *copy = NULL;
    if (n && !(copy = calloc(n + 1, sizeof *copy)))
        return ENOMEM;
    if (n)
        memcpy(copy, etypes, n * sizeof *copy);
    free(context->tgs_etypes);
    context->tgs_etypes = copy;
    context->tgs_etype_count = n;
    return 0;
}

krb5_error_code krb5_get_permitted_enctypes(krb5_context context, krb5_enctype **out) {
    if (!context || !out)
        return EINVAL;
    struct int32_list from = context->conf.permitted_enctypes;
    krb5_enctype *list = calloc(from.count + 1, sizeof *list);
    if (!list)
        return ENOMEM;
    for (size_t i = 0; i < from.count; i++)
        list[i] = from.items[i];
    *out = list;
    return 0;
}

void krb5_free_enctypes(krb5_context context, krb5_enctype *list) {
    UNUSED(context);
    free(list);
}
