// gic_opt.c: the options of initial credentials.
#include "compat/gic.h"
#include <errno.h>
#include <stdlib.h>

static void set_flag(krb5_get_init_creds_opt *opt, krb5_flags flag, int on) {
    opt->flags = on ? opt->flags | flag : opt->flags & ~flag;
}

void krb5_get_init_creds_opt_init(krb5_get_init_creds_opt *opt) {
    if (opt)
        *opt = (krb5_get_init_creds_opt){.flags = KRB5_GET_INIT_CREDS_OPT_CHG_PWD_PRMPT};
}

krb5_error_code krb5_get_init_creds_opt_alloc(krb5_context context, krb5_get_init_creds_opt **out) {
    UNUSED(context);
    if (!out)
        return EINVAL;
    struct gic_opt *made = calloc(1, sizeof *made);
    *out = (krb5_get_init_creds_opt *)made; // its first member
    if (!made)
        return ENOMEM;
    made->shown.flags = GIC_EXTENDED | KRB5_GET_INIT_CREDS_OPT_CHG_PWD_PRMPT;
    return 0;
}

void krb5_get_init_creds_opt_free(krb5_context context, krb5_get_init_creds_opt *opt) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole)
        return;
    free(whole->fast_ccache);
    free(whole->identity);
    for (size_t i = 0; i < whole->anchor_count; i++)
        free(whole->anchors[i]);
    free(whole);
}

void krb5_get_init_creds_opt_set_tkt_life(krb5_get_init_creds_opt *opt, krb5_deltat life) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_TKT_LIFE;
    opt->tkt_life = life;
}

void krb5_get_init_creds_opt_set_renew_life(krb5_get_init_creds_opt *opt, krb5_deltat life) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_RENEW_LIFE;
    opt->renew_life = life;
}

void krb5_get_init_creds_opt_set_forwardable(krb5_get_init_creds_opt *opt, int forwardable) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_FORWARDABLE;
    opt->forwardable = forwardable;
}

void krb5_get_init_creds_opt_set_proxiable(krb5_get_init_creds_opt *opt, int proxiable) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_PROXIABLE;
    opt->proxiable = proxiable;
}

void krb5_get_init_creds_opt_set_canonicalize(krb5_get_init_creds_opt *opt, int canonicalize) {
    set_flag(opt, KRB5_GET_INIT_CREDS_OPT_CANONICALIZE, canonicalize);
}

void krb5_get_init_creds_opt_set_etype_list(krb5_get_init_creds_opt *opt, krb5_enctype *list,
                                            int length) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_ETYPE_LIST;
    opt->etype_list = list;
    opt->etype_list_length = length;
}

void krb5_get_init_creds_opt_set_address_list(krb5_get_init_creds_opt *opt,
                                              krb5_address **addresses) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_ADDRESS_LIST;
    opt->address_list = addresses;
}

void krb5_get_init_creds_opt_set_change_password_prompt(krb5_get_init_creds_opt *opt, int prompt) {
    set_flag(opt, KRB5_GET_INIT_CREDS_OPT_CHG_PWD_PRMPT, prompt);
}

krb5_error_code krb5_get_init_creds_opt_set_out_ccache(krb5_context context,
                                                       krb5_get_init_creds_opt *opt,
                                                       krb5_ccache cc) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole || (cc && !cc_is(cc)))
        return EINVAL;
    whole->out_ccache = cc;
    return 0;
}

krb5_error_code krb5_get_init_creds_opt_set_expire_callback(krb5_context context,
                                                            krb5_get_init_creds_opt *opt,
                                                            krb5_expire_callback_func callback,
                                                            void *data) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole)
        return EINVAL;
    whole->expire = callback;
    whole->expire_data = data;
    return 0;
}

// FAST armor (RFC 6113): the name of the cache with the ticket that armors.
krb5_error_code krb5_get_init_creds_opt_set_fast_ccache_name(krb5_context context,
                                                             krb5_get_init_creds_opt *opt,
                                                             const char *name) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole)
        return EINVAL;
    char *copy = name ? strdup(name) : NULL;
    if (name && !copy)
        return ENOMEM;
    free(whole->fast_ccache);
    whole->fast_ccache = copy;
    return 0;
}

