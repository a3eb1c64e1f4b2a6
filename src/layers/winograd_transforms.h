/* winograd_transforms.h: the transforms of tiles, made of those of one row or column: along all columns first,
 * then along all rows.
 *
 * To be included once the file has defined TILE, PATCH and
 *   input_row (PATCH to PATCH), gradient_row (TILE to PATCH), output_row (PATCH to TILE),
 *   filter_row (3 to PATCH), filter_gradient_row (PATCH to 3);
 * WINOGRAD_TRANSFORMS is then the struct of all. */

/* Kept from the compiler, which else would hold an address for every plane, though registers are few. */
INLINE size_t afresh(size_t plane) {
    __asm__("" : "+r"(plane));
    return plane;
}

INLINE void input_tile(const float *const rows[], size_t first, size_t pixel, float *planes,
                       size_t plane) {
    for (size_t c = 0; c < pixel; c += VECTOR_FLOATS) {
        vector t[PATCH][PATCH], d[PATCH], column[PATCH], row[PATCH];
        for (int j = 0; j < PATCH; j++) {
            for (int i = 0; i < PATCH; i++)
                d[i] = vector_load(rows[i] + first + (size_t)j * pixel + c);
            input_row(d, column);
            for (int i = 0; i < PATCH; i++)
                t[i][j] = column[i];
        }
        for (int i = 0; i < PATCH; i++) {
            input_row(t[i], row);
            for (int j = 0; j < PATCH; j++)
                vector_store(planes + (size_t)(i * PATCH + j) * plane + c, row[j]);
        }
    }
}

static void input_tiles(const float *const rows[], size_t first, size_t pixel, int count,
                        float *planes, size_t plane) {
    for (int j = 0; j < count; j++, first += TILE * pixel, planes += pixel)
        input_tile(rows, first, pixel, planes, afresh(plane));
}

INLINE void gradient_tile(const float *const rows[], size_t first, size_t pixel, float *planes,
                          size_t plane) {
    for (size_t c = 0; c < pixel; c += VECTOR_FLOATS) {
        vector t[PATCH][TILE], y[TILE], column[PATCH], row[PATCH];
        for (int j = 0; j < TILE; j++) {
            for (int i = 0; i < TILE; i++)
                y[i] = vector_load(rows[i] + first + (size_t)j * pixel + c);
            gradient_row(y, column);
            for (int i = 0; i < PATCH; i++)
                t[i][j] = column[i];
        }
        for (int i = 0; i < PATCH; i++) {
            gradient_row(t[i], row);
            for (int j = 0; j < PATCH; j++)
                vector_store(planes + (size_t)(i * PATCH + j) * plane + c, row[j]);
        }
    }
}

static void gradient_tiles(const float *const rows[], size_t first, size_t pixel, int count,
                           float *planes, size_t plane) {
    for (int j = 0; j < count; j++, first += TILE * pixel, planes += pixel)
        gradient_tile(rows, first, pixel, planes, afresh(plane));
}

/* The part of a tile that lies on the output; of channels at most VECTOR_FLOATS. */
struct target {
    float *first;
    size_t pitch, row_pitch;
    int rows, columns, channels;
    bool add;
};

static __attribute__((noinline)) void store_tile(const struct target *target, vector y[TILE][TILE],
                                                 vector bias) {
    for (int i = 0; i < target->rows; i++)
        for (int j = 0; j < target->columns; j++) {
            float *to = target->first + (size_t)i * target->row_pitch + (size_t)j * target->pitch;
            vector v = y[i][j] + bias;
            if (target->channels == VECTOR_FLOATS)
                vector_store(to, target->add ? v + vector_load(to) : v);
            else
                vector_store_some(to, target->add ? v + vector_load_some(to, target->channels) : v,
                                  target->channels);
        }
}

INLINE void output_tile(const float *planes, size_t plane, vector y[TILE][TILE]) {
    vector t[TILE][PATCH], m[PATCH], column[TILE];
    for (int j = 0; j < PATCH; j++) {
        for (int i = 0; i < PATCH; i++)
            m[i] = vector_load(planes + (size_t)(i * PATCH + j) * plane);
        output_row(m, column);
        for (int i = 0; i < TILE; i++)
            t[i][j] = column[i];
    }
    for (int i = 0; i < TILE; i++)
        output_row(t[i], y[i]);
}

static void output_tiles(const float *planes, size_t plane, size_t pixel,
                         const struct target_row *row) {
    struct target target = {
        .pitch = row->pitch, .row_pitch = row->row_pitch, .rows = row->rows, .add = row->add};
    for (int first = 0; first < row->width; first += TILE, planes += pixel) {
        target.columns = convolution_least(TILE, row->width - first);
        for (int c = 0; c < row->channels; c += VECTOR_FLOATS) {
            vector y[TILE][TILE], bias = {0};
            target.first = row->first + (size_t)first * row->pitch + c;
            target.channels = convolution_least(VECTOR_FLOATS, row->channels - c);
            if (row->bias)
                bias = vector_load_some(row->bias + c, target.channels);
            output_tile(planes + c, afresh(plane), y);
            store_tile(&target, y, bias);
        }
    }
}

static void filter_tile(vector g[3][3], float *planes, size_t plane) {
    vector t[PATCH][3], column[PATCH], row[PATCH];
    for (int j = 0; j < 3; j++) {
        vector down[3] = {g[0][j], g[1][j], g[2][j]};
        filter_row(down, column);
        for (int i = 0; i < PATCH; i++)
            t[i][j] = column[i];
    }
    for (int i = 0; i < PATCH; i++) {
        filter_row(t[i], row);
        for (int j = 0; j < PATCH; j++)
            vector_store(planes + (size_t)(i * PATCH + j) * plane, row[j]);
    }
}

static void filter_gradient_tile(const float *planes, size_t plane, vector g[3][3]) {
    vector t[3][PATCH], m[PATCH], column[3];
    for (int j = 0; j < PATCH; j++) {
        for (int i = 0; i < PATCH; i++)
            m[i] = vector_load(planes + (size_t)(i * PATCH + j) * plane);
        filter_gradient_row(m, column);
        for (int i = 0; i < 3; i++)
            t[i][j] = column[i];
    }
    for (int i = 0; i < 3; i++)
        filter_gradient_row(t[i], g[i]);
}

#define WINOGRAD_TRANSFORMS                                                                        \
    {                                                                                              \
        .input = input_tiles, .gradient = gradient_tiles, .output = output_tiles,                  \
        .filter = filter_tile, .filter_gradient = filter_gradient_tile                             \
    }
