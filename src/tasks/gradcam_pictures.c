/* The files of single maps: the map as numbers at the layer's resolution, and coloured over its image. */
#include "colormap.h"
#include "gradcam.h"

#include <string.h>

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

static bool write_overlay(const struct run *run, const struct job *job, int arm,
                          const struct look *look, int image, struct arena *scratch) {
    const struct gradcam_config *config = job->config;
    const struct gradcam *state = job->state;
    struct shape shape = state->data.shape;
    size_t pixels = (size_t)shape.height * (size_t)shape.width;
    const char *name = gradcam_file(run, job, arm, look, image, "overlay", "png");
    const char *path = name ? run_path(run, name) : NULL;
    uint8_t *bytes = arena_alloc(scratch, shape_size(shape), 1);
    int32_t *labels = arena_alloc(scratch, pixels, sizeof *labels);
    float *spread = arena_alloc(scratch, pixels, sizeof *spread);
    struct picture picture = {shape.width, shape.height, 3, arena_alloc(scratch, pixels, 3)};
    if (!path || !bytes || !labels || !spread || !picture.pixels)
        return false;
    state->data.fetch(&state->data, state->images[image], bytes, labels);
    cam_grid_spread(&look->grid, look->maps[image], shape, shape.height, shape.width, spread);
    colormap_lay_over((enum colormap)config->colormap, config->weight, bytes, shape.channels,
                      spread, pixels, picture.pixels);
    return png_write(path, picture, run->report);
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
