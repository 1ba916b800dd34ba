// error.c: the texts of failures. What the layers below have said of the last failure is kept in
// the context; any other code has a general text, from the list of Obol's own errors or from the
// table below for codes that Obol's list has no word for.
#include "compat/context.h"
#include "compat/convert.h"
#include "compat/private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct text_of_code {
    krb5_error_code code;
    const char *text;
};
// clang-format off
static const struct text_of_code TEXTS[] = {
    {KRB5KDC_ERR_NONE, "no error"},
    {KRB5_LIBOS_CANTREADPWD, "the password cannot be read"},
    {KRB5_LIBOS_BADPWDMATCH, "the two passwords differ"},
    {KRB5_LIBOS_PWDINTR, "the reading of the password was interrupted"},
    {KRB5_PARSE_ILLCHAR, "a character is not allowed in a name"},
    {KRB5_CONFIG_CANTOPEN, "the configuration cannot be read"},
    {KRB5_CONFIG_NOTENUFSPACE, "the buffer is too small"},
    {KRB5_BADMSGTYPE, "no such type of message can be made"},
    {KRB5_CC_BADNAME, "the name of a credential cache is malformed"},
    {KRB5_CC_UNKNOWN_TYPE, "this kind of credential cache is not known"},
    {KRB5_CC_END, "the credential cache has no further entry"},
    {KRB5_NO_TKT_SUPPLIED, "no ticket was given"},
    {KRB5KRB_AP_WRONG_PRINC, "the ticket is for another service"},
    {KRB5KRB_AP_ERR_TKT_INVALID, "the ticket is marked as not valid yet"},
    {KRB5_PRINC_NOMATCH, "the names do not match"},
    {KRB5_KDCREP_SKEW, "the clocks of the KDC and this machine differ too much"},
    {KRB5_IN_TKT_REALM_MISMATCH, "client and service of an initial ticket are of different realms"},
    {KRB5_PROG_KEYTYPE_NOSUPP, "the type of key is not supported"},
    {KRB5_WRONG_ETYPE, "the message is sealed with another enctype than was asked for"},
    {KRB5_SERVICE_UNKNOWN, "the service is not known"},
    {KRB5_NO_LOCALNAME, "the principal has no local name"},
    {KRB5_RC_REPLAY, "the message is a replay"},
    {KRB5_LNAME_NOTRANS, "no rule of auth_to_local gives the principal a local account"},
    {KRB5_LNAME_BADFORMAT, "a rule of auth_to_local is malformed"},
    {KRB5_KT_BADNAME, "the name of a keytab is malformed"},
    {KRB5_KT_UNKNOWN_TYPE, "this kind of keytab is not known"},
    {KRB5_KT_END, "the keytab has no further entry"},
    {KRB5_KT_NOWRITE, "this kind of keytab cannot be written"},
    {KRB5_NO_TKT_IN_RLM, "there is no TGT for the realm"},
    {KRB5_BAD_MSIZE, "the message has not the length that it must have"},
    {KRB5_CC_NOMEM, "no memory for a credential cache"},
    {KRB5_CC_NOT_KTYPE, "the cache has no ticket of the enctypes that were asked for"},
    {KRB5_INVALID_FLAGS, "these flags do not go together"},
    {KRB5_NO_2ND_TKT, "the second ticket is missing"},
    {KRB5_NOCREDS_SUPPLIED, "no credentials were given"},
    {KRB5_SENDAUTH_BADAUTHVERS, "the other side speaks another version of sendauth"},
    {KRB5_SENDAUTH_BADAPPLVERS, "the other side speaks for another application"},
    {KRB5_SENDAUTH_BADRESPONSE, "the other side's answer is malformed"},
    {KRB5_SENDAUTH_REJECTED, "the other side refused the authentication"},
    {KRB5_RC_REQUIRED, "a replay cache is needed here"},
    {KRB5_ERR_BAD_HOSTNAME, "the name of the host cannot be found out"},
    {KRB5_ERR_HOST_REALM_UNKNOWN, "the realm of the host is not known"},
    {KRB5_SNAME_UNSUPP_NAMETYPE, "no service name can be made of this type"},
    {KRB5_REALM_CANT_RESOLVE, "no KDC of the realm has an address"},
    {KRB5_TKT_NOT_FORWARDABLE, "the ticket may not be forwarded"},
    {KRB5_FWD_BAD_PRINCIPAL, "the name to forward credentials to is not that of a service"},
    {KRB5_KT_NAME_TOOLONG, "the keytab's name is longer than the buffer"},
    {KRB5_KT_KVNONOTFOUND, "the keytab holds no key of this version"},
    {KRB5_CHPW_PWDNULL, "the new password is empty"},
    {KRB5_CHPW_FAIL, "the password was not changed"},
    {KRB5_NOPERM_ETYPE, "the enctype is not permitted by krb5.conf"},
    {KRB5_CONFIG_ETYPE_NOSUPP, "krb5.conf names no enctype that is supported"},
    {KRB5_ERR_BAD_S2K_PARAMS, "the parameters for deriving a key from a password are malformed"},
    {KRB5_CC_READONLY, "the credential cache cannot be written"},
    {KRB5_CC_NOSUPP, "this kind of credential cache cannot do that"},
    {KRB5_DELTAT_BADFORMAT, "the length of time is malformed"},
    {KRB5_PLUGIN_OP_NOTSUPP, "the operation is not supported"},
    {KRB5_ERR_INVALID_UTF8, "the text is not valid UTF-8"},
    {KRB5_ERR_FAST_REQUIRED, "FAST is required, and the KDC does not do it"},
    {KRB5_LOCAL_ADDR_REQUIRED, "the local address is needed"},
    {KRB5_REMOTE_ADDR_REQUIRED, "the remote address is needed"},
    {KRB5_TRACE_NOSUPP, "tracing is not supported"},
};
// clang-format on

