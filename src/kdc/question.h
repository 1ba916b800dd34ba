// question.h: what a KDC must know from outside before it can answer: whether a RADIUS server takes
// a one-time code. The KDC has no sockets: it says what it would know (kdc_handle gives NEED and a
// question), is given up, and asked again with the same request and the answer.
#ifndef OBOL_KDC_QUESTION_H
#define OBOL_KDC_QUESTION_H

#include "base/slice.h"

enum { KDC_DETAIL_MAX = 256 };

struct kdc_question {
    uint32_t number; // of the token it is about: another one is another question; 0: there is none
    size_t service;  // who is asked: struct kdc_otp_type
    struct slice user, code;
};
enum kdc_verdict {
    KDC_VERDICT_NONE,
    KDC_ACCEPTED,
    KDC_REJECTED,
    KDC_CHALLENGED, // the server wants to know more, which nobody can tell it
    KDC_UNANSWERED,
    KDC_VERDICT_COUNT
};
struct kdc_answer {
    uint32_t number; // of the question
    enum kdc_verdict verdict;
    bool repeated; // another copy of the request asked, and what follows from it is done already
    bool missed;   // an earlier question about the same request was not answered
    char detail[KDC_DETAIL_MAX]; // what happened, for the log
};

#endif
