/* Loading ahead gives the batches of the loader, and ends well wherever it is ended. */
#include "data_loading.h"

#define DATA(masks)                                                                                \
    "{source: synthetic, shape: [3, 8, 8], images: 50, batch: 16, masks: " masks                   \
    ", augment: [horizontal_flip, crop: 2, normalize: half]}"

static const struct loading_options shuffled = {.shuffle = true, .augment = true};

static void assert_batch_equal(const struct loading *a, const struct loading *b, size_t labels) {
    assert_int_equal(a->batch.count, b->batch.count);
    size_t pixels = tensor_pixels(tensor_images(a->batch.images, 0, a->batch.count));
    for (size_t i = 0; i < pixels; i++)
        assert_memory_equal(a->batch.images.data + i * (size_t)a->batch.images.pitch,
                            b->batch.images.data + i * (size_t)b->batch.images.pitch,
                            3 * sizeof(float));
    assert_memory_equal(a->batch.labels, b->batch.labels,
                        (size_t)a->batch.count * labels * sizeof(int32_t));
}

/* From any batch on, over the ends of epochs, with labels per image or per pixel, into any pitch. */
static void batches_are_those_of_the_loader(void **state) {
    (void)state;
    static const struct {
        const char *data;
        size_t labels;
        int64_t first, end;
        int pitch;
    } cases[] = {{DATA("false"), 1, 0, 10, 3},
                 {DATA("false"), 1, 3, 9, 5},
                 {DATA("true"), 64, 7, 8, 3},
                 {DATA("true"), 64, 2, 12, 4}};
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        struct loading_options options = shuffled;
        options.pitch = cases[i].pitch;
        struct loading plain = loading_new(&scene, cases[i].data, shuffled);
        struct loading taken = loading_new(&scene, cases[i].data, options);
        struct ahead *ahead = ahead_start(scene.arena, taken.loader, cases[i].first, cases[i].end);
        assert_non_null(ahead);
        for (int64_t n = cases[i].first; n < cases[i].end; n++) {
            ahead_take(ahead, n, &taken.batch);
            loading_fill(&plain, n);
            assert_batch_equal(&plain, &taken, cases[i].labels);
        }
        ahead_stop(ahead);
        loading_end(&plain);
        loading_end(&taken);
        scene_end(&scene);
    }
}

static void it_may_be_stopped_anywhere(void **state) {
    (void)state;
    for (int taken = 0; taken <= 20; taken++) {
        struct scene scene = scene_new();
        struct loading loading = loading_new(&scene, DATA("false"), shuffled);
        struct ahead *ahead = ahead_start(scene.arena, loading.loader, 0, 20);
        assert_non_null(ahead);
        for (int n = 0; n < taken; n++)
            ahead_take(ahead, n, &loading.batch);
        ahead_stop(ahead);
        loading_end(&loading);
        scene_end(&scene);
    }
    ahead_stop(NULL);
}

static void nothing_to_load_is_fine(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading loading = loading_new(&scene, DATA("false"), shuffled);
    struct ahead *ahead = ahead_start(scene.arena, loading.loader, 8, 8);
    assert_non_null(ahead);
    ahead_stop(ahead);
    loading_end(&loading);
    scene_end(&scene);
}

static void memory_is_foretold_and_may_run_out(void **state) {
    (void)state;
    bool made = false;
    for (long n = 1; !made; n++) {
        struct scene scene = scene_new();
        struct loading loading = loading_new(&scene, DATA("true"), shuffled);
        size_t foretold = ahead_bytes(scene_check(&scene, DATA("true")));
        size_t before = arena_used(scene.arena);
        arena_fail_at(scene.arena, n);
        struct ahead *ahead = ahead_start(scene.arena, loading.loader, 0, 4);
        made = ahead != NULL;
        if (made)
            assert_in_range(arena_used(scene.arena) - before, foretold, foretold + 1000);
        ahead_stop(ahead);
        loading_end(&loading);
        scene_end(&scene);
        assert_true(n < 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_those_of_the_loader),
        cmocka_unit_test(it_may_be_stopped_anywhere),
        cmocka_unit_test(nothing_to_load_is_fine),
        cmocka_unit_test(memory_is_foretold_and_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
