// flags.c: the flags of principals as MIT krb5's tools and files write them. Each has several
// spellings there: +requires_preauth, +preauth, REQUIRES_PRE_AUTH; -allow_svr, -service,
// +disallow_svr; 0x80, the bits themselves. Case does not matter, - is as good as _, and a word
// without a sign is one with a plus.
#include "admin/acl.h"
#include "admin/import.h"
#include "config/kdcconf.h"

const struct admin_flag_word ADMIN_FLAG_WORDS[] = {
    {"allow_postdated", "DISALLOW_POSTDATED", "postdateable", RECORD_NO_POSTDATED, true},
    {"allow_forwardable", "DISALLOW_FORWARDABLE", "forwardable", RECORD_NO_FORWARDABLE, true},
    {"allow_tgs_req", "DISALLOW_TGT_BASED", "tgt_based", RECORD_NO_TGT_BASED, true},
    {"allow_renewable", "DISALLOW_RENEWABLE", "renewable", RECORD_NO_RENEWABLE, true},
    {"allow_proxiable", "DISALLOW_PROXIABLE", "proxiable", RECORD_NO_PROXIABLE, true},
    {"allow_dup_skey", "DISALLOW_DUP_SKEY", "dup_skey", RECORD_NO_USER_TO_USER, true},
    {"allow_tix", "DISALLOW_ALL_TIX", "allow_tickets", RECORD_DISABLED, true},
    {"requires_preauth", "REQUIRES_PRE_AUTH", "preauth", RECORD_REQUIRES_PREAUTH, false},
    {"requires_hwauth", "REQUIRES_HW_AUTH", "hwauth", RECORD_HW_AUTH, false},
    {"needchange", "REQUIRES_PWCHANGE", "pwchange", RECORD_NEEDS_CHANGE, false},
    {"allow_svr", "DISALLOW_SVR", "service", RECORD_NO_SERVER, true},
    {"password_changing_service", "PWCHANGE_SERVICE", "pwservice", RECORD_PASSWORD_SERVICE, false},
    {"ok_as_delegate", "OK_AS_DELEGATE", NULL, RECORD_OK_AS_DELEGATE, false},
    {"ok_to_auth_as_delegate", "OK_TO_AUTH_AS_DELEGATE", NULL, RECORD_TRUSTED_TO_AUTH, false},
    {"no_auth_data_required", "NO_AUTH_DATA_REQUIRED", NULL, RECORD_NO_AUTHDATA, false},
    {"lockdown_keys", "LOCKDOWN_KEYS", NULL, RECORD_LOCKDOWN_KEYS, false},
};
const size_t ADMIN_FLAG_WORDS_COUNT = COUNT_OF(ADMIN_FLAG_WORDS);

static uint8_t plain(uint8_t c) {
    return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool is_called(struct slice word, const char *name) {
    if (!name || strlen(name) != word.len)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (plain(word.ptr[i]) != plain((uint8_t)name[i]))
            return false;
    return true;
}

static void apply(uint32_t flag, bool sets, uint32_t *set, uint32_t *clear) {
    *(sets ? set : clear) |= flag;
    *(sets ? clear : set) &= ~flag;
}

// "0x80": bits as MIT krb5 has them; those that mean nothing here are no flags.
static bool read_bits(struct slice word, uint32_t *out) {
    static const char digits[] = "0123456789abcdef";
    uint32_t bits = 0;
    if (word.len < 3 || word.len > 10 || word.ptr[0] != '0' || (word.ptr[1] | 0x20) != 'x')
        return false;
    for (size_t i = 2; i < word.len; i++) {
        const char *digit = strchr(digits, plain(word.ptr[i]));
        if (!digit || !*digit)
            return false;
        bits = bits << 4 | (uint32_t)(digit - digits);
    }
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++) {
        if (bits & IMPORT_MIT_FLAGS[i].theirs)
            *out |= IMPORT_MIT_FLAGS[i].ours;
        bits &= ~IMPORT_MIT_FLAGS[i].theirs;
    }
    return bits == 0;
}

bool admin_flag_word(struct slice word, uint32_t *set, uint32_t *clear) {
    bool minus = word.len && word.ptr[0] == '-';
    bool sign = minus || (word.len && word.ptr[0] == '+');
    struct slice name = slice_sub(word, sign, word.len);
    uint32_t bits = 0;
    for (size_t i = 0; i < ADMIN_FLAG_WORDS_COUNT; i++) {
        const struct admin_flag_word *w = &ADMIN_FLAG_WORDS[i];
        bool shown = is_called(name, w->shown); // says what the flag is, not what is allowed
        if (!shown && !is_called(name, w->name) && !is_called(name, w->other))
            continue;
        apply(w->flag, minus == (w->inverted && !shown), set, clear);
        return true;
    }
    if (!read_bits(name, &bits))
        return false;
    apply(bits, !minus, set, clear);
    return true;
}

static const struct {
    uint32_t flag;
    bool sets;
    const char *text;
} SURPRISES[] = {
    {RECORD_NO_SERVER, true,
     "takes all new principals, services too, out of use as services; users are none without it: "
     "leave it out"},
    {RECORD_NO_SERVER, false,
     "makes a service of each new user, so that everybody gets tickets to try passwords on; "
     "services "
     "need no such word: leave it out, and say `--clear no-server` of single users"},
    {RECORD_DISABLED, true,
     "disables all new principals: leave it out, or enable each with `obol principal set NAME "
     "--clear disabled`"},
};

// Where kdc.conf says a word.
static const struct profile_node *place_of(const struct profile *p, struct slice realm,
                                           struct slice word) {
    const struct profile_node *realms = profile_section(p, NULL, SLICE_LITERAL("realms"));
    const struct profile_node *n = profile_first(realms ? profile_section(p, realms, realm) : NULL,
                                                 SLICE_LITERAL("default_principal_flags"));
    while (n && !memmem(n->value.ptr, n->value.len, word.ptr, word.len))
        n = profile_next(n);
    return n;
}

// NULL: as it should be.
static const char *fault_of(const struct slice_list *words, size_t at) {
    uint32_t set = 0, clear = 0, later_set = 0, later_clear = 0;
    if (!admin_flag_word(words->items[at], &set, &clear))
        return "is no flag: until it is corrected (kadm5.acl(5) lists them) no program can "
               "administer the realm";
    for (size_t i = at + 1; i < words->count; i++)
        if (admin_flag_word(words->items[i], &later_set, &later_clear) &&
            ((set & later_clear) || (clear & later_set)))
            return "has no effect, since a later word says the opposite: leave one of them out";
    for (size_t i = 0; i < COUNT_OF(SURPRISES); i++)
        if ((SURPRISES[i].sets ? set : clear) & SURPRISES[i].flag)
            return SURPRISES[i].text;
    return NULL;
}

void admin_default_flags_check(struct profile *p, struct slice realm,
                               const struct slice_list *words) {
    for (size_t i = 0; i < words->count; i++) {
        const struct profile_node *n = place_of(p, realm, words->items[i]);
        const char *fault = fault_of(words, i);
        if (fault)
            config_note(&p->notes, n ? n->file : NULL, n ? n->line : 0,
                        "`default_principal_flags`: '%s' %s",
                        config_text(p->arena, words->items[i]), fault);
    }
}
