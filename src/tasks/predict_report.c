/* What prediction leaves of an arm: some lines on the screen, images in results.json,
 *
 *   predictions_ARM.csv   a line for each image
 *   predictions_ARM.png   the first images, with what was said of them
 *   outputs_ARM.npy       images x the layer's shape, channels first */
#include "predict.h"

/* The name of the class that an image shows; "" where nobody knows. */
static const char *label_of(const struct prediction *prediction, int image) {
    int label = prediction->labels[image];
    return label >= 0 ? prediction->class_names[label] : "";
}

/* What an image is called: its place in the array, or its number in the split. */
static int number_of(const struct predict *state, int image) {
    return state->array.values ? image : image_number(&state->data, image);
}

/* The name of an image's file; NULL where it has none. */
static const char *file_of(const struct predict *state, int image) {
    const struct dataset *data = &state->data;
    return data->name && !state->array.values ? data->name(data, image) : NULL;
}

static void head_of_words(struct csv *csv, int top) {
    csv_text(csv, "label");
    for (int i = 1; i <= top; i++) {
        char name[32];
        snprintf(name, sizeof name, "class_%d", i);
        csv_text(csv, name);
        snprintf(name, sizeof name, "probability_%d", i);
        csv_text(csv, name);
    }
    csv_end_row(csv);
}

static void row_of_words(struct csv *csv, const struct prediction *prediction, int image) {
    size_t first = (size_t)image * (size_t)prediction->top;
    csv_text(csv, label_of(prediction, image));
    for (int i = 0; i < prediction->top; i++) {
        csv_text(csv, prediction->class_names[prediction->classes[first + (size_t)i]]);
        csv_real(csv, prediction->probabilities[first + (size_t)i]);
    }
}

static void head_of_masks(struct csv *csv, const struct prediction *prediction) {
    csv_text(csv, "pixel_accuracy");
    for (int i = 0; i < prediction->class_count; i++)
        csv_text(csv, prediction->class_names[i]);
    csv_end_row(csv);
}

static void row_of_masks(struct csv *csv, const struct prediction *prediction, int image) {
    csv_real(csv, prediction->right[image]);
    for (int i = 0; i < prediction->class_count; i++)
        csv_real(csv, prediction->shares[image * prediction->class_count + i]);
}

static bool write_table(const struct run *run, const struct job *job, const char *stem,
                        const struct predict *state, const struct prediction *prediction) {
    bool masks = state->data.masks;
    struct csv *csv = run_csv(run, job, stem);
    csv_text(csv, "image");
    if (file_of(state, 0))
        csv_text(csv, "file");
    if (masks)
        head_of_masks(csv, prediction);
    else
        head_of_words(csv, prediction->top);
    for (int i = 0; i < prediction->images; i++) {
        csv_int(csv, number_of(state, i));
        if (file_of(state, i))
            csv_text(csv, file_of(state, i));
        (masks ? row_of_masks : row_of_words)(csv, prediction, i);
        csv_end_row(csv);
    }
    return csv_end(csv, run->report);
}

static void say_words(const struct run *run, const struct predict *state,
                      const struct prediction *prediction) {
    enum { MOST_LINES = 10 };
    for (int i = 0; i < prediction->images && i < MOST_LINES; i++) {
        char line[512], number[16];
        const char *file = file_of(state, i);
        snprintf(number, sizeof number, "%6d", number_of(state, i));
        int used = snprintf(line, sizeof line, file ? "  %-24.60s  %-12.40s" : "  %s  %-12.40s",
                            file ? quote(file).text : number, label_of(prediction, i));
        for (int k = 0; k < prediction->top && k < 3; k++) {
            size_t at = (size_t)i * (size_t)prediction->top + (size_t)k;
            used += snprintf(line + used, sizeof line - (size_t)used, "  %-12.40s %.3f",
                             prediction->class_names[prediction->classes[at]],
                             prediction->probabilities[at]);
        }
        run_say(run, "%s", line);
    }
}

static void record_words(const struct run *run, int arm, const struct predict *state,
                         const struct prediction *prediction) {
    enum { MOST_IMAGES = 1000 }; /* results.json is for a look; the table has all */
    struct json *images = json_new_list(run->arena);
    for (int i = 0; i < prediction->images && i < MOST_IMAGES; i++) {
        size_t first = (size_t)i * (size_t)prediction->top;
        struct json *image = json_new_object(run->arena);
        json_set_int(image, "index", number_of(state, i));
        if (file_of(state, i))
            json_set_text(image, "file", file_of(state, i));
        if (prediction->labels[i] >= 0)
            json_set_text(image, "label", label_of(prediction, i));
        json_set_text(image, "predicted", prediction->class_names[prediction->classes[first]]);
        json_set_real(image, "score", prediction->probabilities[first]);
        json_add(images, image);
    }
    json_set(run->arm_results[arm], "images", images);
}

static bool write_outputs(const struct run *run, const struct job *job, int arm,
                          const struct prediction *prediction) {
    if (prediction->value < 0)
        return true;
    struct shape shape = graph_shape(run->graphs[arm], prediction->value);
    const int dims[] = {prediction->images, shape.channels, shape.height, shape.width};
    const char *stem = arena_printf(run->arena, "outputs_%s", run->experiment->arms[arm].name);
    const char *name = stem ? run_job_name(run, job, stem) : NULL;
    const char *path = name ? arena_printf(run->arena, "%s/%s.npy", run->folder, name) : NULL;
    return path && npy_write(path, prediction->outputs, shape.rank + 1, dims, run->report);
}

bool predict_report(const struct run *run, const struct job *job, int arm) {
    const struct predict *state = job->state;
    const struct prediction *prediction = &state->predictions[arm];
    const struct dataset *data = &state->data;
    const char *arm_name = run->experiment->arms[arm].name;
    const char *stem = arena_printf(run->arena, "predictions_%s", arm_name);
    const char *name = stem ? run_job_name(run, job, stem) : NULL;
    struct gallery gallery = {.title = arm_name,
                              .dataset = data,
                              .class_names = prediction->class_names,
                              .specimens = prediction->specimens,
                              .count = prediction->specimen_count};
    if (!name || !write_outputs(run, job, arm, prediction))
        return false;
    if (!prediction->scores)
        return true;
    if (!data->masks) {
        run_say(run, "%s: image, what it is, what is said of it", arm_name);
        say_words(run, state, prediction);
        record_words(run, arm, state, prediction);
    }
    return write_table(run, job, stem, state, prediction) && gallery_write(run, name, &gallery);
}
