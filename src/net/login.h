// login.h: a login from beginning to end (RFC 4120 3.1): the AS client driven over the network, its
// key taken from a password or a keytab, its ticket put into a credential cache.
#ifndef OBOL_NET_LOGIN_H
#define OBOL_NET_LOGIN_H

#include "client/as.h"
#include "cred/ccache.h"
#include "cred/keytab.h"
#include "cred/pki_file.h"
#include "net/net.h"

// A one-time code as login_params.ask_otp gives it; the driver clears it.
struct login_otp {
    struct secret code, pin; // pin: not set: none
    size_t token;            // of those in the challenge
};

struct login_params {
    struct principal client;
    const struct principal *service; // NULL: the TGT

    // Where the key comes from; one of the three.
    const struct secret *password;
    const struct keytab_content *keytab;
    const char *keytab_path; // for errors
    // Called once, when the KDC has said that a password is needed; the driver clears `out`.
    enum obol_code (*ask)(void *ctx, const struct principal *client, struct secret *out,
                          struct error *err);
    // Called when the KDC asks for the one-time code of a token; `tokens` is what it calls them.
    // NULL: logins with a code fail, but for gives_codes.
    enum obol_code (*ask_code)(void *ctx, const struct principal *client, struct slice tokens,
                               struct secret *out, struct error *err);
    // The same for whoever tells the KDC's tokens apart by its PA-OTP-CHALLENGE (proto/otp.h), and
    // gives the PIN along with the code; in place of ask_code.
    enum obol_code (*ask_otp)(void *ctx, const struct principal *client, struct slice challenge,
                              struct login_otp *out, struct error *err);
    void *ask_ctx;
    bool gives_codes; // without ask_code: whoever steps answers CLIENT_CODE by login_code
    // PKINIT (RFC 4556), where the KDC offers it: the place of the user's certificate and key (see
    // cred/pki_file.h); empty: as krb5.conf says. `anchors` empty: as krb5.conf says.
    struct slice identity;
    struct slice_list anchors;
    pki_ask *ask_passphrase; // with ask_ctx; NULL: keys with a passphrase cannot be used
    // RFC 8062: an anonymous ticket. `client` is WELLKNOWN/ANONYMOUS of the realm, who logs in by
    // PKINIT without a certificate; or somebody, whose name the KDC learns and the ticket does not
    // tell.
    bool anonymous;

    // Besides what krb5.conf says: KDC_OPT_... bits to ask for, and not to.
    uint32_t options_on, options_off;
    int64_t start;            // seconds from now
    int64_t lifetime;         // seconds; 0: ticket_lifetime of krb5.conf
    int64_t renew_lifetime;   // seconds; 0: renew_lifetime of krb5.conf
    struct int32_list etypes; // empty: default_tkt_enctypes of krb5.conf
    bool addresses_said;      // the ticket is bound to `addresses`; else as krb5.conf says
    struct host_address_list addresses;
    const int32_t *unasked; // padata types to begin with before the KDC asks, 0 at the end; or NULL
    bool salt_said;         // `salt` is the password's where the KDC names none
    struct slice salt;
    bool pac_said, pac_wanted; // ask the KDC for a PAC, or for none
    struct ccache *cache;      // made anew for the client; NULL: the ticket is only given back
    // A cache with a TGT for the client's realm, in whose armor (FAST, RFC 6113) the login goes;
    // NULL: none. If that cache says that the realm can do FAST, or with armor_required, the login
    // never goes without.
    struct ccache *armor;
    bool armor_required;
};
struct login_result {
    struct cred ticket; // borrows from the arena
    struct as_facts facts;
};

// The same without I/O, for those who carry messages themselves: login_begin, then login_step with
// each reply (empty at first). It wants a message carried, or the password (CLIENT_KEY; only where
// neither a key nor `ask` was given): then login_password, which copies it, and a step without a
// reply; with gives_codes a one-time code (CLIENT_CODE) likewise by login_code. At CLIENT_DONE
// `out` is filled and params->cache made. All that params points to and the arena outlive the
// machine. login_end is due whatever came.
enum { LOGIN_PREFERRED_MAX = 16, LOGIN_SPAKE_GROUPS_MAX = 4 };
struct login_machine {
    struct net net; // conf and env only
    struct login_params params;
    struct arena *arena;
    struct as_client client;
    struct secret asked;              // what `ask` or login_password gave
    struct login_otp otp;             // what ask_code, ask_otp or login_code gave
    const struct keytab_entry *entry; // the key in use; NULL: none of a keytab
    struct ccache_content armor;
    struct pki_identity *identity;
    struct pki_trust *trust;
    struct client_pkinit pkinit;
    // Of krb5.conf; 0 ends the first.
    int32_t preferred[LOGIN_PREFERRED_MAX + 1], groups[LOGIN_SPAKE_GROUPS_MAX];
};
MUST_USE enum obol_code login_begin(struct login_machine *l, const struct net *net,
                                    const struct login_params *params, struct arena *a,
                                    struct error *err);
MUST_USE enum obol_code login_step(struct login_machine *l, struct slice reply,
                                   struct client_output *want, struct login_result *out,
                                   struct error *err);
MUST_USE enum obol_code login_password(struct login_machine *l, struct slice password,
                                       struct error *err);
MUST_USE enum obol_code login_code(struct login_machine *l, struct slice code, struct error *err);
void login_end(struct login_machine *l);

// net_login logs in. Fails as the AS client does, or as the network, cache and keytab do.
MUST_USE enum obol_code net_login(const struct net *net, const struct login_params *params,
                                  struct arena *a, struct login_result *out, struct error *err);

#endif
