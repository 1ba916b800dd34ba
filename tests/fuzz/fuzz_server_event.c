// fuzz_server_event.c: the events that the log writer takes from the workers' rings: whatever a
// worker wrote, it is refused or becomes one line.
#include "fuzz.h"
#include "server/event.h"
#include <stdlib.h>

static void check(struct writer *w, uint8_t *line) {
    struct slice text = writer_slice(w);
    if (text.len == 0 || slice_find(text, '\n') != text.len - 1 || line[text.len - 1] != '\n')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t line[512 * 1024];
    struct event e;
    if (!event_decode(slice_of(data, size), &e))
        return 0;
    struct writer text = writer_to_buf(buf_of(line, sizeof line));
    event_write_text(&e, &text);
    check(&text, line);
    struct writer json = writer_to_buf(buf_of(line, sizeof line));
    event_write_json(&e, &json);
    check(&json, line);
    return 0;
}
