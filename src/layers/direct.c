/* Convolution to places row by row, with no copy of the pixels under each window.
 *
 * With channels innermost the pixels of a row that lie under one row of a kernel are neighbours in memory. A row
 * of places is then, for each row of the kernel, one product of matrices: its left side is the row of pixels
 * itself, whose matrix rows begin `stride` pixels apart and overlap.
 *     places[x, :] += pixels[x * stride .. x * stride + kernel - 1, :] W[tap row]
 * Back, the sums over overlaps and over all places are those of the columns (columns.c). */
#include "product.h"
#include "strip.h"

/* ---- weights -------------------------------------------------------------------------------------- */

struct packing {
    const struct convolution *shape;
    const float *weights;
    float *packed;
};

static const float *weight_at(const struct packing *packing, size_t place, size_t image, int tap) {
    size_t channels = (size_t)packing->shape->image_channels;
    return packing->weights + (place * channels + image) * convolution_taps(packing->shape) +
           (size_t)tap;
}

/* Floats of the packed weights that one row of the kernel has. */
static size_t row_to_places(const struct convolution *shape) {
    size_t depth = (size_t)shape->window.columns.kernel * (size_t)shape->image_channels;
    return product_packed(depth, (size_t)shape->place_channels);
}

static void pack_tap_to_places(void *context, int tap, int worker) {
    (void)worker;
    const struct packing *packing = context;
    const struct convolution *shape = packing->shape;
    size_t image = (size_t)shape->image_channels, places = (size_t)shape->place_channels;
    size_t width = (size_t)shape->window.columns.kernel, depth = width * image;
    float *row = packing->packed + (size_t)tap / width * row_to_places(shape);
    for (size_t c = 0; c < image; c++)
        for (size_t o = 0; o < places; o++)
            row[product_place(depth, places, (size_t)tap % width * image + c, o)] =
                *weight_at(packing, o, c, tap);
}

/* What is not a weight is 0: the rest of vectors and panels. */
static void pack_to_places(const struct convolution *shape, const struct layer_call *call) {
    struct packing packing = {shape, call->params[0], call->packed};
    memset(packing.packed, 0,
           (size_t)shape->window.rows.kernel * row_to_places(shape) * sizeof(float));
    pool_run(call->pool, (int)convolution_taps(shape), pack_tap_to_places, &packing);
}

/* ---- rows that are written -------------------------------------------------------------------------
 * In memory where channels fill whole vectors, else beside it. */
struct output {
    struct tensor tensor;
    struct layer_taker taker;
    struct slice slice;
    const float *bias;
    bool add;
    float *beside; /* memory for a row */
    float *row;    /* the row at hand, `pitch` floats from pixel to pixel */
    size_t pitch;
};

static struct output output_of(const struct convolution_map *map, struct slice slice,
                               const float *bias, bool add, float *memory) {
    size_t channels = (size_t)map->tensor.channels, wide = vector_round(channels);
    bool beside = wide != channels;
    return (struct output){.tensor = map->tensor,
                           .taker = map->taker,
                           .slice = slice,
                           .bias = bias,
                           .add = add,
                           .beside = beside ? memory : NULL,
                           .pitch = beside ? wide : (size_t)map->tensor.pitch};
}

/* The number of the first pixel of a row. */
static size_t row_first(struct tensor tensor, int image, int y) {
    return ((size_t)image * (size_t)tensor.height + (size_t)y) * (size_t)tensor.width;
}

static float *row_in_memory(const struct output *output, int image, int y) {
    return layer_pixel(output->tensor, row_first(output->tensor, image, y));
}

/* Makes the row ready to be added to. */
static void output_begin(struct output *output, int image, int y) {
    float *memory = row_in_memory(output, image, y);
    size_t bytes = (size_t)output->tensor.channels * sizeof *memory;
    size_t pitch = (size_t)output->tensor.pitch;
    output->row = output->beside ? output->beside : memory;
    for (size_t x = 0; x < (size_t)output->tensor.width; x++) {
        float *to = output->row + x * output->pitch;
        if (output->add && output->beside)
            memcpy(to, memory + x * pitch, bytes);
        else if (!output->add && output->bias)
            memcpy(to, output->bias, bytes);
        else if (!output->add)
            memset(to, 0, bytes);
    }
}

static void output_end(const struct output *output, int image, int y) {
    struct tensor tensor = output->tensor;
    float *memory = row_in_memory(output, image, y);
    size_t bytes = (size_t)tensor.channels * sizeof *memory;
    for (size_t x = 0; output->beside && x < (size_t)tensor.width; x++)
        memcpy(memory + x * (size_t)tensor.pitch, output->row + x * output->pitch, bytes);
    convolution_offer(&output->taker, tensor, output->slice, image, y, 1);
}

/* ---- to places -------------------------------------------------------------------------------------- */

static struct strip strip_of(const struct convolution_pass *pass) {
    const struct axis *rows = &pass->shape->window.rows, *columns = &pass->shape->window.columns;
    struct strip strip = strip_over(pass->image, pass->slice, pass->scratch);
    strip.above = rows->padding;
    strip.left = columns->padding;
    strip.rows = rows->kernel;
    strip.columns = (columns->out - 1) * columns->stride + columns->kernel;
    strip.pixel = (size_t)pass->shape->image_channels;
    return strip;
}

