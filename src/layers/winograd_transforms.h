/* winograd_transforms.h: the transforms of tiles, made of those of one row or column: along all columns first,
 * then along all rows.
 *
 * To be included once the file has defined TILE, PATCH and
 *   input_row (PATCH to PATCH), gradient_row (TILE to PATCH), output_row (PATCH to TILE),
 *   filter_row (3 to PATCH), filter_gradient_row (PATCH to 3);
 * WINOGRAD_TRANSFORMS is then the struct of all. */

static void input_tile(const float *const rows[], size_t first, size_t pixel, float *planes,
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

static void gradient_tile(const float *const rows[], size_t first, size_t pixel, float *planes,
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

/* Channels c .. c + VECTOR_FLOATS - 1, as far as there are any. */
static void store_tile(const struct target_tile *tile, int c, vector y[TILE][TILE]) {
    int channels = convolution_least(VECTOR_FLOATS, tile->channels - c);
    vector bias = tile->bias ? vector_load_some(tile->bias + c, channels) : (vector){0};
    for (int i = 0; i < tile->rows; i++)
        for (int j = 0; j < tile->columns; j++) {
            float *to = tile->first + (size_t)i * tile->row_pitch + (size_t)j * tile->pitch + c;
            vector v = y[i][j] + bias;
            if (channels == VECTOR_FLOATS)
                vector_store(to, tile->add ? v + vector_load(to) : v);
            else
                vector_store_some(to, tile->add ? v + vector_load_some(to, channels) : v, channels);
        }
}

static void output_tile(const float *planes, size_t plane, const struct target_tile *tile) {
    for (int c = 0; c < tile->channels; c += VECTOR_FLOATS) {
        vector t[TILE][PATCH], m[PATCH], column[TILE], y[TILE][TILE];
        for (int j = 0; j < PATCH; j++) {
            for (int i = 0; i < PATCH; i++)
                m[i] = vector_load(planes + (size_t)(i * PATCH + j) * plane + c);
            output_row(m, column);
            for (int i = 0; i < TILE; i++)
                t[i][j] = column[i];
        }
        for (int i = 0; i < TILE; i++)
            output_row(t[i], y[i]);
        store_tile(tile, c, y);
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
        .input = input_tile, .gradient = gradient_tile, .output = output_tile,                     \
        .filter = filter_tile, .filter_gradient = filter_gradient_tile                             \
    }
