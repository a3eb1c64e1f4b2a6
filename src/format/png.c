/* PNG pictures by libpng, which leaves by longjmp when something is wrong: each function that calls
 * setjmp changes none of its variables afterwards. What libpng says comes back as an error, nothing is
 * printed. */
#include "netrun/format.h"

#include <png.h>
#include <string.h>

struct complaint {
    char text[128];
};

static void on_error(png_structp png, png_const_charp message) {
    struct complaint *complaint = png_get_error_ptr(png);
    snprintf(complaint->text, sizeof complaint->text, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

/* Whether all got to the disk is asked when the file is committed, which knows the system's reason. */
static void on_bytes(png_structp png, png_bytep bytes, size_t count) {
    fwrite(bytes, 1, count, (FILE *)png_get_io_ptr(png));
}

static void on_flush(png_structp png) {
    (void)png;
}

static bool encode(png_structp png, png_infop info, FILE *out, const struct picture *picture) {
    if (setjmp(png_jmpbuf(png)))
        return false;
    size_t row = (size_t)picture->width * (size_t)picture->channels;
    png_set_write_fn(png, out, on_bytes, on_flush);
    png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8,
                 picture->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < picture->height; y++)
        png_write_row(png, picture->pixels + (size_t)y * row);
    png_write_end(png, NULL);
    return true;
}

/* False with an empty complaint: out of memory. */
static bool write_picture(FILE *out, const struct picture *picture, struct complaint *complaint) {
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, complaint, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    bool good = info && encode(png, info, out, picture);
    png_destroy_write_struct(&png, &info);
    return good;
}

bool png_write(const char *path, struct picture picture, struct report *report) {
    struct file_writer writer;
    if (!file_begin(&writer, path, report))
        return false;
    struct complaint complaint = {""};
    if (write_picture(writer.out, &picture, &complaint))
        return file_commit(&writer, report);
    file_discard(&writer);
    return complaint.text[0] ? report_error(report, "cannot write '%s': %s", path, complaint.text)
                             : false;
}