// The codes of a KRB-ERROR, and those that Obol's own list maps to.
static const char *text_of_list(krb5_error_code code) {
    for (enum obol_code c = OBOL_OK + 1; c < OBOL_CODE_COUNT; c++)
        if (error_krb5_code(c) == code)
            return error_info(c)->text;
    return NULL;
}

const char *code_text(krb5_error_code code) {
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
        if (TEXTS[i].code == code)
            return TEXTS[i].text;
    return text_of_list(code);
}

// A code's text whatever it is: a system's errno is below the tables of libcom_err.
static char *general_text(krb5_error_code code) {
    const char *known = code_text(code);
    char *text = NULL;
    char buffer[256];
    if (known)
        return strdup(known);
    if (code >= 0 && code < 0x10000)
        return strdup(code ? strerror_r(code, buffer, sizeof buffer) : "success");
    return asprintf(&text, "error code %ld of a table that is not known", (long)code) < 0 ? NULL
                                                                                          : text;
}

// What is known of a failure; on the heap.
static char *known_text(krb5_context context, krb5_error_code code) {
    if (context && context->text && context->code == code)
        return strdup(context->text);
    return general_text(code);
}

// The text as err_fmt of krb5.conf wants it, which takes it over.
static char *formatted(krb5_context context, krb5_error_code code, char *text) {
    CLEANUP(arena_clear) struct arena a = {0};
    if (!text || !context || !context->conf.err_fmt.ptr ||
        !arena_init(&a, CALL_ARENA, CALL_ARENA_LIMIT))
        return text;
    struct writer w = writer_to_arena(&a);
    krb5conf_error_write(&context->conf, slice_str(text), code, &w);
    char *out = writer_ok(&w) ? bytes_out(writer_slice(&w)) : NULL;
    if (!out)
        return text;
    free(text);
    return out;
}

const char *krb5_get_error_message(krb5_context context, krb5_error_code code) {
    char *text = formatted(context, code, known_text(context, code));
    return text ? text : "out of memory";
}

void krb5_free_error_message(krb5_context context, const char *message) {
    UNUSED(context);
    if (message && strcmp(message, "out of memory") != 0)
        free((void *)(uintptr_t)message);
}

void krb5_vset_error_message(krb5_context context, krb5_error_code code, const char *format,
                             va_list args) {
    char *text = NULL;
    if (!context || !format)
        return;
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    free(context->text);
    context->text = text;
    context->code = code;
}

void krb5_set_error_message(krb5_context context, krb5_error_code code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    krb5_vset_error_message(context, code, format, args);
    va_end(args);
}

// Puts a text in front of what is known of old_code, for new_code.
void krb5_vwrap_error_message(krb5_context context, krb5_error_code old_code,
                              krb5_error_code new_code, const char *format, va_list args) {
    char *front = NULL;
    if (!context || !format || vasprintf(&front, format, args) < 0)
        return;
    char *known = known_text(context, old_code);
    krb5_set_error_message(context, new_code, "%s: %s", front, known ? known : "out of memory");
    free(known);
    free(front);
}

void krb5_wrap_error_message(krb5_context context, krb5_error_code old_code,
                             krb5_error_code new_code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    krb5_vwrap_error_message(context, old_code, new_code, format, args);
    va_end(args);
}

void krb5_vprepend_error_message(krb5_context context, krb5_error_code code, const char *format,
                                 va_list args) {
    krb5_vwrap_error_message(context, code, code, format, args);
}

void krb5_prepend_error_message(krb5_context context, krb5_error_code code, const char *format,
                                ...) {
    va_list args;
    va_start(args, format);
    krb5_vprepend_error_message(context, code, format, args);
    va_end(args);
}

void krb5_copy_error_message(krb5_context to, krb5_context from) {
    if (!to || !from || to == from)
        return;
    krb5_clear_error_message(to);
    to->code = from->code;
    to->text = from->text ? strdup(from->text) : NULL;
}

void krb5_clear_error_message(krb5_context context) {
    if (!context)
        return;
    free(context->text);
    context->text = NULL;
    context->code = 0;
}
