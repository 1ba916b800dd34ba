// error.h: the one way in which Obol reports failure. A function that can fail returns `enum
// obol_code` and takes a `struct error *err`, which lives in the request or handle. TRY passes a
// failure up; ENSURE makes one (ENSURE_MEMORY is a spelling of it). There are no other control-flow
// macros.
//
// An error is written for the person who must mend it: its code gives text and remedy
// (error_list.h), `detail` the sentence with the facts of this case, and named facts carry the
// same for machines (JSON, Python attributes). Secrets never go in.
#ifndef OBOL_BASE_ERROR_H
#define OBOL_BASE_ERROR_H

#include "base/error_list.h"
#include "base/writer.h"

enum obol_code {
    OBOL_OK = 0,
#define ERROR_ENUM(name, krb, krb5, gss, py, text, remedy) OBOL_##name,
    OBOL_ERROR_LIST(ERROR_ENUM)
#undef ERROR_ENUM
        OBOL_CODE_COUNT
};

struct error_info {
    const char *name;   // "KDC_ERR_PREAUTH_FAILED"
    int krb_error;      // RFC 4120 7.5.9
    int krb5_offset;    // in the code table of MIT krb5's programs
    int gss_routine;    // RFC 2744 3.9.1; 0: GSS_S_FAILURE
    const char *python; // class below obol.Error
    const char *text, *remedy;
};

#define ERROR_DETAIL_MAX 400
#define ERROR_FACTS_MAX  1024

struct error {
    enum obol_code code;
    const char *where;             // function or stage that failed; static storage
    const char *section;           // RFC section of the stage, or NULL; static storage
    char detail[ERROR_DETAIL_MAX]; // the facts in a sentence; control characters escaped
    uint16_t facts_len, remedy_at; // remedy_at: of error_remedy's text in facts; 0: none
    char facts[ERROR_FACTS_MAX];   // name NUL value NUL ...
};

// error_init makes err empty without touching its large members.
static inline void error_init(struct error *err) {
    err->code = OBOL_OK;
    err->where = NULL;
    err->section = NULL;
    err->detail[0] = '\0';
    err->facts_len = err->remedy_at = 0;
}
// error_set records a failure and gives back its code. The first failure wins: on an err that
// holds one already only the code passed is given back. `err` may be NULL.
enum obol_code error_set(struct error *err, enum obol_code code, const char *where,
                         const char *format, ...) PRINTF(4, 5);
// error_replace records a failure in place of the one that err holds: for a caller who knows better
// what it means (a decryption that fails is a wrong password). Named facts stay.
enum obol_code error_replace(struct error *err, enum obol_code code, const char *where,
                             const char *format, ...) PRINTF(4, 5);
// error_fact adds a named fact ("spn", "kvno in ticket"); one that does not fit is left out.
void error_fact(struct error *err, const char *name, const char *format, ...) PRINTF(3, 4);
// error_remedy says what to do in this very case, instead of the remedy of the code. The last one
// counts.
void error_remedy(struct error *err, const char *format, ...) PRINTF(2, 3);
// error_remedy_text is what to do: error_remedy's text, or that of the code; "" if there is none.
const char *error_remedy_text(const struct error *err);
// error_fact_next walks the facts: start with *at = 0; false at the end.
bool error_fact_next(const struct error *err, size_t *at, const char **name, const char **value);
const struct error_info *error_info(enum obol_code code);
// error_code_of_krb is the code of a KRB-ERROR number; KRB_ERR_GENERIC for one not known.
enum obol_code error_code_of_krb(int krb_error);
// error_krb5_code is the code as programs written for MIT krb5 know it: a krb5_error_code, and the
// minor status of the GSS-API.
#define ERROR_KRB5_BASE (-1765328384)
int32_t error_krb5_code(enum obol_code code);
// error_write shows the error to a person: what failed, why, what to do. Three lines at most.
void error_write(const struct error *err, struct writer *w);
// error_write_line is the same on one line without its end, for programs that print it amid words
// of their own.
void error_write_line(const struct error *err, struct writer *w);
// error_write_json writes one JSON object with code, text, detail, remedy and facts.
void error_write_json(const struct error *err, struct writer *w);
// text_escape writes bytes from outside so that they cannot move a terminal or forge a log line:
// control and non-UTF-8 bytes become \xNN.
void text_escape(struct writer *w, struct slice bytes);
// json_string writes a JSON string with its quotes.
void json_string(struct writer *w, struct slice bytes);

// TRY returns from the calling function with the failure of `call`, an enum obol_code.
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum obol_code try_code_ = (call);                                                         \
        if (UNLIKELY(try_code_ != OBOL_OK))                                                        \
            return try_code_;                                                                      \
    } while (0)

// ENSURE returns OBOL_<code> from the calling function, with the facts recorded in the `err` that
// is in scope, unless the condition holds.
#define ENSURE(condition, code, ...)                                                               \
    do {                                                                                           \
        if (UNLIKELY(!(condition))) {                                                              \
            (void)error_set(err, OBOL_##code, __func__, __VA_ARGS__);                              \
            return OBOL_##code; /* and not error_set's: analysers see that it is a failure */      \
        }                                                                                          \
    } while (0)

// ENSURE_MEMORY is the commonest ENSURE: an arena that is full.
#define ENSURE_MEMORY(pointer)                                                                     \
    ENSURE((pointer) != NULL, NO_MEMORY, "the request's memory is used up")

#endif
