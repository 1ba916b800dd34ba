// qr.c: see qr.h. libqrencode makes the code; here it is drawn with half blocks.
#include "cli/qr.h"
#include "base/writer.h"
#include <qrencode.h>

enum { QUIET = 2 }; // light modules around it, that readers find its edge

static bool is_dark(const QRcode *code, int x, int y) {
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return false;
    return code->data[y * code->width + x] & 1;
}

// The upper half of a character is one row of the code, the lower half the next. What is drawn is
// the light part: most terminals are dark. With colour both are said outright.
static void draw_line(struct writer *w, const QRcode *code, int y) {
    static const char *const halves[2][2] = {{"\u2588", "\u2580"}, {"\u2584", " "}};
    for (int x = -QUIET; x < code->width + QUIET; x++)
        writer_str(w, halves[is_dark(code, x, y)][is_dark(code, x, y + 1)]);
}

enum obol_code cli_qr(struct cli *c, struct slice text, struct error *err) {
    QRcode *code = QRcode_encodeData((int)text.len, text.ptr, 0, QR_ECLEVEL_L);
    ENSURE(code, INVALID_ARGUMENT, "%zu bytes do not fit a QR code", text.len);
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        writer_str(&c->out, c->colour ? "  \033[40;37;1m" : "  ");
        draw_line(&c->out, code, y);
        writer_str(&c->out, c->colour ? "\033[0m\n" : "\n");
    }
    QRcode_free(code);
    return OBOL_OK;
}
