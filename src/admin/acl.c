// acl.c: what an access list (acl.h) allows: pure functions over what acl_parse.c read.
#include "admin/acl.h"

const struct acl_rule ACL_RULES[ACL_OPERATIONS] = {
    [ACL_OP_ADD_PRINCIPAL] = {"add principal", ACL_ADD, false, true},
    [ACL_OP_DELETE_PRINCIPAL] = {"delete principal", ACL_DELETE, false, true},
    [ACL_OP_MODIFY_PRINCIPAL] = {"modify principal", ACL_MODIFY, false, true},
    [ACL_OP_RENAME_FROM] = {"rename principal from", ACL_DELETE, false, true},
    // A name that is taken over keeps whatever its keys and flags were: no restriction could hold.
    [ACL_OP_RENAME_TO] = {"rename principal to", ACL_ADD, false, false},
    [ACL_OP_ADD_ALIAS] = {"add alias", ACL_ADD, false, false},
    [ACL_OP_CHANGE_PASSWORD] = {"change password", ACL_CHANGE_PASSWORD, true, true},
    [ACL_OP_RANDOM_KEY] = {"randomize keys", ACL_CHANGE_PASSWORD, true, true},
    [ACL_OP_SET_KEY] = {"set keys", ACL_SET_KEY, false, true},
    [ACL_OP_PURGE_KEYS] = {"purge keys", ACL_MODIFY, true, true},
    [ACL_OP_EXTRACT_KEYS] = {"extract keys", ACL_EXTRACT, false, true},
    [ACL_OP_GET_PRINCIPAL] = {"get principal", ACL_INQUIRE, true, true},
    [ACL_OP_LIST_PRINCIPALS] = {"list principals", ACL_LIST, false, true},
    [ACL_OP_GET_STRINGS] = {"get strings", ACL_INQUIRE, true, true},
    [ACL_OP_SET_STRING] = {"set string", ACL_MODIFY, false, true},
    [ACL_OP_ADD_POLICY] = {"add policy", ACL_ADD, false, true},
    [ACL_OP_DELETE_POLICY] = {"delete policy", ACL_DELETE, false, true},
    [ACL_OP_MODIFY_POLICY] = {"modify policy", ACL_MODIFY, false, true},
    [ACL_OP_GET_POLICY] = {"get policy", ACL_INQUIRE, false, true},
    [ACL_OP_LIST_POLICIES] = {"list policies", ACL_LIST, false, true},
    [ACL_OP_PROPAGATE] = {"propagate", ACL_PROPAGATE, false, true},
};

// What each * of a line's principal stood for.
struct wild {
    struct slice items[9];
    size_t count;
};

static bool is_star(struct slice s) {
    return s.len == 1 && s.ptr[0] == '*';
}

static bool component_fits(struct slice pattern, struct slice s, struct wild *w, bool is_target) {
    if (is_star(pattern)) {
        if (!is_target && w->count < COUNT_OF(w->items))
            w->items[w->count++] = s;
        return true;
    }
    bool reference = is_target && pattern.len == 2 && pattern.ptr[0] == '*' &&
                     pattern.ptr[1] >= '1' && pattern.ptr[1] <= '9';
    if (!reference)
        return slice_eq(pattern, s);
    size_t n = (size_t)(pattern.ptr[1] - '1');
    return n < w->count && slice_eq(w->items[n], s);
}

static bool fits(const struct principal *pattern, const struct principal *p, struct wild *w,
                 bool is_target) {
    const struct slice_list *a = &pattern->name.name_string, *b = &p->name.name_string;
    if (a->count != b->count || !(is_star(pattern->realm) || slice_eq(pattern->realm, p->realm)))
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!component_fits(a->items[i], b->items[i], w, is_target))
            return false;
    return true;
}

static bool entry_fits(const struct acl_entry *e, const struct principal *client,
                       const struct principal *target) {
    struct wild w = {.count = 0};
    if (!e->any_client && !fits(&e->client, client, &w, false))
        return false;
    if (e->any_target)
        return true;
    // What has no target is not meant by a line that names one.
    return target && fits(&e->target, target, &w, true);
}

bool acl_decide(const struct acl *acl, enum acl_operation op, const struct principal *client,
                const struct principal *target, const struct acl_restrictions **restrictions) {
    const struct acl_rule *rule = &ACL_RULES[op];
    if (restrictions)
        *restrictions = NULL;
    // Who is anonymous shares that name with everybody (RFC 8062 3): nothing is his own.
    if (rule->own && target && principal_eq(client, target) &&
        !principal_name_is_anonymous(&client->name))
        return true;
    for (const struct acl_entry *e = acl->first; e; e = e->next) {
        if (!entry_fits(e, client, target))
            continue;
        if (restrictions && e->restricted)
            *restrictions = &e->restrictions;
        return (e->allowed & (uint32_t)rule->privilege) != 0 && (rule->restricts || !e->restricted);
    }
    return false;
}

uint32_t acl_privileges(const struct acl *acl, const struct principal *client) {
    uint32_t all = 0;
    for (const struct acl_entry *e = acl->first; e; e = e->next) {
        struct wild w = {.count = 0};
        if (e->any_client || fits(&e->client, client, &w, false))
            all |= e->allowed;
    }
    return all;
}

static void cap(struct admin_change *c, uint32_t member, int64_t *value, int64_t most) {
    // 0 is "never", or the realm's own: it is more than anything.
    if (!(c->present & member) || *value == 0 || *value > most)
        *value = most;
    c->present |= member;
}

void acl_restrict(const struct acl_restrictions *r, int64_t now, struct admin_change *c) {
    if (!r)
        return;
    c->set_flags = (c->set_flags & ~r->clear_flags) | r->set_flags;
    c->clear_flags = (c->clear_flags & ~r->set_flags) | r->clear_flags;
    if (r->present & (ACL_SET_POLICY | ACL_CLEAR_POLICY)) {
        c->policy = r->present & ACL_SET_POLICY ? r->policy : (struct slice){0};
        c->present |= ADMIN_SET_POLICY;
    }
    if (r->present & ACL_EXPIRE)
        cap(c, ADMIN_SET_EXPIRES, &c->expires, now + r->expire);
    if (r->present & ACL_PASSWORD_EXPIRE)
        cap(c, ADMIN_SET_PASSWORD_EXPIRES, &c->password_expires, now + r->password_expire);
    if (r->present & ACL_MAX_LIFE)
        cap(c, ADMIN_SET_MAX_LIFE, &c->max_life, r->max_life);
    if (r->present & ACL_MAX_RENEW)
        cap(c, ADMIN_SET_MAX_RENEW, &c->max_renew, r->max_renew);
}
