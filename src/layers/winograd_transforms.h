/* winograd_transforms.h: the transforms of tiles, made of those of one row or column: along all columns first,
 * then along all rows. Two rows of what lies between are made at a time and stay in registers; all of them would
 * go to memory and back.
 *
 * To be included once the file has defined TILE, PATCH and
 *   input_row (PATCH to PATCH), gradient_row (TILE to PATCH), output_row (PATCH to TILE),
 *   filter_row (3 to PATCH), filter_gradient_row (PATCH to 3);
 *   PATCH_PAIRS(pair), TILE_PAIRS(pair): pair(a, b) for all rows of a patch, and of a tile, best those together
 *   that share their sums; pair(a, a) is one row.
 * WINOGRAD_TRANSFORMS is then the struct of all. */

/* Kept from the compiler, which else would hold an address for every plane, though registers are few. */
INLINE size_t afresh(size_t plane) {
    __asm__("" : "+r"(plane));
    return plane;
}

/* ---- pixels to planes ---------------------------------------------------------------------------- */

/* A vector of channels: pixel j of row i, and its planes. */
struct patch {
    const float *const *rows;
    size_t first, pixel;
    float *planes;
    size_t plane;
};

INLINE vector patch_pixel(const struct patch *patch, int i, int j) {
    return vector_load(patch->rows[i] + patch->first + (size_t)j * patch->pixel);
}

INLINE void store_row(const struct patch *patch, int i, const vector row[PATCH]) {
    size_t plane = afresh(patch->plane);
    for (int j = 0; j < PATCH; j++)
        vector_store(patch->planes + (size_t)(i * PATCH + j) * plane, row[j]);
}

typedef void transform(const vector from[], vector to[PATCH]);

/* Rows a and b of the planes, from the `size` x `size` pixels that the transform of a row takes. */
INLINE void planes_pair(const struct patch *patch, transform *const row_of, const int size,
                        const int a, const int b) {
    vector t[2][PATCH], d[PATCH], column[PATCH], row[PATCH];
    for (int j = 0; j < size; j++) {
        for (int i = 0; i < size; i++)
            d[i] = patch_pixel(patch, i, j);
        row_of(d, column);
        t[0][j] = column[a];
        t[1][j] = column[b];
    }
    row_of(t[0], row);
    store_row(patch, a, row);
    if (a == b)
        return;
    row_of(t[1], row);
    store_row(patch, b, row);
}

#define INPUT_PAIR(a, b) planes_pair(&patch, input_row, PATCH, a, b);
#define GRADIENT_PAIR(a, b) planes_pair(&patch, gradient_row, TILE, a, b);

/* `count` tiles side by side. */
#define TILES(name, pairs)                                                                         \
    static void name(const float *const rows[], size_t first, size_t pixel, int count,             \
                     float *planes, size_t plane) {                                                \
        for (int i = 0; i < count; i++)                                                            \
            for (size_t c = 0; c < pixel; c += VECTOR_FLOATS) {                                    \
                struct patch patch = {rows, first + (size_t)i * TILE * pixel + c, pixel,           \
                                      planes + (size_t)i * pixel + c, plane};                      \
                pairs                                                                              \
            }                                                                                      \
    }
TILES(input_tiles, PATCH_PAIRS(INPUT_PAIR))
TILES(gradient_tiles, PATCH_PAIRS(GRADIENT_PAIR))

/* ---- planes to pixels ---------------------------------------------------------------------------- */

/* A vector of channels of a tile of the output. Column 1 of A' is all ones, so what is added to the product of plane
 * (1, 1) is added to all pixels: there goes the bias. */
struct target {
    float *first;
    size_t pitch, row_pitch;
    vector bias;
    bool add;
};

INLINE void store_pixels(const struct target *target, int i, const vector y[TILE]) {
    float *to = target->first + (size_t)i * target->row_pitch;
    for (int j = 0; j < TILE; j++, to += target->pitch)
        vector_store(to, target->add ? y[j] + vector_load(to) : y[j]);
}

INLINE void output_pair(const float *planes, size_t plane, const struct target *target, const int a,
                        const int b) {
    vector t[2][PATCH], m[PATCH], column[TILE], y[TILE];
    for (int j = 0; j < PATCH; j++) {
        for (int i = 0; i < PATCH; i++)
            m[i] = vector_load(planes + (size_t)(i * PATCH + j) * plane);
        if (j == 1)
            m[1] += target->bias;
        output_row(m, column);
        t[0][j] = column[a];
        t[1][j] = column[b];
    }
    output_row(t[0], y);
    store_pixels(target, a, y);
    if (a == b)
        return;
    output_row(t[1], y);
    store_pixels(target, b, y);
}

#define OUTPUT_PAIR(a, b) output_pair(planes, afresh(plane), target, a, b);

static void output_tile(const float *planes, size_t plane, const struct target *target) {
    TILE_PAIRS(OUTPUT_PAIR)
}

/* The part of a tile that lies on the output, of channels at most VECTOR_FLOATS. */
struct part {
    int rows, columns, channels;
};

static void output_part(const float *planes, size_t plane, const struct target *target,
                        struct part part) {
    float tile[TILE * TILE * VECTOR_FLOATS];
    struct target whole = {tile, VECTOR_FLOATS, TILE * VECTOR_FLOATS, target->bias, false};
    output_tile(planes, plane, &whole);
    for (int i = 0; i < part.rows; i++)
        for (int j = 0; j < part.columns; j++) {
            float *to = target->first + (size_t)i * target->row_pitch + (size_t)j * target->pitch;
            vector v = vector_load(tile + (i * TILE + j) * VECTOR_FLOATS);
            if (target->add)
                v += vector_load_some(to, part.channels);
            vector_store_some(to, v, part.channels);
        }
}

static void output_tiles(const float *planes, size_t plane, size_t pixel,
                         const struct target_row *row) {
    struct target target = {.pitch = row->pitch, .row_pitch = row->row_pitch, .add = row->add};
    for (int first = 0; first < row->width; first += TILE, planes += pixel)
        for (int c = 0; c < row->channels; c += VECTOR_FLOATS) {
            struct part part = {row->rows, convolution_least(TILE, row->width - first),
                                convolution_least(VECTOR_FLOATS, row->channels - c)};
            target.first = row->first + (size_t)first * row->pitch + c;
            if (row->bias)
                target.bias = vector_load_some(row->bias + c, part.channels);
            if (part.rows == TILE && part.columns == TILE && part.channels == VECTOR_FLOATS)
                output_tile(planes + c, plane, &target);
            else
                output_part(planes + c, plane, &target, part);
        }
}

/* ---- filters ------------------------------------------------------------------------------------- */

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