krb5_error_code krb5_get_init_creds_opt_set_fast_ccache(krb5_context context,
                                                        krb5_get_init_creds_opt *opt,
                                                        krb5_ccache cc) {
    return cc_is(cc) ? krb5_get_init_creds_opt_set_fast_ccache_name(context, opt, cc->name)
                     : EINVAL;
}

krb5_error_code krb5_get_init_creds_opt_set_fast_flags(krb5_context context,
                                                       krb5_get_init_creds_opt *opt,
                                                       krb5_flags flags) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole)
        return EINVAL;
    whole->fast_flags = flags;
    return 0;
}

krb5_error_code krb5_get_init_creds_opt_get_fast_flags(krb5_context context,
                                                       krb5_get_init_creds_opt *opt,
                                                       krb5_flags *out) {
    UNUSED(context);
    const struct gic_opt *whole = gic_extended(opt);
    if (!whole || !out)
        return EINVAL;
    *out = whole->fast_flags;
    return 0;
}

void krb5_get_init_creds_opt_set_anonymous(krb5_get_init_creds_opt *opt, int anonymous) {
    set_flag(opt, KRB5_GET_INIT_CREDS_OPT_ANONYMOUS, anonymous);
}

// Hints from an earlier login; none is needed.
krb5_error_code krb5_get_init_creds_opt_set_in_ccache(krb5_context context,
                                                      krb5_get_init_creds_opt *opt,
                                                      krb5_ccache cc) {
    UNUSED(context);
    return gic_extended(opt) && cc_is(cc) ? 0 : EINVAL;
}

// Settings of preauthentication mechanisms. As with MIT's library, one that no mechanism knows has
// no effect.
krb5_error_code krb5_get_init_creds_opt_set_pa(krb5_context context, krb5_get_init_creds_opt *opt,
                                               const char *name, const char *value) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole || !name || !value)
        return EINVAL;
    bool identity = strcmp(name, "X509_user_identity") == 0;
    if (!identity && strcmp(name, "X509_anchors") != 0)
        return 0;
    if (!identity && whole->anchor_count == GIC_ANCHORS_MAX)
        return EINVAL;
    char *copy = strdup(value);
    if (!copy)
        return ENOMEM;
    if (!identity) {
        whole->anchors[whole->anchor_count++] = copy;
        return 0;
    }
    free(whole->identity);
    whole->identity = copy;
    return 0;
}

// A salt that the KDC's own hints (ETYPE-INFO2, PW-SALT) go before, as with MIT's library: it
// counts for what is sent before the KDC has said anything, and with KDCs that name none.
void krb5_get_init_creds_opt_set_salt(krb5_get_init_creds_opt *opt, krb5_data *salt) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_SALT;
    opt->salt = salt;
}

// Types that are begun with before the KDC asks: of the list the first that can be.
void krb5_get_init_creds_opt_set_preauth_list(krb5_get_init_creds_opt *opt, krb5_preauthtype *list,
                                              int length) {
    opt->flags |= KRB5_GET_INIT_CREDS_OPT_PREAUTH_LIST;
    opt->preauth_list = list;
    opt->preauth_list_length = length;
}

krb5_error_code krb5_get_init_creds_opt_set_pac_request(krb5_context context,
                                                        krb5_get_init_creds_opt *opt,
                                                        krb5_boolean wanted) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole)
        return EINVAL;
    whole->pac_said = true;
    whole->pac_wanted = wanted != 0;
    return 0;
}

krb5_error_code krb5_get_init_creds_opt_set_responder(krb5_context context,
                                                      krb5_get_init_creds_opt *opt,
                                                      krb5_responder_fn responder, void *data) {
    UNUSED(context);
    struct gic_opt *whole = gic_extended(opt);
    if (!whole)
        return EINVAL;
    whole->responder = responder;
    whole->responder_data = data;
    return 0;
}
