// kadm5_convert.c: see kadm5_convert.h.
#include "admin/kadm5_convert.h"
#include "admin/import.h"

uint32_t kadm5_attributes_of(uint32_t flags) {
    uint32_t out = 0;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++)
        out |= flags & IMPORT_MIT_FLAGS[i].ours ? IMPORT_MIT_FLAGS[i].theirs : 0;
    return out;
}

uint32_t kadm5_flags_of(uint32_t attributes) {
    uint32_t out = 0;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++)
        out |= attributes & IMPORT_MIT_FLAGS[i].theirs ? IMPORT_MIT_FLAGS[i].ours : 0;
    return out;
}

static const struct {
    uint32_t ours, theirs;
} MASKS[] = {
    {ADMIN_SET_MAX_LIFE, KADM5_MASK_MAX_LIFE},
    {ADMIN_SET_MAX_RENEW, KADM5_MASK_MAX_RENEW},
    {ADMIN_SET_EXPIRES, KADM5_MASK_EXPIRES},
    {ADMIN_SET_PASSWORD_EXPIRES, KADM5_MASK_PASSWORD_EXPIRES},
    {ADMIN_SET_KVNO, KADM5_MASK_KVNO},
};

uint32_t kadm5_mask_of(uint32_t present) {
    uint32_t out = 0;
    for (size_t i = 0; i < COUNT_OF(MASKS); i++)
        out |= present & MASKS[i].ours ? MASKS[i].theirs : 0;
    return out;
}

uint32_t kadm5_present_of(uint32_t mask) {
    uint32_t out = 0;
    for (size_t i = 0; i < COUNT_OF(MASKS); i++)
        out |= mask & MASKS[i].theirs ? MASKS[i].ours : 0;
    return out;
}

const struct kadm5_policy_number KADM5_POLICY_NUMBERS[KADM5_POLICY_NUMBERS_COUNT] = {
#define NUMBER(mask, member, field, min, status, since)                                            \
    { KADM5_MASK_##mask, member, offsetof(struct kadm5_policy, field), min, status, since }
    NUMBER(PW_MAX_LIFE, "max-life", max_life, 0, 0, 0),
    NUMBER(PW_MIN_LIFE, "min-life", min_life, 0, 0, 0),
    NUMBER(PW_MIN_LENGTH, "min-length", min_length, 1, KADM5_E_BAD_LENGTH, 0),
    NUMBER(PW_MIN_CLASSES, "min-classes", min_classes, 1, KADM5_E_BAD_CLASS, 0),
    NUMBER(PW_HISTORY, "history", history, 1, KADM5_E_BAD_HISTORY, 0),
    NUMBER(PW_MAX_FAILURES, "max-failures", max_failures, 0, 0, KADM5_VERSION_3),
    NUMBER(PW_FAILURE_INTERVAL, "failure-interval", failure_interval, 0, 0, KADM5_VERSION_3),
    NUMBER(PW_LOCKOUT, "lockout-duration", lockout_duration, 0, 0, KADM5_VERSION_3),
#undef NUMBER
};

const struct kadm5_policy_number *kadm5_policy_number_find(const char *member) {
    for (size_t i = 0; i < KADM5_POLICY_NUMBERS_COUNT; i++)
        if (strcmp(KADM5_POLICY_NUMBERS[i].member, member) == 0)
            return &KADM5_POLICY_NUMBERS[i];
    return NULL;
}

int32_t *kadm5_policy_number_at(struct kadm5_policy *p, const struct kadm5_policy_number *n) {
    return (int32_t *)(void *)((uint8_t *)p + n->offset);
}

const struct policy_member *kadm5_policy_member(const char *name) {
    size_t i = 0;
    while (strcmp(POLICY_MEMBERS[i].name, name) != 0)
        i++;
    return &POLICY_MEMBERS[i];
}
