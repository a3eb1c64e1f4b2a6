/* The files of single maps: the map as numbers at the layer's resolution, and coloured over its image. */
#include "colormap.h"
#include "gradcam.h"

const char *gradcam_file(const struct run *run, const struct job *job, int arm,
                         const struct look *look, int image, const char *what, const char *ending) {
    const struct gradcam *state = job->state;
    const struct gaze *gaze = &state->gazes[arm];
    const char *stem = arena_printf(
        run->arena, "%s_%s_%s_%s_%d", what, run->experiment->arms[arm].name, look->method->name,
        graph_value_path(gaze->graph, gaze->values[look->place]), state->images[image]);
    const char *name = stem ? run_job_name(run, job, stem) : NULL;
    return name ? arena_printf(run->arena, "%s.%s", name, ending) : NULL;
}

static bool write_map(const struct run *run, const struct job *job, int arm,
                      const struct look *look, int image) {
    const char *name = gradcam_file(run, job, arm, look, image, "map", "npy");
    const char *path = name ? run_path(run, name) : NULL;
    const int dims[] = {look->grid.height, look->grid.width};
    return path && npy_write(path, look->maps[image], 2, dims, run->report);
}

/* The image as it was before it was resized, where the source has that. */
static bool find_picture(const struct run *run, const struct gradcam *state, int image,
                         struct picture *picture, struct arena *scratch) {
    const struct dataset *data = &state->data;
    struct shape shape = data->shape;
    int number = state->images[image];
    if (data->original)
        return data->original(data, number, scratch, picture, run->report);
    int32_t *labels = arena_alloc(scratch, shape_size(shape), sizeof *labels);
    *picture = (struct picture){shape.width, shape.height, shape.channels,
                                arena_alloc(scratch, shape_size(shape), 1)};
    if (!labels || !picture->pixels)
        return false;
    data->fetch(data, number, picture->pixels, labels);
    return true;
}

static bool write_overlay(const struct run *run, const struct job *job, int arm,
                          const struct look *look, int image, struct arena *scratch) {
    const struct gradcam_config *config = job->config;
    const struct gradcam *state = job->state;
    const char *name = gradcam_file(run, job, arm, look, image, "overlay", "png");
    const char *path = name ? run_path(run, name) : NULL;
    struct picture below, over;
    if (!path || !find_picture(run, state, image, &below, scratch))
        return false;
    size_t pixels = (size_t)below.width * (size_t)below.height;
    float *spread = arena_alloc(scratch, pixels, sizeof *spread);
    over = (struct picture){below.width, below.height, 3, arena_alloc(scratch, pixels, 3)};
    if (!spread || !over.pixels)
        return false;
    cam_grid_spread(&look->grid, look->maps[image], state->data.shape, below.height, below.width,
                    spread);
    colormap_lay_over((enum colormap)config->colormap, config->weight, below.pixels, below.channels,
                      spread, pixels, over.pixels);
    return png_write(path, over, run->report);
}

static bool write_look(struct run *run, const struct job *job, int arm, const struct look *look) {
    const struct gradcam *state = job->state;
    for (int image = 0; image < state->shown; image++) {
        struct arena *scratch = arena_child(run->arena);
        bool good = scratch && write_map(run, job, arm, look, image) &&
                    write_overlay(run, job, arm, look, image, scratch);
        arena_free(scratch);
        if (!good)
            return false;
    }
    return true;
}

bool gradcam_pictures(struct run *run, const struct job *job) {
    const struct gradcam *state = job->state;
    for (int arm = 0; arm < run->experiment->arm_count; arm++)
        for (int i = 0; i < state->gazes[arm].look_count; i++)
            if (!write_look(run, job, arm, &state->gazes[arm].looks[i]))
                return false;
    return true;
}
