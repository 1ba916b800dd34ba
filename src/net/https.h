// https.h: one POST to a KKDCP proxy (MS-KKDCP 2.1) by libcurl, which does not block: the caller
// polls for it and takes steps. The library is loaded when the first one is asked for.
#ifndef OBOL_NET_HTTPS_H
#define OBOL_NET_HTTPS_H

#include "base/arena.h"

struct https_params {
    const char *url;                  // "https://host[:port]/path"
    const struct slice_list *anchors; // "FILE:...", "DIR:...", "ENV:..."; empty: the system's CAs
    struct slice body;                // it and the arena outlive the post
    long seconds;                     // for all of it
    struct arena *arena;              // for the answer
};
enum https_status { HTTPS_MORE, HTTPS_WHOLE, HTTPS_FAILED };

struct https_post;
// https_post_new begins; NULL if that cannot be: `why` then holds a sentence, with its NUL.
struct https_post *https_post_new(const struct https_params *params, struct buf why);
// https_post_poll is what to poll(2) for; -1: nothing yet, but a step is due soon all the same.
int https_post_poll(struct https_post *p, short *events);
// https_post_step goes on as far as it can. WHOLE: *answer is the body of a 200, in the arena.
enum https_status https_post_step(struct https_post *p, struct slice *answer, struct buf why);
void https_post_free(struct https_post *p); // NULL is fine

#endif
