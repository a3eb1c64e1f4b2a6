/* The text before libyaml sees it: UTF-8, no control characters, no line breaks but LF and CRLF.
 *
 * After this check lines and columns mean the same to libyaml, to the report and to the user's editor.
 * Directives (`%TAG`) are refused here because libyaml takes quadratic time over many of them. */
#include "characters.h"

#include <string.h>

enum {
    NEXT_LINE = 0x85,
    LINE_SEPARATOR = 0x2028,
    PARAGRAPH_SEPARATOR = 0x2029,
    BYTE_ORDER_MARK = 0xFEFF
};

/* Bytes that the lead byte promises; 0: no lead byte. */
static size_t promised_bytes(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
}

size_t character_decode(const char *text, size_t left, uint32_t *code) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t bytes = left > 0 ? promised_bytes((unsigned char)text[0]) : 0;
    if (bytes == 0 || bytes > left)
        return 0;
    uint32_t value = (unsigned char)text[0] & lead_bits[bytes];
    for (size_t i = 1; i < bytes; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | ((unsigned char)text[i] & 0x3F);
    }
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[bytes] || value > 0x10FFFF || surrogate)
        return 0;
    *code = value;
    return bytes;
}

bool character_fits(uint32_t code) {
    if (code < 0x20)
        return code == '\t' || code == '\n' || code == '\r';
    bool control = code >= 0x7F && code <= 0x9F;
    bool separator = code == LINE_SEPARATOR || code == PARAGRAPH_SEPARATOR;
    bool not_a_character = code == 0xFFFE || code == 0xFFFF;
    return !control && !separator && !not_a_character && code != BYTE_ORDER_MARK;
}

const char *characters_start(const struct text_file *file) {
    return strncmp(file->text, "\xEF\xBB\xBF", 3) ? file->text : file->text + 3;
}

static bool refuse_damage(const struct pos *pos, const char *at, struct report *report) {
    if (pos->line == 1 && pos->column == 1 && (*at == '\xFF' || *at == '\xFE'))
        return report_at(report, pos, "this is no UTF-8 text; save the file as UTF-8, not UTF-16");
    return report_at(report, pos, "this is no UTF-8 text (byte 0x%02X); save the file as UTF-8",
                     (unsigned)(unsigned char)*at);
}

/* One character, already decoded; `next` is the byte behind it (there is always the final NUL). */
static bool check_character(const struct pos *pos, uint32_t code, char next,
                            struct report *report) {
    if (code == 0)
        return report_at(report, pos, "a NUL byte; is this a text file?");
    if (code == '\r' && next != '\n')
        return report_at(report, pos,
                         "a carriage return without a line feed; save the file with "
                         "Unix or Windows line ends");
    if (code == '%' && pos->column == 1)
        return report_at(report, pos,
                         "a line that begins with '%%' is a YAML directive, which is not "
                         "used here; delete or indent it");
    if (!character_fits(code))
        return report_at(report, pos, "the character U+%04X cannot stand in YAML; delete it",
                         (unsigned)code);
    return true;
}

bool characters_check(const struct text_file *file, struct report *report) {
    struct pos pos = {.file = file, .line = 1, .column = 1};
    const char *at = characters_start(file), *end = file->text + file->size;
    while (at < end) {
        uint32_t code;
        size_t bytes = character_decode(at, (size_t)(end - at), &code);
        if (bytes == 0)
            return refuse_damage(&pos, at, report);
        if (!check_character(&pos, code, at[bytes], report))
            return false;
        at += bytes;
        pos.line += code == '\n';
        pos.column = code == '\n' ? 1 : pos.column + 1;
    }
    return true;
}
