// skew.h: two clocks in an error, for whoever must put one of them right (RFC 4120 3.2.3).
#ifndef OBOL_KRB_SKEW_H
#define OBOL_KRB_SKEW_H

#include "base/error.h"

// krb_skew_facts adds the facts "our clock" and `whose` ("clock of the KDC"), each as UTC.
void krb_skew_facts(struct error *err, int64_t ours, const char *whose, int64_t theirs);

#endif
