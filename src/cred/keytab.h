// keytab.h: keytab files: the long-term keys of services, in the format that MIT, Heimdal and Java
// share (0x502; 0x501 is read). Keys stand in the caller's arena only.
#ifndef OBOL_CRED_KEYTAB_H
#define OBOL_CRED_KEYTAB_H

#include "config/krb5conf.h"
#include "krb/ap.h"

#define KEYTAB_SIZE_MAX    (64u << 20) // bytes of a file that are read
#define KEYTAB_ENTRIES_MAX 1000000

struct keytab_entry {
    struct principal principal;
    int64_t timestamp; // when it was written: seconds since 1970
    uint32_t kvno;
    struct encryption_key key;
    bool kvno_is_short; // the file has but its low 8 bits: it matches any kvno with the same ones
};
struct keytab_content {
    struct keytab_entry *entries; // in the order of the file
    size_t count;
    unsigned version;  // 1 or 2
    bool half_written; // the last record is cut off: its writer died. It is not among `entries`
};

// keytab_path is the file that a name means: "FILE:/x", "WRFILE:/x", "/x"; "MEMORY:x" stays as it
// is and is taken for a path by the functions below (cred/keytab_memory.h). Empty: the default,
// which is KRB5_KTNAME, else default_keytab_name of krb5.conf, else /etc/krb5.keytab. conf may be
// NULL. UNSUPPORTED for another kind.
MUST_USE enum obol_code keytab_path(struct slice name, const struct krb5conf *conf, struct arena *a,
                                    const char **path, struct error *err);
// keytab_client_path is the default client keytab: KRB5_CLIENT_KTNAME, else
// default_client_keytab_name, else /etc/krb5/user/%{euid}/client.keytab.
MUST_USE enum obol_code keytab_client_path(const struct krb5conf *conf, struct arena *a,
                                           const char **path, struct error *err);
// keytab_read reads all entries into the arena. KEYTAB_NOT_FOUND, KEYTAB_FORMAT, KEYTAB_IO.
MUST_USE enum obol_code keytab_read(const char *path, struct arena *a, struct keytab_content *out,
                                    struct error *err);
// keytab_parse is the same for bytes, which out borrows; `name` is for errors.
MUST_USE enum obol_code keytab_parse(struct slice bytes, const char *name, struct arena *a,
                                     struct keytab_content *out, struct error *err);
// keytab_format writes entries as a whole file of version 0x502.
void keytab_format(struct writer *w, const struct keytab_entry *entries, size_t count);
// keytab_add adds entries to the file, under its lock; makes it with mode 0600 if it is not there.
// Entries that stand there with the same name, kvno and enctype are replaced.
MUST_USE enum obol_code keytab_add(const char *path, const struct keytab_entry *entries,
                                   size_t count, struct error *err);
// keytab_remove wipes the entries of a name: all, or those of one kvno (0: all) and enctype (0:
// all). *removed, if not NULL, counts them; KEYTAB_NO_ENTRY if there is none.
MUST_USE enum obol_code keytab_remove(const char *path, const struct principal *name, uint32_t kvno,
                                      int32_t etype, size_t *removed, struct error *err);
// keytab_find finds a key: kvno 0 is the newest, etype 0 the strongest of that kvno.
// KEYTAB_NO_ENTRY says what the keytab holds instead; `path` is for that.
MUST_USE enum obol_code keytab_find(const struct keytab_content *content, const char *path,
                                    const struct principal *name, uint32_t kvno, int32_t etype,
                                    const struct keytab_entry **out, struct error *err);
// keytab_etypes lists the enctypes of a name's newest keys, strongest first: what a client that
// logs in by keytab offers.
MUST_USE enum obol_code keytab_etypes(const struct keytab_content *content,
                                      const struct principal *name, struct arena *a,
                                      struct int32_list *out, struct error *err);

// A keytab as the key source of an acceptor (krb/ap.h).
struct keytab_keys {
    const struct keytab_content *content;
    const char *path; // for errors
    // Any key of the keytab may open the ticket, whatever name stands in it: for services that are
    // reached under names which the keytab does not list. Otherwise names must be equal.
    bool any_name;
    // Narrows any_name: whether the acceptor answers for a name of the keytab. NULL: for every one.
    bool (*accepts)(const void *ctx, const struct principal *name);
    const void *ctx;
    struct slice accepts_for; // the same in words, for errors
    // A key for each entry, made at its first use; the caller frees them. NULL: a request's arena
    // has them.
    struct crypto_key **prepared;
};
// keytab_key_source gives it; `keys` must outlive it. On a mismatch the error names ticket and
// keytab: KRB_AP_ERR_NOT_US (no such name), _BADKEYVER (other kvno), _NOKEY (other enctype).
struct ap_key_source keytab_key_source(struct keytab_keys *keys);

#endif
