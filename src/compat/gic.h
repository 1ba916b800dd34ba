// gic.h: options of initial credentials: the structure that programs see, and what stands behind
// the one that krb5_get_init_creds_opt_alloc gives.
#ifndef OBOL_COMPAT_GIC_H
#define OBOL_COMPAT_GIC_H

#include "compat/ccache.h"
#include "net/login.h"

// An options structure has this bit in `flags` when it is the beginning of a gic_opt: programs also
// pass ones that stand on their stack.
#define GIC_EXTENDED ((krb5_flags)0x80000000)

enum { GIC_ANCHORS_MAX = 8 };
struct gic_opt {
    krb5_get_init_creds_opt shown;
    krb5_ccache out_ccache; // the program's
    char *fast_ccache;      // name
    krb5_flags fast_flags;
    krb5_expire_callback_func expire;
    void *expire_data;
    krb5_responder_fn responder;
    void *responder_data;
    bool pac_said, pac_wanted;
    char *identity, *anchors[GIC_ANCHORS_MAX]; // of PKINIT, by krb5_get_init_creds_opt_set_pa
    size_t anchor_count;
};
// gic_extended is the whole of an options structure; NULL if it is but the part that shows.
static inline struct gic_opt *gic_extended(krb5_get_init_creds_opt *opt) {
    return opt && (opt->flags & GIC_EXTENDED) ? (struct gic_opt *)opt : NULL;
}

// A login as the programs ask for it.
struct gic {
    krb5_context context;
    struct login_params params;
    struct secret password;
    krb5_prompter_fct prompter;
    void *prompter_data;
    krb5_responder_fn responder; // asked before the prompter
    void *responder_data;
    struct slice anchors[GIC_ANCHORS_MAX];
};
// gic_ask has the login ask the program's responder and prompter, as far as it has them.
void gic_ask(struct gic *gic);
// gic_prepare fills gic->params, whose memory is the call's and whose armor the caller closes, for
// a login step by step; gic_tell_expiry is for its end, and gic_end gives the code of what failed,
// as programs know it.
MUST_USE enum obol_code gic_prepare(struct call *c, struct gic *gic, krb5_const_principal client,
                                    krb5_deltat start, const char *service,
                                    krb5_get_init_creds_opt *opt);
void gic_tell_expiry(struct gic *gic, krb5_get_init_creds_opt *opt, const struct as_facts *facts);
enum obol_code gic_end(struct call *c, enum obol_code code);

// step_begin clears what a step by step call gives out; step_out fills it with a message that is to
// be carried. KRB5KRB_ERR_RESPONSE_TOO_BIG: by TCP.
void step_begin(krb5_data *out, krb5_data *realm, unsigned *flags);
krb5_error_code step_out(const struct client_output *want, krb5_data *out, krb5_data *realm,
                         unsigned *flags);

#endif
