/* What the gradcam task leaves beside its pictures: a table on the screen, results.json, and
 *
 *   maps.csv     a line for each arm, layer, method and image, with every number
 *   gradcam.*    the figure of gradcam_figure.c */
#include "gradcam.h"
#include "spread.h"

#include <math.h>

/* All that the functions below need. */
struct pages {
    struct run *run;
    const struct job *job;
    const struct gradcam *state;
    double *values; /* one per image, for a moment */
};

static const char *arm_name(const struct pages *pages, int arm) {
    return pages->run->experiment->arms[arm].name;
}

static const char *path_of(const struct gaze *gaze, const struct look *look) {
    return graph_value_path(gaze->graph, gaze->values[look->place]);
}

/* Over the images for which the number is known; false: none. */
static bool over_images(const struct pages *pages, const struct look *look, int number,
                        struct spread *spread) {
    int count = 0;
    for (int i = 0; i < pages->state->image_count; i++)
        if (!isnan(look->numbers[number][i]))
            pages->values[count++] = look->numbers[number][i];
    if (count > 0)
        *spread = spread_of(pages->values, count);
    return count > 0;
}

/* Calls `see` for every look of every arm; false ends it. */
static bool each_look(const struct pages *pages,
                      bool (*see)(const struct pages *pages, int arm, const struct look *look)) {
    for (int arm = 0; arm < pages->run->experiment->arm_count; arm++)
        for (int i = 0; i < pages->state->gazes[arm].look_count; i++)
            if (!see(pages, arm, &pages->state->gazes[arm].looks[i]))
                return false;
    return true;
}

/* ---- the screen -------------------------------------------------------------------------------- */

static bool say_look(const struct pages *pages, int arm, const struct look *look) {
    const struct gaze *gaze = &pages->state->gazes[arm];
    struct shape shape = graph_shape(gaze->graph, gaze->values[look->place]);
    run_say(pages->run, "%s, %s at %s (%s)", arm_name(pages, arm), look->method->name,
            path_of(gaze, look), shape_text(shape).text);
    for (int n = 0; n < NUMBER_COUNT; n++) {
        struct spread spread;
        if (!over_images(pages, look, n, &spread))
            continue;
        if (spread.interval > 0)
            run_say(pages->run, "  %-18s %.4f +- %.4f", gradcam_number_names[n], spread.mean,
                    spread.interval);
        else
            run_say(pages->run, "  %-18s %.4f", gradcam_number_names[n], spread.mean);
    }
    for (int i = 0; i < pages->state->shown; i++)
        if (look->why[i])
            run_say(pages->run, "  image %d: the map is empty: %s", gradcam_number(pages->state, i),
                    look->why[i]);
    return true;
}

/* ---- maps.csv ---------------------------------------------------------------------------------- */

static void write_row(const struct pages *pages, struct csv *csv, int arm, const struct look *look,
                      int image) {
    const struct gaze *gaze = &pages->state->gazes[arm];
    const struct verdict *verdict = &gaze->verdicts[image];
    csv_text(csv, arm_name(pages, arm));
    csv_text(csv, path_of(gaze, look));
    csv_text(csv, look->method->name);
    csv_int(csv, gradcam_number(pages->state, image));
    csv_text(csv, gradcam_class(pages->state, verdict->predicted).text);
    csv_text(csv, gradcam_class(pages->state, verdict->target).text);
    csv_real(csv, verdict->score);
    csv_real(csv, verdict->probability);
    for (int n = 0; n < NUMBER_COUNT; n++)
        csv_real(csv, look->numbers[n][image]);
    csv_end_row(csv);
}

static bool write_maps(const struct pages *pages) {
    static const char *const head[] = {"arm",       "layer",  "method", "image",
                                       "predicted", "target", "score",  "probability"};
    struct csv *csv = run_csv(pages->run, pages->job, "maps");
    for (int i = 0; i < BASE_COUNT(head); i++)
        csv_text(csv, head[i]);
    for (int n = 0; n < NUMBER_COUNT; n++)
        csv_text(csv, gradcam_number_names[n]);
    csv_end_row(csv);
    for (int arm = 0; arm < pages->run->experiment->arm_count; arm++)
        for (int i = 0; i < pages->state->gazes[arm].look_count; i++)
            for (int image = 0; image < pages->state->image_count; image++)
                write_row(pages, csv, arm, &pages->state->gazes[arm].looks[i], image);
    return csv_end(csv, pages->run->report);
}

