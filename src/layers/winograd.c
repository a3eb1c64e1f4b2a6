/* Winograd's minimal filtering F(m x m, 3x3) (Lavin and Gray 2016, "Fast algorithms for convolutional neural
 * networks"; Winograd 1980): (m + 2)^2 products per channel pair for a tile of m x m outputs, where the sum of
 * its definition takes 9 m^2.
 *
 *   Y = A' [ (G g G') . (B' d B) ] A       d: inputs, g: 3x3 filter, Y: m x m outputs, . element by element
 *   dg = G' [ (B' d B) . (A dY A') ] G     the gradient of g, summed over tiles
 *
 * The matrices are those of winograd4.c and winograd5.c. What belongs to one of the (m + 2)^2 positions is a
 * plane, and the products over all channels are one product of matrices for each plane, (tiles x channels of
 * `from`) (channels of `from` x channels of `to`). Tiles are read from strips (strip.h).
 *
 * These are the steps; winograd_chunks.c takes a few tiles at a time through all of them, winograd_planes.c many
 * images through one after the other. */
#include "winograd.h"

static const struct winograd_transforms *transforms_of(struct tiling tiling) {
    return tiling.tile == 5 ? &PER_ISA(winograd5) : &PER_ISA(winograd4);
}

/* ---- filters -------------------------------------------------------------------------------------- */

/* The nine taps of filters (k, n ...), gathered from PyTorch's order. */
static void gather_filters(const struct convolution *shape, const float *weights, bool flip, int k,
                           int n, int count, vector g[3][3]) {
    float taps[9][VECTOR_FLOATS] = {{0}};
    size_t image = (size_t)shape->image_channels;
    for (int i = 0; i < count; i++) {
        size_t o = (size_t)(flip ? k : n + i), c = (size_t)(flip ? n + i : k);
        const float *filter = weights + (o * image + c) * 9;
        for (int tap = 0; tap < 9; tap++)
            taps[flip ? 8 - tap : tap][i] = filter[tap];
    }
    for (int tap = 0; tap < 9; tap++)
        g[tap / 3][tap % 3] = vector_load(taps[tap]);
}

/* One row of filters per task: all that channel `k` of `from` gives. */
struct filters {
    const struct convolution *shape;
    const struct winograd_transforms *transforms;
    const float *weights;
    float *planes;
    bool flip;
    int from, to;
    size_t plane; /* floats from plane to plane */
};

static void filter_channel(void *context, int k, int worker) {
    (void)worker;
    const struct filters *f = context;
    for (int n = 0; n < f->to; n += VECTOR_FLOATS) {
        vector g[3][3];
        int count = f->to - n < VECTOR_FLOATS ? f->to - n : VECTOR_FLOATS;
        gather_filters(f->shape, f->weights, f->flip, k, n, count, g);
        size_t place = product_place((size_t)f->from, (size_t)f->to, (size_t)k, (size_t)n);
        f->transforms->filter(g, f->planes + place, f->plane);
    }
}

static void pack(const struct convolution *shape, const struct layer_call *call, bool flip) {
    int from = flip ? shape->place_channels : shape->image_channels;
    int to = flip ? shape->image_channels : shape->place_channels;
    struct filters filters = {
        .shape = shape,
        .transforms = transforms_of(flip ? winograd_to_image(shape) : winograd_to_places(shape)),
        .weights = call->params[0],
        .planes = call->packed,
        .flip = flip,
        .from = from,
        .to = to,
        .plane = product_packed((size_t)from, (size_t)to)};
    pool_run(call->pool, from, filter_channel, &filters);
}

void PER_ISA(winograd_pack_to_places)(const struct convolution *shape,
                                      const struct layer_call *call) {
    pack(shape, call, false);
}

void PER_ISA(winograd_pack_to_image)(const struct convolution *shape,
                                     const struct layer_call *call) {
    pack(shape, call, true);
}

/* ---- pixels to planes and back --------------------------------------------------------------------- */

static struct strip strip_of(struct convolution_map from, struct slice slice, int above, int left,
                             const struct tiling *tiling, size_t pixel, float *memory) {
    struct strip strip = strip_over(from, slice, memory);
    strip.above = above;
    strip.left = left;
    strip.rows = tiling->patch;
    strip.columns = winograd_columns(tiling);
    strip.pixel = pixel;
    return strip;
}

struct winograd_run PER_ISA(winograd_run)(const struct convolution_pass *pass, bool back,
                                          float *strip) {
    const struct axis *rows = &pass->shape->window.rows, *columns = &pass->shape->window.columns;
    const struct convolution_map *from = back ? &pass->places : &pass->image;
    const struct convolution_map *to = back ? &pass->image : &pass->places;
    struct tiling tiling = back ? winograd_to_image(pass->shape) : winograd_to_places(pass->shape);
    return (struct winograd_run){.transforms = transforms_of(tiling),
                                 .from = strip_of(*from, pass->slice,
                                                  back ? 2 - rows->padding : rows->padding,
                                                  back ? 2 - columns->padding : columns->padding,
                                                  &tiling, tiling.from, strip),
                                 .to = to->tensor,
                                 .taker = to->taker,
                                 .slice = pass->slice,
                                 .filters = pass->packed,
                                 .tiling = tiling,
                                 .from_channels = from->tensor.channels};
}

/* Where the tiles of row `r` of those in the planes begin. */
static size_t row_of_tiles(const struct tiling *t, int r, size_t pixel) {
    return (size_t)r * (size_t)t->across * pixel;
}

