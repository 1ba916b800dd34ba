# qr.py: what a reader (zbar, libzbar0 of Debian) sees in a QR code that a program has drawn with half blocks.
import ctypes
import re

SCALE = 4  # pixels of a module
LIGHT = {"\u2588": (True, True), "\u2580": (True, False), "\u2584": (False, True), " ": (False, False)}


def drawn(text):
    """The rows of the code, True for light; its lines are those of nothing but half blocks."""
    lines = [line[2:] for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
             if line.startswith("  ") and "\u2588\u2588" in line and set(line) <= set(LIGHT)]
    width = max(map(len, lines))
    rows = []
    for line in lines:
        cells = [LIGHT[c] for c in line.ljust(width)]
        rows += [[upper for upper, _ in cells], [lower for _, lower in cells]]
    return rows


def read(text):
    """The texts of the QR codes in it."""
    rows = drawn(text)
    width, height = len(rows[0]) * SCALE, len(rows) * SCALE
    gray = b"".join(bytes(255 if light else 0 for light in row for _ in range(SCALE)) * SCALE for row in rows)
    zbar = ctypes.CDLL("libzbar.so.0")
    for name in ("zbar_image_scanner_create", "zbar_image_create", "zbar_image_first_symbol", "zbar_symbol_next",
                 "zbar_symbol_get_data"):
        getattr(zbar, name).restype = ctypes.c_void_p
    scanner, image = (ctypes.c_void_p(zbar.zbar_image_scanner_create()), ctypes.c_void_p(zbar.zbar_image_create()))
    zbar.zbar_image_set_format(image, ctypes.c_ulong(int.from_bytes(b"Y800", "little")))
    zbar.zbar_image_set_size(image, ctypes.c_uint(width), ctypes.c_uint(height))
    zbar.zbar_image_set_data(image, ctypes.c_char_p(gray), ctypes.c_ulong(len(gray)), None)
    found, seen = zbar.zbar_scan_image(scanner, image), []
    symbol = zbar.zbar_image_first_symbol(image) if found > 0 else None
    while symbol:
        seen.append(ctypes.string_at(zbar.zbar_symbol_get_data(ctypes.c_void_p(symbol))).decode())
        symbol = zbar.zbar_symbol_next(ctypes.c_void_p(symbol))
    zbar.zbar_image_destroy(image)
    zbar.zbar_image_scanner_destroy(scanner)
    return seen
