/* Damaged texts: thousands of mutations of sound ones neither crash nor hang, what is refused is said, and
 * what is read can be written and read again. Under the sanitizers this also finds leaks. */
#include "conf_scene.h"

static const char *const samples[] = {
    ("netdef: a\nparams: {n: 5, act: relu}\ninput: [3, 32, 32]\nlayers:\n"
     "  - conv2d: {out: $out, kernel: 3}   # comment\n  - $act\n  - repeat: {times: $(n * 2)}\n"),
    "base: &b {x: 1, y: [1, 2]}\nuse: {<<: *b, z: \"q\\t\\u20AC\"}\nall: [*b, *b]\n",
    "text: |\n  one\n   two\nfold: >-\n  a\n\n  b\n'it''s': ~\n? key\n: value\n",
    "\xEF\xBB\xBF{\xC3\xA4: 'x', b: {a: $(x), \"**.c\": -1.5e-3}, c: [[], {}, .inf]}\r\n",
};

/* Pieces that mean something to YAML. */
static const char *const pieces[] = {
    "\n",  " ",  "\t", ":",   ": ",  "- ", "[",   "]",   "{",    "}",    ",",    "&a ",
    "*a ", "*b", "<<", "'",   "\"",  "\\", "|\n", ">\n", "? ",   "#",    "!",    "%",
    "@",   "$(", ")",  "---", "...", "\r", "\0",  "~",   "\n\n", "\xC3", "\xFF", "\xE2\x80\xA8",
};

enum { TEXT_MOST = 600 };

struct text {
    char bytes[TEXT_MOST];
    size_t size;
};

static void splice(struct text *text, size_t at, size_t removed, const char *piece, size_t length) {
    if (text->size - removed + length > TEXT_MOST)
        return;
    memmove(text->bytes + at + length, text->bytes + at + removed, text->size - at - removed);
    memcpy(text->bytes + at, piece, length);
    text->size += length - removed;
}

static void mutate(struct text *text, struct random *random) {
    size_t at = random_below(random, (uint32_t)text->size + 1);
    size_t most = text->size - at < 8 ? text->size - at : 8;
    size_t removed = random_below(random, 2) ? random_below(random, (uint32_t)most + 1) : 0;
    const char *piece = pieces[random_below(random, BASE_COUNT(pieces))];
    char copied[8];
    if (random_below(random, 4) == 0) {
        memcpy(copied, text->bytes + at, most);
        splice(text, random_below(random, (uint32_t)text->size + 1), 0, copied, most);
    } else {
        splice(text, at, removed, piece, *piece ? strlen(piece) : 1);
    }
}

static void try_text(const struct text *text) {
    struct scene scene = scene_new();
    const struct node *node = conf_parse(scene.arena, "t", text->bytes, text->size, scene.report);
    assert_int_equal(node == NULL, report_count(scene.report) > 0);
    if (node) {
        const char *written = scene_text(&scene, scene_print_node, node);
        node = scene_parse(&scene, written);
        assert_string_equal(scene_said(&scene), "");
        assert_string_equal(scene_text(&scene, scene_print_node, node), written);
    } else {
        scene_said(&scene);
    }
    scene_end(&scene);
}

static void mutations_do_no_harm(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 8000; i++) {
        struct random random = random_stream(2, RANDOM_TEST, i, 0);
        const char *sample = samples[i % BASE_COUNT(samples)];
        struct text text = {.size = strlen(sample)};
        memcpy(text.bytes, sample, text.size);
        for (uint32_t left = 1 + random_below(&random, 6); left > 0; left--)
            mutate(&text, &random);
        try_text(&text);
    }
}

static void every_beginning_does_no_harm(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(samples); i++) {
        struct text text = {.size = 0};
        strcpy(text.bytes, samples[i]);
        for (; text.size <= strlen(samples[i]); text.size++)
            try_text(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutations_do_no_harm),
        cmocka_unit_test(every_beginning_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