void PER_ISA(winograd_read)(struct winograd_run *run, struct winograd_rows rows) {
    const struct tiling *t = &run->tiling;
    struct strip *strip = &run->from;
    for (int r = 0; r < rows.count; r++) {
        int row = rows.first + r;
        PER_ISA(strip_load)(strip, row / t->down, row % t->down * t->tile);
        run->transforms->input(strip->row, 0, t->from, t->across,
                               run->in + row_of_tiles(t, r, t->from), t->from_plane);
    }
}

void PER_ISA(winograd_write)(const struct winograd_run *run, struct winograd_rows rows,
                             const float *bias, bool add) {
    const struct tiling *t = &run->tiling;
    struct tensor to = run->to;
    struct target_row row = {.pitch = (size_t)to.pitch,
                             .row_pitch = (size_t)to.width * (size_t)to.pitch,
                             .width = to.width,
                             .channels = to.channels,
                             .bias = bias,
                             .add = add};
    for (int r = 0; r < rows.count; r++) {
        int image = (rows.first + r) / t->down, top = (rows.first + r) % t->down * t->tile;
        size_t above = (size_t)image * (size_t)to.height + (size_t)top;
        row.first = layer_pixel(to, above * (size_t)to.width);
        row.rows = convolution_least(t->tile, to.height - top);
        run->transforms->output(run->out + row_of_tiles(t, r, t->to), t->to_plane, t->to, &row);
        convolution_offer(&run->taker, to, run->slice, image, top, row.rows);
    }
}

/* ---- products --------------------------------------------------------------------------------------- */

struct product PER_ISA(winograd_product)(const struct winograd_run *run, size_t plane,
                                         size_t tiles) {
    const struct tiling *t = &run->tiling;
    size_t from = (size_t)run->from_channels, to = (size_t)run->to.channels;
    return (struct product){.rows = tiles,
                            .columns = t->to,
                            .depth = from,
                            .a = run->in + plane * t->from_plane,
                            .a_pitch = t->from,
                            .b = run->filters + plane * product_packed(from, to),
                            .b_row = product_panel(to),
                            .b_panel = from * product_panel(to),
                            .c = run->out + plane * t->to_plane,
                            .c_row = t->to};
}

struct product PER_ISA(winograd_weight_product)(const struct winograd_weighing *weighing,
                                                size_t plane, size_t tiles, bool add) {
    const struct winograd_run *there = &weighing->there;
    const struct tiling *t = &there->tiling;
    return (struct product){.rows = (size_t)there->from_channels,
                            .columns = t->to,
                            .depth = tiles,
                            .a = there->in + plane * t->from_plane,
                            .a_pitch = t->from,
                            .transpose_a = true,
                            .b = weighing->planes + plane * t->to_plane,
                            .b_row = t->to,
                            .b_panel = PRODUCT_PANEL,
                            .c = weighing->products + plane * t->from * t->to,
                            .c_row = t->to,
                            .add = add};
}

/* ---- the gradient of the weights --------------------------------------------------------------------- */

struct winograd_weighing PER_ISA(winograd_weighing)(const struct convolution_pass *pass,
                                                    float *strips, double *sums) {
    struct winograd_weighing weighing = {.there = PER_ISA(winograd_run)(pass, false, strips),
                                         .sums = sums};
    const struct tiling *t = &weighing.there.tiling;
    weighing.gradients =
        strip_of(pass->places, pass->slice, 1, 1, t, t->to, strips + winograd_strip(t, t->from));
    return weighing;
}

static void read_gradients(struct winograd_weighing *weighing, struct winograd_rows chunk,
                           float *data) {
    const struct winograd_transforms *transforms = weighing->there.transforms;
    const struct tiling *t = &weighing->there.tiling;
    for (int r = 0; r < chunk.count; r++) {
        int row = chunk.first + r;
        PER_ISA(strip_load)(&weighing->gradients, row / t->down, row % t->down * t->tile);
        const float *const *rows = weighing->gradients.row;
        size_t to = row_of_tiles(t, r, t->to);
        transforms->gradient(rows + 1, t->to, t->to, t->across, weighing->planes + to, t->to_plane);
        if (data)
            transforms->input(rows, 0, t->to, t->across, data + to, t->to_plane);
    }
}

/* Plane (1, 1) of A dY A' holds the sums of the tiles' pixels. */
static void add_sums(const struct winograd_weighing *weighing, struct winograd_rows rows) {
    const struct tiling *t = &weighing->there.tiling;
    const float *plane = weighing->planes + (size_t)(t->patch + 1) * t->to_plane;
    size_t tiles = (size_t)(rows.count * t->across);
    size_t channels = (size_t)weighing->there.to.channels;
    for (size_t c = 0; c < channels; c += VECTOR_FLOATS) {
        vector sum = {0};
        for (size_t i = 0; i < tiles; i++)
            sum += vector_load(plane + i * t->to + c);
        for (size_t i = 0; i < VECTOR_FLOATS && c + i < channels; i++)
            weighing->sums[c + i] += (double)sum[i];
    }
}

void PER_ISA(winograd_weigh)(struct winograd_weighing *weighing, struct winograd_rows rows,
                             float *data) {
    read_gradients(weighing, rows, data);
    PER_ISA(winograd_read)(&weighing->there, rows);
    if (weighing->sums)
        add_sums(weighing, rows);
}
