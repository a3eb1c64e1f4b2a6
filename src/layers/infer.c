/* What the shape steps of all kinds share: which inputs fit, how large an output or a parameter may be.
 *
 * Sizes come from the user and are multiplied here, so every product stops at the limit instead of running
 * over it. */
#include "layer.h"

size_t param_size(const struct layer_param *param) {
    size_t size = 1;
    for (int i = 0; i < param->rank; i++)
        size *= (size_t)param->dims[i];
    return size;
}

/* "its input" of a kind with one input, "its input 2" of others. */
static struct quoted input_name(const struct layer_info *info, int index) {
    struct quoted name = {"its input"};
    if (info->inputs > 1)
        snprintf(name.text, sizeof name.text, "its input %d", index + 1);
    return name;
}

bool layer_takes_map(const char *kind, const struct layer_info *info, int index,
                     const struct pos *pos, struct report *report) {
    if (info->in[index].rank == 3)
        return true;
    return report_at(report, pos,
                     "%s takes a map (channels x height x width), but %s is a vector of %s; put it "
                     "before flatten",
                     kind, input_name(info, index).text, shape_text(info->in[index]).text);
}

bool layer_takes_vector(const char *kind, const struct layer_info *info, int index,
                        const struct pos *pos, struct report *report) {
    if (info->in[index].rank == 1)
        return true;
    return report_at(report, pos, "%s takes a vector, but %s is a map of %s; put flatten before it",
                     kind, input_name(info, index).text, shape_text(info->in[index]).text);
}

/* The product of sizes >= 1 is at most TENSOR_MOST_ELEMENTS. */
static bool fits(const int64_t *sizes, int count) {
    int64_t product = 1;
    for (int i = 0; i < count; i++) {
        if (sizes[i] > TENSOR_MOST_ELEMENTS / product)
            return false;
        product *= sizes[i];
    }
    return true;
}

/* "64x3x3". */
static struct quoted sizes_text(const int64_t *sizes, int count) {
    struct quoted text = {""};
    for (int i = 0, used = 0; i < count; i++)
        used += snprintf(text.text + used, sizeof text.text - (size_t)used, "%s%lld", i ? "x" : "",
                         (long long)sizes[i]);
    return text;
}

static bool refuse_size(const char *kind, const char *what, const int64_t *sizes, int count,
                        const struct pos *pos, struct report *report) {
    return report_at(report, pos, "%s: its %s of %s would hold more than %s elements", kind, what,
                     sizes_text(sizes, count).text, text_commas(TENSOR_MOST_ELEMENTS).text);
}

bool layer_gives_map(const char *kind, struct layer_info *info, int64_t channels, int64_t height,
                     int64_t width, const struct pos *pos, struct report *report) {
    int64_t sizes[] = {channels, height, width};
    if (!fits(sizes, 3))
        return refuse_size(kind, "output", sizes, 3, pos, report);
    info->out = shape_map((int)channels, (int)height, (int)width);
    return true;
}

bool layer_gives_vector(const char *kind, struct layer_info *info, int64_t channels,
                        const struct pos *pos, struct report *report) {
    if (!fits(&channels, 1))
        return refuse_size(kind, "output", &channels, 1, pos, report);
    info->out = shape_vector((int)channels);
    return true;
}

bool layer_add_param(const char *kind, struct layer_info *info, struct layer_param param,
                     const struct pos *pos, struct report *report) {
    int64_t sizes[4] = {param.dims[0], param.dims[1], param.dims[2], param.dims[3]};
    if (!fits(sizes, param.rank))
        return refuse_size(kind, param.name, sizes, param.rank, pos, report);
    info->params[info->param_count++] = param;
    return true;
}

size_t layer_image_bytes(const struct layer_info *info) {
    size_t x = shape_size(info->in[0]), y = shape_size(info->out);
    return layer_bytes(x > y ? x : y);
}
