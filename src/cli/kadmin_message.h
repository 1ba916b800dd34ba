// kadmin_message.h: between the realm's own words (admin.h, record.h) and the messages of kadmin's
// protocol (admin/kadm5.h), as the client's end needs it: what a request says, and what came back.
#ifndef OBOL_CLI_KADMIN_MESSAGE_H
#define OBOL_CLI_KADMIN_MESSAGE_H

#include "admin/kadm5.h"

// kadmin_message_new is a new principal, but for its enctypes.
void kadmin_message_new(const struct admin_new_principal *p, struct kadm5_message *out);
// kadmin_message_change is a change of a principal; of its attributes, which are said all at once,
// only that they change.
void kadmin_message_change(struct slice name, const struct admin_change *change,
                           struct kadm5_message *out);
// kadmin_message_unlocked adds what MIT krb5's kadmin says of an unlocked principal: that it has no
// failures, and, for the other KDCs, when that was said.
MUST_USE enum obol_code kadmin_message_unlocked(int64_t now, struct arena *a,
                                                struct kadm5_message *out, struct error *err);
MUST_USE enum obol_code kadmin_message_enctypes(const struct int32_list *types, struct arena *a,
                                                struct kadm5_keysalt_list *out, struct error *err);
// kadmin_message_policy: INVALID_ARGUMENT for what does not travel, or is too large for it.
MUST_USE enum obol_code kadmin_message_policy(struct slice name,
                                              const struct admin_policy_change *changes,
                                              size_t count, struct kadm5_message *out,
                                              struct error *err);
// kadmin_message_text is text that is there, also if it is empty.
static inline struct slice kadmin_message_text(struct slice text) {
    return text.ptr ? text : SLICE_LITERAL("");
}

// What came back borrows from the message, and its lists are in the arena.
MUST_USE enum obol_code kadmin_record_of(const struct kadm5_principal *p, struct arena *a,
                                         struct record *out, struct error *err);
MUST_USE enum obol_code kadmin_strings_of(const struct kadm5_string_list *list, struct arena *a,
                                          struct record_attribute_list *out, struct error *err);
// kadmin_keytab_of is keys of `name`, whose whole name it is, set now.
MUST_USE enum obol_code kadmin_keytab_of(struct slice name, const struct kadm5_key_list *list,
                                         int64_t now, struct arena *a, struct admin_keytab *out,
                                         struct error *err);
void kadmin_policy_of(struct kadm5_policy *p, struct policy *out);

#endif
