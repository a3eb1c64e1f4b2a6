/* From the cells of a layer to the pixels of the image. A map is drawn where its cells look: a convolution
 * without padding moves the centres of the receptive fields inwards, a stride without symmetric padding to one
 * side, and stretching the map over the whole image would miss both. Windows are known by their attributes
 * (kernel, stride, padding, dilation), never by a kind's name. */
#include "cam.h"

#include <math.h>
#include <string.h>

/* ---- windows ----------------------------------------------------------------------------------- */

/* The layer's attribute of that name, or NULL. */
static const struct attr_size *size_of(const struct graph_layer *layer, const char *name) {
    for (int i = 0; i < layer->ops->attr_count; i++) {
        const struct attr *attr = &layer->ops->attrs[i];
        if (attr->type == ATTR_SIZE && !strcmp(attr->name, name))
            return (const struct attr_size *)((const char *)layer->config + attr->offset);
    }
    return NULL;
}

/* One direction of a window: cell i of the output looks at first + i step of the input. */
struct window {
    double first, step;
};

static int along(const struct attr_size *size, bool down, int fallback) {
    return !size ? fallback : down ? size->height : size->width;
}

static struct window window_of(const struct graph_layer *layer, bool down) {
    int in = down ? layer->info.in[0].height : layer->info.in[0].width;
    int out = down ? layer->info.out.height : layer->info.out.width;
    int kernel = along(size_of(layer, "kernel"), down, 0);
    int stride = along(size_of(layer, "stride"), down, 1);
    double middle = (kernel - 1) * along(size_of(layer, "dilation"), down, 1) / 2.0 -
                    along(size_of(layer, "padding"), down, 0);
    if (kernel > 0 && size_of(layer, "output_padding")) /* a transposed one: the other way round */
        return (struct window){-middle / stride, 1.0 / stride};
    if (kernel > 0)
        return (struct window){middle, stride};
    double ratio = (double)in / out; /* cells that share the map evenly */
    return (struct window){(ratio - 1) / 2, ratio};
}

struct cam_grid cam_grid_of(const struct graph *graph, int value) {
    struct shape shape = graph_shape(graph, value);
    struct cam_grid grid = {shape.height, shape.width, 0, 0, 1, 1};
    for (; value > 0; value = graph->layers[value - 1].inputs[0]) {
        struct window down = window_of(&graph->layers[value - 1], true);
        struct window right = window_of(&graph->layers[value - 1], false);
        grid.top = down.first + grid.top * down.step;
        grid.left = right.first + grid.left * right.step;
        grid.down *= down.step;
        grid.right *= right.step;
    }
    return grid;
}

/* ---- upsampling -------------------------------------------------------------------------------- */

/* Between cells `first` and `next`, `share` of the way. */
struct between {
    int first, next;
    double share;
};

static struct between between_cells(double place, int cells) {
    place = fmin(fmax(place, 0), cells - 1);
    int first = (int)place;
    return (struct between){first, first + 1 < cells ? first + 1 : first, place - first};
}

double cam_grid_at(const struct cam_grid *grid, const float *map, double y, double x) {
    struct between v = between_cells((y - grid->top) / grid->down, grid->height);
    struct between u = between_cells((x - grid->left) / grid->right, grid->width);
    const float *upper = map + v.first * grid->width, *lower = map + v.next * grid->width;
    double above = (double)upper[u.first] * (1 - u.share) + (double)upper[u.next] * u.share;
    double below = (double)lower[u.first] * (1 - u.share) + (double)lower[u.next] * u.share;
    return above * (1 - v.share) + below * v.share;
}

void cam_grid_spread(const struct cam_grid *grid, const float *map, struct shape input, int height,
                     int width, float *to) {
    for (int i = 0; i < height; i++)
        for (int j = 0; j < width; j++) {
            double y = (i + 0.5) * input.height / height - 0.5;
            double x = (j + 0.5) * input.width / width - 0.5;
            to[(size_t)i * (size_t)width + (size_t)j] = (float)cam_grid_at(grid, map, y, x);
        }
}
