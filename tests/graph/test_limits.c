/* Limits: netdefs that would take for ever, or all memory, are refused soon and say why. */
#include "graph_scene.h"

/* A text that grows, in the arena of a scene. */
struct text {
    char *bytes;
    size_t size;
    FILE *out;
};

static void text_start(struct text *text, const char *head) {
    text->out = open_memstream(&text->bytes, &text->size);
    fputs(head, text->out);
}

/* Ends the text; when it is built, something with this piece is said, in moments. */
static void soon_says(struct text *text, const char *piece) {
    struct scene scene = scene_new();
    fclose(text->out);
    double start = clock_seconds();
    assert_null(scene_try(&scene, text->bytes));
    assert_true(clock_seconds() - start < 10); /* less than 1; sanitizers and busy machines */
    assert_true(arena_used(scene.arena) < 600 * 1000 * 1000);
    const char *said = scene_said(&scene);
    if (!strstr(said, piece))
        assert_string_equal(said, piece);
    free(text->bytes);
    scene_end(&scene);
}

static void says(const char *netdef, const char *piece) {
    struct text text;
    text_start(&text, netdef);
    soon_says(&text, piece);
}

#define HEAD "netdef: t\ninput: [3, 8, 8]\n"
#define BYTES "a description of more than 256 MB once it is expanded"
#define PARTS "more than 1,000,000 parts, those of blocks and repeats counted"

static void repeats_of_repeats(void **state) {
    (void)state;
    says(HEAD "layers: [repeat: {times: 1000000000, layers: [relu]}]\n",
         "3:26: error: 1,000,000,000 rounds are more than the 20,000 layers that a network may "
         "have");
    says(HEAD "layers: [repeat: {times: 20000, layers: [relu, tanh]}]\n",
         "3:42: error: this network has more than 20,000 layers\n3:10: note: used from here");
    says(HEAD "layers: [repeat: {times: 20000, layers: [repeat: {times: 20000, layers: []}]}]\n",
         "3:42: error: this network has " BYTES "\n3:10: note: used from here");
    says(HEAD "layers: [repeat: {times: 20000, layers: [repeat: {times: 20000, layers: [relu: {if: "
              "false}]}]}]\n",
         ": error: this network has " BYTES "\n");
}

static void blocks_that_double(void **state) {
    (void)state;
    for (int off = 0; off < 2; off++) {
        struct text text;
        text_start(&text, HEAD "blocks:\n  b0: {layers: [relu]}\n");
        for (int i = 1; i < 40; i++)
            fprintf(text.out, "  b%d: {layers: [b%d, b%d]}\n", i, i - 1, i - 1);
        fprintf(text.out, "layers: [b39%s]\n", off ? ": {if: false}" : "");
        soon_says(&text, off ? "error: this network has " BYTES "\n"
                             : "4:17: error: this network has more than 20,000 layers\n");
    }
}

static void blocks_inside_one_another(void **state) {
    (void)state;
    struct text text;
    text_start(&text, HEAD "blocks:\n  b0: {layers: [relu]}\n");
    for (int i = 1; i < 65; i++)
        fprintf(text.out, "  b%d: {layers: [b%d]}\n", i, i - 1);
    fprintf(text.out, "layers: [b64]\n");
    soon_says(&text, "5:17: error: this network has more than 64 blocks, repeats and residuals "
                     "inside one another\n");
}

static void values_that_are_long_and_many(void **state) {
    (void)state;
    struct text text;
    text_start(&text, HEAD "layers: [repeat: {times: 20000, layers: [conv2d: {out: [");
    for (int i = 0; i < 50000; i++)
        fputs("1,", text.out);
    fputs("1], kernel: 1}]}]\n", text.out);
    soon_says(&text, "3:56: error: out of conv2d is an integer, not a list of 50001\n"
                     "3:10: note: used from here\n"
                     "3:42: error: this network has " PARTS "\n3:10: note: used from here");
}

static void taps_that_miss(void **state) {
    (void)state;
    struct text text;
    text_start(&text, HEAD "layers:\n");
    for (int i = 0; i < 10000; i++)
        fprintf(text.out, "  - relu: {from: n%d}\n", i);
    fclose(text.out);
    struct scene scene = scene_new();
    double start = clock_seconds();
    assert_null(scene_try(&scene, text.bytes));
    assert_true(clock_seconds() - start < 10);
    assert_int_equal(report_count(scene.report), REPORT_MOST);
    free(text.bytes);
    scene_end(&scene);
}

static void edits_that_are_many(void **state) {
    (void)state;
    struct text text;
    text_start(&text, HEAD "layers: [repeat: {times: 100, layers: [relu]}]\nedits:\n");
    for (int i = 0; i < 257; i++)
        fputs("  - {replace: \"**.relu\", with: [relu]}\n", text.out);
    soon_says(&text, "261:5: error: this network has more than 256 edits");
    text_start(&text, HEAD "layers: [repeat: {times: 19000, layers: [relu]}]\nedits:\n");
    for (int i = 0; i < 256; i++)
        fputs("  - {replace: \"**.relu\", with: [relu]}\n", text.out);
    soon_says(&text, ":33: error: this network has " BYTES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_of_repeats),
        cmocka_unit_test(blocks_that_double),
        cmocka_unit_test(blocks_inside_one_another),
        cmocka_unit_test(values_that_are_long_and_many),
        cmocka_unit_test(taps_that_miss),
        cmocka_unit_test(edits_that_are_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
