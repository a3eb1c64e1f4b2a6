/* Damaged netdefs: thousands of mutations of sound ones neither crash nor hang, and what is refused is said.
 * Words are cut out, doubled, swapped and exchanged, so that most texts are still YAML. */
#include "graph_scene.h"

static const char *const samples[] = {"residual35", "fcn8", "resnet20", "fcn", "cifar_cnn"};

static const char *const extra =
    "edits:\n"
    "  - {replace: \"**.relu*\", with: [tanh: {name: other}]}\n"
    "  - {insert_after: \"**.conv*\", layers: [dropout2d, add: {from: [dropout2d, input]}]}\n"
    "  - {delete: \"**.dropout2d\"}\n";

enum { TEXT_MOST = 8000, WORDS_MOST = 2000 };

/* A text cut into words, blanks and single signs. */
struct words {
    char text[TEXT_MOST];
    const char *items[WORDS_MOST];
    int lengths[WORDS_MOST];
    int count;
};

static int word_length(const char *text) {
    static const char *const letters = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    int length = (int)strspn(text, letters);
    return length > 0 ? length : 1;
}

static void cut(struct words *words) {
    words->count = 0;
    for (const char *at = words->text; *at; at += words->lengths[words->count++]) {
        assert_true(words->count < WORDS_MOST - 8);
        words->items[words->count] = at;
        words->lengths[words->count] = word_length(at);
    }
}

static void exchange(struct words *words, int a, int b) {
    const char *item = words->items[a];
    int length = words->lengths[a];
    words->items[a] = words->items[b];
    words->lengths[a] = words->lengths[b];
    words->items[b] = item;
    words->lengths[b] = length;
}

static void put(struct words *words, int at, const char *item) {
    words->items[at] = item;
    words->lengths[at] = (int)strlen(item);
}

/* Nearly always a word: what falls on blanks and signs is mostly refused as YAML. */
static int pick(const struct words *words, struct random *random) {
    int at = 0;
    for (int i = 0; i < 8; i++) {
        at = (int)random_below(random, (uint32_t)words->count);
        if (words->lengths[at] > 1)
            break;
    }
    return at;
}

static void mutate(struct words *words, struct random *random) {
    static const char *const pieces[] = {
        "relu", "repeat", "residual", "$out",  "0",    "-1",   "99999", "{}", "[]",
        "$i",   "input",  "input.1",  "basic", "from", "true", "x",     "",   "$(1 / 0)"};
    int a = pick(words, random), b = pick(words, random);
    switch (random_below(random, 4)) {
    case 0:
        put(words, a, "");
        break;
    case 1:
        exchange(words, a, b);
        break;
    case 2:
        words->items[a] = words->items[b];
        words->lengths[a] = words->lengths[b];
        break;
    default:
        put(words, a, pieces[random_below(random, BASE_COUNT(pieces))]);
    }
}

static void load(struct scene *scene, struct words *words, int sample) {
    char path[100];
    size_t size;
    snprintf(path, sizeof path, "netdefs/%s.yaml", samples[sample]);
    const char *text = file_read(scene->arena, path, TEXT_MOST, &size, scene->report, NULL);
    assert_non_null(text);
    const char *include = strstr(text, "include: ");
    int before = include ? (int)(include - text) + 9 : 0;
    char folder[1000] = "";
    assert_non_null(getcwd(folder, sizeof folder - 20));
    snprintf(words->text, TEXT_MOST, "%.*s%s%s%s%s", before, text, include ? folder : "",
             include ? "/netdefs/" : "", text + before, extra);
    cut(words);
}

static char *joined(struct scene *scene, const struct words *words) {
    char *text = arena_alloc(scene->arena, 8 * TEXT_MOST, 1), *to = text;
    for (int i = 0; i < words->count && to - text < 7 * TEXT_MOST; i++) {
        memcpy(to, words->items[i], (size_t)words->lengths[i]);
        to += words->lengths[i];
    }
    return text;
}

static void mutations_do_no_harm(void **state) {
    (void)state;
    int built = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        struct random random = random_stream(3, RANDOM_TEST, i, 0);
        struct scene scene = scene_new();
        struct words words;
        load(&scene, &words, (int)i % BASE_COUNT(samples));
        for (uint32_t left = 1 + random_below(&random, 2); left > 0; left--)
            mutate(&words, &random);
        const struct graph *graph = scene_try(&scene, joined(&scene, &words));
        assert_int_equal(graph == NULL, report_count(scene.report) > 0);
        built += graph != NULL;
        scene_end(&scene);
    }
    assert_true(built > 100); /* not all of them stop at the first word */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutations_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
