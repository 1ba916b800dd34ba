// cmd_otp.c: obol otp add: a principal gets a token of one-time passwords (RFC 6560), which the KDC
// knows itself or has a RADIUS server know.
#include "admin/admin.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/qr.h"
#include "cli/realm.h"
#include "cli/record_show.h"
#include "config/kdcconf.h"

struct otp_options {
    bool hotp, code_only, no_qr;
    int64_t digits, period, hash;
    struct slice label, radius, radius_user, indicators;
};
static const struct cli_option OTP_OPTIONS[] = {
    {"label", 0, CLI_TEXT, offsetof(struct otp_options, label), "TEXT",
     "what people call the token; else it is called by its number", 0, 0},
    {"hotp", 0, CLI_FLAG, offsetof(struct otp_options, hotp), NULL,
     "codes that count uses (RFC 4226), instead of time (RFC 6238)", 0, 0},
    {"code-only", 0, CLI_FLAG, offsetof(struct otp_options, code_only), NULL,
     "the code alone logs in; else the password is asked for beside it", 0, 0},
    {"digits", 0, CLI_NUMBER, offsetof(struct otp_options, digits), "N", "digits of a code, else 6",
     6, 9},
    {"period", 0, CLI_DURATION, offsetof(struct otp_options, period), "DURATION",
     "how long a code counts, else 30 seconds", 0, 0},
    {"hash", 0, CLI_NUMBER, offsetof(struct otp_options, hash), "BITS",
     "SHA of 256 or 512 bits, else SHA-1, which every authenticator knows", 1, 512},
    {"radius", 0, CLI_TEXT, offsetof(struct otp_options, radius), "TYPE",
     "a RADIUS server checks the codes: that of the section TYPE of [otp] in kdc.conf", 0, 0},
    {"radius-user", 0, CLI_TEXT, offsetof(struct otp_options, radius_user), "NAME",
     "as whom the RADIUS server knows the principal, if not by its name", 0, 0},
    {"indicators", 0, CLI_TEXT, offsetof(struct otp_options, indicators), "A,B",
     "authentication indicators of a login by this RADIUS token, instead of the type's", 0, 0},
    {"no-qr", 0, CLI_FLAG, offsetof(struct otp_options, no_qr), NULL, "print no QR code", 0, 0},
    {0}};

// RFC 4648 6, without padding, as authenticators take it.
static struct slice base32(struct cli *c, struct slice bytes) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct writer w = writer_to_arena(c->arena);
    uint32_t held = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        held = held << 8 | bytes.ptr[i];
        for (bits += 8; bits >= 5; bits -= 5)
            writer_u8(&w, (uint8_t)digits[held >> (bits - 5) & 31]);
    }
    if (bits)
        writer_u8(&w, (uint8_t)digits[held << (5 - bits) & 31]);
    return writer_slice(&w);
}

static void write_escaped(struct writer *w, struct slice s) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@/";
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] && strchr(plain, s.ptr[i]))
            writer_u8(w, s.ptr[i]);
        else
            writer_printf(w, "%%%02X", s.ptr[i]);
    }
}

// The URI that authenticators read from QR codes ("Key URI Format").
static struct slice otpauth(struct cli *c, const struct admin_token_new *new, struct slice realm) {
    const struct token *t = &new->token;
    struct writer w = writer_to_arena(c->arena);
    writer_printf(&w, "otpauth://%s/", t->kind == TOKEN_HOTP ? "hotp" : "totp");
    write_escaped(&w, new->principal);
    writer_str(&w, "?secret=");
    writer_bytes(&w, base32(c, new->secret));
    writer_str(&w, "&issuer=");
    write_escaped(&w, realm);
    writer_printf(&w, "&algorithm=SHA%u&digits=%u", t->hash, t->digits);
    if (t->kind == TOKEN_HOTP)
        writer_printf(&w, "&counter=%llu", (unsigned long long)t->next);
    else
        writer_printf(&w, "&period=%u", t->period);
    return writer_slice(&w);
}

static void show_json(struct cli *c, const struct admin_token_new *new, struct slice uri) {
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, "principal", new->principal);
    json_number(&j, "number", new->token.number);
    json_text(&j, "label", new->token.label);
    json_bool(&j, "code_only", new->token.code_only);
    if (uri.len)
        json_text(&j, "uri", uri);
    json_end(&j);
}