static void row_of_places(const struct convolution_pass *pass, const struct strip *x,
                          const struct output *output) {
    const struct axis *columns = &pass->shape->window.columns;
    size_t places = (size_t)pass->shape->place_channels;
    size_t depth = (size_t)columns->kernel * x->pixel;
    struct product product = {.rows = (size_t)columns->out,
                              .columns = vector_round(places),
                              .depth = depth,
                              .a_pitch = (size_t)columns->stride * x->pixel,
                              .b_row = product_panel(places),
                              .b_panel = depth * product_panel(places),
                              .c = output->row,
                              .c_row = output->pitch,
                              .add = true};
    for (int tap = 0; tap < pass->shape->window.rows.kernel; tap++) {
        product.a = x->row[tap];
        product.b = pass->packed + (size_t)tap * row_to_places(pass->shape);
        PER_ISA(product_run)(&product, &(struct ahead){0});
    }
}

static void to_places(const struct convolution_pass *pass, const float *bias, bool add) {
    const struct axis *rows = &pass->shape->window.rows;
    struct strip x = strip_of(pass);
    float *beside = x.memory + strip_floats(x.rows, x.columns, x.pixel);
    struct output output = output_of(&pass->places, pass->slice, bias, add, beside);
    for (int image = 0; image < pass->slice.count; image++)
        for (int y = 0; y < rows->out; y++) {
            PER_ISA(strip_load)(&x, image, y * rows->stride);
            output_begin(&output, image, y);
            row_of_places(pass, &x, &output);
            output_end(&output, image, y);
        }
}

/* ---- the gradient of few weights -------------------------------------------------------------------
 * Row by row as well: the pixels under a row of places, transposed, by the gradients of the places. With many
 * rows of weights columns are faster, whose products are longer than a row of places. */
static bool few_weights(const struct convolution *shape) {
    size_t row = (size_t)shape->window.columns.kernel * (size_t)shape->image_channels;
    return row <= VECTOR_MOST_FLOATS && shape->place_channels % VECTOR_MOST_FLOATS == 0;
}

/* A row of places: in memory, or made there. */
struct places_row {
    const float *data;
    size_t pitch;
};

static struct places_row places_row(const struct convolution_pass *pass, int image, int y,
                                    float *memory) {
    struct tensor tensor = pass->places.tensor;
    struct layer_maker maker = pass->places.maker;
    size_t first = row_first(tensor, image, y), channels = (size_t)tensor.channels;
    if (!maker.make)
        return (struct places_row){layer_pixel(tensor, first), (size_t)tensor.pitch};
    maker.make(maker.call, row_first(tensor, pass->slice.first, 0) + first, (size_t)tensor.width,
               memory, channels);
    return (struct places_row){memory, channels};
}

static void weigh_row(const struct convolution_pass *pass, const struct strip *x,
                      struct places_row places, float *gradient, bool add) {
    const struct axis *columns = &pass->shape->window.columns;
    size_t channels = (size_t)pass->shape->place_channels;
    struct product product = {.rows = (size_t)columns->kernel * x->pixel,
                              .columns = channels,
                              .depth = (size_t)columns->out,
                              .a_pitch = (size_t)columns->stride * x->pixel,
                              .transpose_a = true,
                              .b = places.data,
                              .b_row = places.pitch,
                              .b_panel = PRODUCT_PANEL,
                              .c = gradient,
                              .c_row = channels,
                              .add = add};
    for (int tap = 0; tap < pass->shape->window.rows.kernel; tap++) {
        product.a = x->row[tap];
        PER_ISA(product_run)(&product, &(struct ahead){0});
        product.c += product.rows * product.c_row;
    }
}

static void weigh_rows(const struct convolution_pass *pass, float *gradient, double *sums) {
    const struct axis *rows = &pass->shape->window.rows;
    size_t width = (size_t)pass->shape->window.columns.out;
    size_t channels = (size_t)pass->shape->place_channels;
    struct strip x = strip_of(pass);
    float *memory = x.memory + strip_floats(x.rows, x.columns, x.pixel);
    if (sums)
        memset(sums, 0, channels * sizeof *sums);
    for (int image = 0; image < pass->slice.count; image++)
        for (int y = 0; y < rows->out; y++) {
            PER_ISA(strip_load)(&x, image, y * rows->stride);
            struct places_row places = places_row(pass, image, y, memory);
            weigh_row(pass, &x, places, gradient, image > 0 || y > 0);
            if (sums)
                PER_ISA(convolution_add_pixels)(places.data, places.pitch, width, channels, sums);
        }
}

static void to_weights(const struct convolution_pass *pass, float *gradient, double *sums) {
    if (few_weights(pass->shape))
        weigh_rows(pass, gradient, sums);
    else
        PER_ISA(convolution_columns).to_weights(pass, gradient, sums);
}

/* ---- by columns ------------------------------------------------------------------------------------- */

static void pack_to_image(const struct convolution *shape, const struct layer_call *call) {
    PER_ISA(convolution_columns).pack_to_image(shape, call);
}

static void to_image(const struct convolution_pass *pass, const float *bias, bool add) {
    PER_ISA(convolution_columns).to_image(pass, bias, add);
}

static void to_weights_and_image(const struct convolution_pass *weights, float *gradient,
                                 double *sums, const struct convolution_pass *data, bool add) {
    if (few_weights(weights->shape)) {
        weigh_rows(weights, gradient, sums);
        to_image(data, NULL, add);
    } else
        PER_ISA(convolution_columns).to_weights_and_image(weights, gradient, sums, data, add);
}

const struct convolution_kernels PER_ISA(convolution_direct) = {
    .pack_to_places = pack_to_places,
    .pack_to_image = pack_to_image,
    .to_places = to_places,
    .to_image = to_image,
    .to_weights = to_weights,
    .to_weights_and_image = to_weights_and_image,
};
