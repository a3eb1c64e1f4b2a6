/* UTF-8 checked and repaired. Names come from file names and YAML, which may hold any bytes; a table with
 * an odd character is better than none. */
#include "utf8.h"

#include <string.h>

/* Bytes that a first byte announces, and the range of the second byte, which alone rules out overlong
 * forms, surrogates and what lies beyond Unicode. */
static int announced(unsigned char lead, unsigned char *low, unsigned char *high) {
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    if (lead >= 0xF0 && lead <= 0xF4)
        return 4;
    return lead < 0x80 ? 1 : 0;
}

int utf8_length(const char *text) {
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char low, high;
    int length = announced(bytes[0], &low, &high);
    for (int i = 1; i < length; i++) {
        if (bytes[i] < low || bytes[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

int utf8_characters(const char *text) {
    int count = 0;
    for (; *text; count++) {
        int length = utf8_length(text);
        text += length ? length : 1;
    }
    return count;
}

char *utf8_repaired(struct arena *arena, const char *text) {
    static const char replacement[] = "\xEF\xBF\xBD";
    size_t most = sizeof replacement - 1;
    char *copy = arena_alloc(arena, strlen(text) + 1, most), *to = copy;
    if (!copy)
        return NULL;
    while (*text) {
        int length = utf8_length(text);
        size_t bytes = length ? (size_t)length : most;
        memcpy(to, length ? text : replacement, bytes);
        text += length ? length : 1;
        to += bytes;
    }
    return copy;
}