static enum obol_code show_secret(struct cli *c, bool no_qr, struct slice uri, struct error *err) {
    if (!no_qr)
        TRY(cli_qr(c, uri, err));
    cli_print(c, CLI_PLAIN, "\nRead it with an authenticator, or type in what it says:\n  ");
    cli_show(c, uri);
    cli_print(c, CLI_PLAIN, "\nIt is not shown again.\n");
    return OBOL_OK;
}

// A type that is not there is no mistake yet: kdc.conf may be another machine's.
static enum obol_code warn_of_type(struct cli *c, struct slice type, struct error *err) {
    struct kdcconf conf;
    const struct kdcconf_place place = {.home = cli_cstr(c->home)};
    TRY(kdcconf_load(&conf, &place, c->arena, err));
    for (size_t i = 0; i < conf.otp_count; i++)
        if (slice_eq(conf.otp[i].name, type))
            return OBOL_OK;
    cli_warn(c, "[otp] of kdc.conf has no section %.*s yet", SLICE_ARG(type));
    return OBOL_OK;
}

static enum obol_code words_of(struct cli *c, struct slice text, struct slice_list *out,
                               struct error *err) {
    *out = (struct slice_list){arena_zalloc(c->arena, text.len + 1, sizeof *out->items), 0};
    ENSURE_MEMORY(out->items);
    for (size_t at = 0, end; at < text.len; at = end + 1) {
        end = at + slice_find(slice_sub(text, at, text.len), ',');
        struct slice word = slice_trim(slice_sub(text, at, end - at));
        if (word.len)
            out->items[out->count++] = word;
    }
    return OBOL_OK;
}

static enum obol_code otp_add(struct cli *c, const void *options, struct error *err) {
    const struct otp_options *o = options;
    struct admin_token token = {
        .name = cli_arg(c, 0),
        .label = o->label,
        .hotp = o->hotp,
        .hash = (uint32_t)o->hash,
        .digits = (uint32_t)o->digits,
        .period = o->period > 3600 ? 3601 : (uint32_t)o->period,
        .code_only = o->code_only,
        .radius = o->radius,
        .user = o->radius_user,
    };
    struct admin_token_new new;
    struct record r;
    ENSURE(!(o->hotp && o->period), USAGE, "--hotp and --period exclude each other");
    TRY(words_of(c, o->indicators, &token.indicators, err));
    if (o->radius.len)
        TRY(warn_of_type(c, o->radius, err));
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    TRY(realm_find(c, adm, cli_arg(c, 0), &r, err));
    TRY(admin_token_add(adm, &token, c->arena, &new, err));
    struct slice uri = new.secret.len ? otpauth(c, &new, adm->realm) : (struct slice){0};
    if (c->json) {
        show_json(c, &new, uri);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s has the token %.*s", SLICE_ARG(new.principal),
              SLICE_ARG(new.token.label));
    cli_print(c, CLI_PLAIN, ": from now on it logs in with %s, in FAST armor.\n\n",
              token_factor(&new.token));
    return uri.len ? show_secret(c, o->no_qr, uri, err) : OBOL_OK;
}

const struct cli_command CMD_OTP_ADD = {
    .name = "otp add",
    .group = CLI_GROUP_REALM,
    .summary = "give a principal a token of one-time passwords",
    .arguments = "NAME",
    .details =
        "The token is any authenticator that knows HOTP or TOTP. Its secret is drawn here, sealed "
        "in the store, and shown this once, as a QR code and as text. A principal with a token "
        "does not log in by its password alone any more; the armor of FAST that the login "
        "needs is a ticket of the machine (kinit -T) or an anonymous one. With --radius nothing is "
        "drawn: the codes are those that a RADIUS server knows, which the KDC asks at each login.",
    .examples =
        "obol otp add alice\tpassword and six digits from now on\n"
        "obol otp add --label key --hotp alice\ta second one, which counts uses\n"
        "obol otp add --radius vpn --code-only alice\twhat the servers of `vpn` take logs in\n",
    .options = OTP_OPTIONS,
    .options_size = sizeof(struct otp_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME,
    .run = otp_add,
};
