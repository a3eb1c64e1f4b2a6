/* Words for messages: quoting, the nearest name, numbers as people read them. */
#include "netrun/base.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD_MOST = 40
}; /* characters of the user's word shown; edit distances are for such words too */

/* Bytes of the UTF-8 character that starts here; 1 where it is damaged. */
static size_t character_bytes(const char *text) {
    unsigned char lead = (unsigned char)text[0];
    size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    for (size_t i = 1; i < bytes; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return 1;
    return bytes;
}

struct quoted quote(const char *word) {
    struct quoted quoted = {"'"};
    size_t used = 1;
    int shown = 0;
    while (*word && shown < WORD_MOST && used + 4 < sizeof quoted.text - 5) {
        size_t bytes = character_bytes(word);
        bool control = (unsigned char)*word < 0x20 || *word == 0x7F;
        memcpy(quoted.text + used, control ? "?" : word, bytes);
        used += bytes;
        word += bytes;
        shown++;
    }
    strcpy(quoted.text + used, *word ? "...'" : "'");
    return quoted;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance (neighbours swapped count one), by three rows of the usual table. */
static int edit_distance(const char *a, const char *b) {
    int rows[3][WORD_MOST + 2], length = (int)strlen(b);
    for (int j = 0; j <= length; j++)
        rows[1][j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int *now = rows[(i + 1) % 3], *above = rows[i % 3], *before = rows[(i + 2) % 3];
        now[0] = i;
        for (int j = 1; j <= length; j++) {
            int change = above[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(least(now[j - 1], above[j]) + 1, change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[(strlen(a) + 1) % 3][length];
}

void nearest_offer(struct nearest *nearest, const char *name) {
    if (strlen(nearest->word) > WORD_MOST || strlen(name) > WORD_MOST)
        return;
    int distance = edit_distance(nearest->word, name);
    if (!nearest->name || distance < nearest->distance) {
        nearest->name = name;
        nearest->distance = distance;
    }
}

struct quoted nearest_hint(const struct nearest *nearest) {
    struct quoted hint = {""};
    int most = (int)strlen(nearest->word) / 3;
    if (nearest->name && nearest->distance <= (most > 1 ? most : 1))
        snprintf(hint.text, sizeof hint.text, "; did you mean '%s'?", nearest->name);
    return hint;
}

struct quoted text_commas(int64_t number) {
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRId64, number);
    struct quoted text = {""};
    char *to = text.text;
    int length = (int)strlen(digits);
    for (int i = 0; i < length; i++) {
        *to++ = digits[i];
        int left = length - 1 - i;
        if (left > 0 && left % 3 == 0 && digits[i] != '-')
            *to++ = ',';
    }
    return text;
}

struct quoted text_bytes(size_t bytes) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    int unit = 0;
    while (value >= 999.95 && unit < BASE_COUNT(units) - 1) {
        value /= 1000;
        unit++;
    }
    struct quoted text;
    snprintf(text.text, sizeof text.text, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

struct quoted text_seconds(double seconds) {
    struct quoted text;
    long whole = seconds > 0 && seconds < 1e15 ? (long)(seconds + 0.5) : 0;
    if (seconds < 9.95)
        snprintf(text.text, sizeof text.text, "%.1f s", seconds > 0 ? seconds : 0);
    else if (whole < 60)
        snprintf(text.text, sizeof text.text, "%ld s", whole);
    else if (whole < 3600)
        snprintf(text.text, sizeof text.text, "%ld min %02ld s", whole / 60, whole % 60);
    else
        snprintf(text.text, sizeof text.text, "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
    return text;
}

bool text_begin(struct text_writer *writer) {
    writer->out = open_memstream(&writer->text, &writer->size);
    return writer->out != NULL;
}

char *text_end(struct text_writer *writer, struct arena *arena, size_t *size) {
    bool whole = fclose(writer->out) == 0;
    char *text = whole ? arena_copy(arena, writer->text, writer->size) : NULL;
    *size = writer->size;
    free(writer->text);
    return text;
}