/* ---- results.json ------------------------------------------------------------------------------ */

/* Row and column of the map's highest cell. */
static struct json *json_of_highest(const struct pages *pages, const struct look *look, int image) {
    struct json *place = json_new_list(pages->run->arena);
    int highest = cam_highest(look->maps[image], look->grid.height * look->grid.width);
    json_add_int(place, highest / look->grid.width);
    json_add_int(place, highest % look->grid.width);
    return place;
}

static struct json *json_of_map(const struct pages *pages, int arm, const struct look *look,
                                int image) {
    const struct gaze *gaze = &pages->state->gazes[arm];
    const struct verdict *verdict = &gaze->verdicts[image];
    struct run *run = pages->run;
    struct json *map = json_new_object(run->arena);
    int label = gradcam_label(&pages->state->data, pages->state->images[image], run->arena);
    json_set_int(map, "index", gradcam_number(pages->state, image));
    if (label >= 0)
        json_set_text(map, "label", gradcam_class(pages->state, label).text);
    json_set_text(map, "predicted", gradcam_class(pages->state, verdict->predicted).text);
    json_set_text(map, "target", gradcam_class(pages->state, verdict->target).text);
    json_set_real(map, "score", verdict->score);
    json_set_real(map, "probability", verdict->probability);
    json_set_text(map, "layer", path_of(gaze, look));
    json_set_text(map, "method", look->method->name);
    json_set_text(map, "map", gradcam_file(run, pages->job, arm, look, image, "map", "npy"));
    json_set_text(map, "overlay",
                  gradcam_file(run, pages->job, arm, look, image, "overlay", "png"));
    json_set(map, "highest", json_of_highest(pages, look, image));
    if (look->why[image])
        json_set_text(map, "empty", look->why[image]);
    return map;
}

static struct json *json_of_look(const struct pages *pages, int arm, const struct look *look) {
    const struct gaze *gaze = &pages->state->gazes[arm];
    struct run *run = pages->run;
    struct json *object = json_new_object(run->arena), *sanity = json_new_list(run->arena);
    json_set_text(object, "layer", path_of(gaze, look));
    json_set_text(object, "method", look->method->name);
    for (int n = 0; n < NUMBER_COUNT; n++) {
        struct spread spread;
        if (!over_images(pages, look, n, &spread))
            continue;
        json_set_real(object, gradcam_number_names[n], spread.mean);
        json_set_real(object, arena_printf(run->arena, "%s_interval", gradcam_number_names[n]),
                      spread.interval);
    }
    for (int i = 0; i < gaze->sanity_steps; i++)
        json_add_real(sanity, look->sanity[i]);
    if (gaze->sanity_steps > 0)
        json_set(object, "sanity", sanity);
    return object;
}

static void record_arm(const struct pages *pages, int arm) {
    const struct gaze *gaze = &pages->state->gazes[arm];
    struct json *images = json_new_list(pages->run->arena);
    struct json *looks = json_new_list(pages->run->arena);
    for (int image = 0; image < pages->state->shown; image++)
        for (int i = 0; i < gaze->look_count; i++)
            json_add(images, json_of_map(pages, arm, &gaze->looks[i], image));
    for (int i = 0; i < gaze->look_count; i++)
        json_add(looks, json_of_look(pages, arm, &gaze->looks[i]));
    json_set(pages->run->arm_results[arm], "images", images);
    json_set(pages->run->arm_results[arm], "maps", looks);
}

/* ---- all of it --------------------------------------------------------------------------------- */

bool gradcam_report(struct run *run, const struct job *job) {
    const struct gradcam *state = job->state;
    struct pages pages = {run, job, state,
                          arena_alloc(run->arena, (size_t)state->image_count, sizeof(double))};
    if (!pages.values || !each_look(&pages, say_look) || !write_maps(&pages))
        return false;
    for (int arm = 0; arm < run->experiment->arm_count; arm++)
        record_arm(&pages, arm);
    return gradcam_figure(run, job);
}
