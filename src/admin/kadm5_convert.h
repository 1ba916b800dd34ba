// kadm5_convert.h: what kadmin's messages have under other names than the realm: flags, masks, and
// members of policies. Each is one table, which the client's end and the server's read, in either
// direction.
#ifndef OBOL_ADMIN_KADM5_CONVERT_H
#define OBOL_ADMIN_KADM5_CONVERT_H

#include "admin/kadm5.h"

// kadm5_attributes_of is a record's flags as MIT krb5 numbers them, without those that only we
// have; kadm5_flags_of is its reverse.
uint32_t kadm5_attributes_of(uint32_t flags);
uint32_t kadm5_flags_of(uint32_t attributes);
// kadm5_mask_of is what a change sets (ADMIN_SET_...) as a mask of a principal; the policy's bits,
// of which there are two, are not among them. kadm5_present_of is its reverse.
uint32_t kadm5_mask_of(uint32_t present);
uint32_t kadm5_present_of(uint32_t mask);

// A member of a policy that is a number, and what MIT krb5 asks of it.
struct kadm5_policy_number {
    uint32_t mask;
    const char *member; // of POLICY_MEMBERS
    size_t offset;      // in kadm5_policy, of an int32_t or uint32_t
    int32_t min;
    uint32_t status; // for one that is out of its bounds; 0: what kadm5_status_for says
    uint32_t since;  // enum kadm5_version
};
enum { KADM5_POLICY_NUMBERS_COUNT = 8 };
extern const struct kadm5_policy_number KADM5_POLICY_NUMBERS[KADM5_POLICY_NUMBERS_COUNT];
// kadm5_policy_number_find is NULL for a member that does not travel.
const struct kadm5_policy_number *kadm5_policy_number_find(const char *member);
// kadm5_policy_number_at is where the message has it.
int32_t *kadm5_policy_number_at(struct kadm5_policy *p, const struct kadm5_policy_number *n);
// kadm5_policy_member is a member that there is, by its name.
const struct policy_member *kadm5_policy_member(const char *name);

#endif
