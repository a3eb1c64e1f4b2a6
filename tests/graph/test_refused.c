/* Netdefs that are refused, with the exact messages and places. */
#include "graph_scene.h"

#define HEAD "netdef: t\ninput: [3, 8, 8]\nlayers:\n" /* entries from line 4 on */

static void what_is_no_entry(void **state) {
    (void)state;
    scene_refuses(HEAD "  - 3\n  - {}\n  -\n", "x");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
