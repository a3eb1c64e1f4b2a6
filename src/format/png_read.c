/* Reads PNG pictures of every kind that the format knows (palette, grey, 16 bit, transparent, interlaced) as 8-bit
 * grey or colour. Transparent pixels are laid over white. libpng leaves by longjmp: what must live on stands in
 * the struct, and the function with setjmp changes none of its variables afterwards. */
#include "netrun/format.h"

#include <png.h>
#include <string.h>

enum { MOST_FILE = 256 << 20, SIGNATURE = 8 };

struct reading {
    struct arena *arena;
    const uint8_t *bytes; /* the file */
    size_t size, at;
    png_structp png;
    png_infop info;
    struct picture picture;
    uint8_t **rows;
    char complaint[128]; /* "": out of memory */
};

static void on_error(png_structp png, png_const_charp message) {
    struct reading *reading = png_get_error_ptr(png);
    snprintf(reading->complaint, sizeof reading->complaint, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep to, size_t count) {
    struct reading *reading = png_get_io_ptr(png);
    if (count > reading->size - reading->at)
        png_error(png, "the file ends too early");
    memcpy(to, reading->bytes + reading->at, count);
    reading->at += count;
}

/* ---- decoding ---------------------------------------------------------------------------------- */

/* Everything becomes 8-bit grey or RGB, with alpha or without. */
static void set_transforms(png_structp png) {
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_interlace_handling(png);
}

static void check_size(const struct reading *reading) {
    int64_t width = png_get_image_width(reading->png, reading->info);
    int64_t height = png_get_image_height(reading->png, reading->info);
    if (width * height > PICTURE_MOST_PIXELS)
        png_error(reading->png, "it has more than 67,108,864 pixels");
}

static bool make_rows(struct reading *reading) {
    struct picture *picture = &reading->picture;
    size_t row = (size_t)picture->width * (size_t)picture->channels;
    picture->pixels = arena_alloc(reading->arena, (size_t)picture->height, row);
    reading->rows = arena_alloc(reading->arena, (size_t)picture->height, sizeof *reading->rows);
    for (int y = 0; picture->pixels && reading->rows && y < picture->height; y++)
        reading->rows[y] = picture->pixels + (size_t)y * row;
    return picture->pixels && reading->rows;
}

static bool decode(struct reading *reading) {
    if (setjmp(png_jmpbuf(reading->png)))
        return false;
    png_set_read_fn(reading->png, reading, on_read);
    png_set_user_limits(reading->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(reading->png, reading->info);
    check_size(reading);
    set_transforms(reading->png);
    png_read_update_info(reading->png, reading->info);
    reading->picture.width = (int)png_get_image_width(reading->png, reading->info);
    reading->picture.height = (int)png_get_image_height(reading->png, reading->info);
    reading->picture.channels = png_get_channels(reading->png, reading->info);
    if (!make_rows(reading))
        return false;
    png_read_image(reading->png, reading->rows);
    png_read_end(reading->png, NULL);
    return true;
}

static bool read_bytes(struct reading *reading) {
    reading->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reading, on_error, on_warning);
    reading->info = reading->png ? png_create_info_struct(reading->png) : NULL;
    bool good = reading->info && decode(reading);
    png_destroy_read_struct(&reading->png, &reading->info, NULL);
    return good;
}

/* Lays what is transparent over white, and drops the alpha. */
static void drop_alpha(struct picture *picture) {
    size_t pixels = (size_t)picture->width * (size_t)picture->height;
    int colors = picture->channels - 1;
    const uint8_t *from = picture->pixels;
    uint8_t *to = picture->pixels;
    if (picture->channels % 2) /* 1 and 3 have none */
        return;
    for (size_t i = 0; i < pixels; i++, from += colors + 1, to += colors)
        for (int c = 0; c < colors; c++)
            to[c] = (uint8_t)((from[c] * from[colors] + 255 * (255 - from[colors]) + 127) / 255);
    picture->channels = colors;
}

/* ---- the file ---------------------------------------------------------------------------------- */

bool png_read(struct arena *arena, const char *path, struct picture *picture, struct report *report,
              const struct pos *pos) {
    struct reading reading = {.arena = arena};
    struct arena *scratch = arena_child(arena);
    reading.bytes =
        scratch ? (const uint8_t *)file_read(scratch, path, MOST_FILE, &reading.size, report, pos)
                : NULL;
    bool good = reading.bytes != NULL;
    if (good && (reading.size < SIGNATURE || png_sig_cmp(reading.bytes, 0, SIGNATURE)))
        good = report_at(report, pos, "'%s' is no PNG picture", path);
    else if (good && !(good = read_bytes(&reading)) && reading.complaint[0])
        report_at(report, pos, "cannot read the picture '%s': %s", path, reading.complaint);
    arena_free(scratch);
    if (good)
        drop_alpha(&reading.picture);
    *picture = reading.picture;
    return good;
}
