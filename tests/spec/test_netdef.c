/* Netdefs: what files that include and extend each other yield, and what is refused. */
#include "spec_scene.h"

/* ---- what is read ------------------------------------------------------------------------------- */

static const struct param *param_of(const struct params *params, const char *name) {
    for (int i = 0; i < params->count; i++)
        if (!strcmp(params->items[i].name, name))
            return &params->items[i];
    fail_msg("no parameter %s", name);
    return NULL;
}

static const char *const blocks_file =
    "params: {act: relu, norm: true}\n"
    "blocks:\n"
    "  unit:\n"
    "    params: {out: int, stride: 1, wide: $(out * 2), act: $act, scale: 1.0}\n"
    "    layers: [conv2d: {out: $out, kernel: 3}, $act]\n"
    "  tail: {layers: [flatten]}\n";

static const char *const base_file =
    "netdef: base35\n"
    "summary: the base\n"
    "include: blocks/b.yaml\n"
    "params: {n: 5, twice: $(2 * n), norm: false, widths: [$n, 32], kind: 'int', rate: 0.5}\n"
    "input: [3, 32, 32]\n"
    "init: {'**.conv2d': kaiming}\n"
    "blocks:\n"
    "  tail: {layers: [linear: {out: 10}]}\n"
    "layers: [unit: {out: 16}, tail]\n"
    "edits: [{delete: a}]\n";

static const char *const variant_file = "netdef: variant\n"
                                        "extends: ../base.yaml\n"
                                        "params: {n: 8, act: {leaky_relu: {negative_slope: 0.1}},\n"
                                        "  rate: 1, widths: [1, 2, 3]}\n"
                                        "blocks: {more: {layers: [relu]}}\n"
                                        "edits: [{delete: b}, {delete: c}]\n";

static void test_one_file(void **state) {
    (void)state;
    spec_files files = {"base.yaml", base_file, "blocks/b.yaml", blocks_file};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "base.yaml", NULL, 0);
    assert_int_equal(reading.kind, SPEC_NETDEF);
    const struct netdef *netdef = reading.netdef;
    assert_string_equal(netdef->name, "base35");
    assert_string_equal(netdef->summary, "the base");
    assert_int_equal(netdef->params.count, 7);
    assert_string_equal(netdef->params.items[0].name, "act");
    assert_int_equal(param_of(&netdef->params, "act")->type, PARAM_LAYER);
    assert_false(param_of(&netdef->params, "norm")->value->boolean);
    assert_int_equal(param_of(&netdef->params, "twice")->type, PARAM_INT);
    assert_int_equal(param_of(&netdef->params, "twice")->value->integer, 10);
    assert_int_equal(param_of(&netdef->params, "widths")->type, PARAM_LIST);
    assert_int_equal(param_of(&netdef->params, "widths")->value->entries[0].value->integer, 5);
    assert_int_equal(param_of(&netdef->params, "kind")->type, PARAM_STRING);
    assert_string_equal(param_of(&netdef->params, "kind")->value->string, "int");
    assert_int_equal(netdef->block_count, 2);
    assert_string_equal(spec_scene_text(&reading, netdef_block(netdef, "tail")->layers),
                        "- linear:\n"
                        "    out: 10\n");
    assert_null(netdef_block(netdef, "head"));
    spec_scene_end(&reading);
}

static void test_params_of_a_block(void **state) {
    (void)state;
    spec_files files = {"base.yaml", base_file, "blocks/b.yaml", blocks_file};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "base.yaml", NULL, 0);
    const struct params *params = &netdef_block(reading.netdef, "unit")->params;
    assert_int_equal(params->count, 5);
    assert_int_equal(param_of(params, "out")->type, PARAM_INT);
    assert_null(param_of(params, "out")->value);
    assert_int_equal(param_of(params, "stride")->value->integer, 1);
    assert_int_equal(param_of(params, "wide")->type, PARAM_COMPUTED);
    assert_string_equal(param_of(params, "wide")->value->string, "$(out * 2)");
    assert_int_equal(param_of(params, "scale")->type, PARAM_FLOAT);
    spec_scene_end(&reading);
}

static void test_a_variant(void **state) {
    (void)state;
    spec_files files = {"base.yaml", base_file,    "blocks/b.yaml",
                        blocks_file, "sub/v.yaml", variant_file};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "sub/v.yaml", NULL, 0);
    const struct netdef *netdef = reading.netdef;
    assert_string_equal(netdef->name, "variant");
    assert_null(netdef->summary);
    assert_int_equal(param_of(&netdef->params, "n")->value->integer, 8);
    assert_int_equal(param_of(&netdef->params, "twice")->value->integer, 16);
    assert_int_equal(param_of(&netdef->params, "rate")->value->kind, NODE_FLOAT);
    assert_true(param_of(&netdef->params, "rate")->value->real == 1.0);
    assert_int_equal(param_of(&netdef->params, "act")->value->kind, NODE_MAP);
    assert_int_equal(netdef->block_count, 3);
    assert_int_equal(netdef->edit_count, 2);
    assert_int_equal(netdef->edits[1]->count, 2);
    assert_non_null(netdef->init);
    assert_int_equal(netdef->layers->pos.line, 9);
    assert_int_equal(netdef->layers->pos.used_from->line, 2);
    assert_int_equal(netdef->layers->pos.used_from->column, 10);
    spec_scene_end(&reading);
}

static void test_a_variant_replaces_whole_parts(void **state) {
    (void)state;
    spec_files files = {"base.yaml",
                        base_file,
                        "blocks/b.yaml",
                        blocks_file,
                        "v.yaml",
                        "{netdef: v, extends: base.yaml, input: [1, 28, 28], layers: [unit: {out: "
                        "1}], init: {a: xavier}, blocks: {unit: {layers: [relu]}}, summary: mine}"};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "v.yaml", NULL, 0);
    const struct netdef *netdef = reading.netdef;
    assert_string_equal(netdef->summary, "mine");
    assert_int_equal(netdef->layers->count, 1);
    assert_string_equal(spec_scene_text(&reading, netdef->input), "[1, 28, 28]\n");
    assert_string_equal(spec_scene_text(&reading, netdef->init), "a: xavier\n");
    assert_int_equal(netdef->block_count, 2);
    assert_string_equal(spec_scene_text(&reading, netdef_block(netdef, "unit")->layers),
                        "- relu\n");
    assert_int_equal(netdef_block(netdef, "unit")->params.count, 0);
    spec_scene_end(&reading);
}

/* c.yaml comes on two ways; a.yaml's own block wins over the one it includes. */
static void test_includes_of_includes(void **state) {
    (void)state;
    spec_files files = {
        "n.yaml",
        "{netdef: n, include: [a.yaml, lib/b.yaml], input: [1], layers: [one, two, three]}",
        "a.yaml",
        "{include: lib/c.yaml, params: {p: 1}, blocks: {two: {layers: [relu]}}}",
        "lib/b.yaml",
        "{include: [c.yaml, d.yaml], params: {p: 1, q: [x, {y: 1.5, z: null}]}}",
        "lib/c.yaml",
        "{params: {common: true}, blocks: {one: {layers: [tanh]}}}",
        "lib/d.yaml",
        "{params: {q: [x, {y: 1.5, z: null}], r: int}, blocks: {three: {layers: [gelu]}}}"};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "n.yaml", (struct override[]){{"params.r", "4"}}, 1);
    spec_scene_expect(&reading, "");
    assert_int_equal(reading.netdef->block_count, 3);
    assert_int_equal(reading.netdef->params.count, 4);
    assert_int_equal(param_of(&reading.netdef->params, "r")->value->integer, 4);
    spec_scene_end(&reading);
}

/* Two files may ask for the same parameter, as long as they say the same. */
static void test_includes_that_agree(void **state) {
    (void)state;
    const char *text =
        "params: {q: [x, {y: 1.5, z: null}], s: text, r: int, b: true, l: {relu: {}}}";
    spec_files files = {
        "n.yaml", "{netdef: n, include: [a.yaml, b.yaml], params: {r: 1}, layers: []}",
        "a.yaml", text,
        "b.yaml", text};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "n.yaml", NULL, 0);
    spec_scene_expect(&reading, "");
    assert_int_equal(reading.netdef->params.count, 5);
    assert_int_equal(param_of(&reading.netdef->params, "l")->type, PARAM_LAYER);
    spec_scene_end(&reading);
}

static void test_includes_that_disagree(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"int", "1"},         {"int", "float"},  {"1", "1.0"},      {"1.5", "2.5"},
        {"a", "b"},           {"true", "false"}, {"[1]", "[1, 2]"}, {"[1, 2]", "[1, 3]"},
        {"{a: 1}", "{b: 1}"}, {"[~]", "[1]"},
    };
    for (int i = 0; i < BASE_COUNT(pairs); i++) {
        char one[64], other[64];
        snprintf(one, sizeof one, "params: {p: %s}", pairs[i][0]);
        snprintf(other, sizeof other, "params: {p: %s}", pairs[i][1]);
        spec_files files = {"n.yaml", "{netdef: n, include: [a.yaml, b.yaml], layers: []}",
                            "a.yaml", one,
                            "b.yaml", other};
        struct reading_scene reading = spec_scene_new(files);
        spec_scene_read(&reading, "n.yaml", NULL, 0);
        assert_non_null(strstr(spec_scene_said(&reading),
                               "two included files declare parameter 'p', not alike"));
        spec_scene_end(&reading);
    }
}

static void test_read_by_name(void **state) {
    (void)state;
    spec_files files = {"base.yaml", base_file, "blocks/b.yaml", blocks_file};
    struct reading_scene reading = spec_scene_new(files);
    struct temporary_path path = temporary_path(&reading.folder, "base.yaml");
    assert_non_null(netdef_read(reading.scene.arena, path.text, reading.scene.report, NULL));
    struct pos pos = {.line = 7};
    const struct netdef *netdef =
        netdef_read(reading.scene.arena, path.text, reading.scene.report, &pos);
    assert_ptr_equal(netdef->layers->pos.used_from, &pos);
    path = temporary_path(&reading.folder, "blocks/b.yaml");
    assert_null(netdef_read(reading.scene.arena, path.text, reading.scene.report, NULL));
    spec_scene_expect(&reading,
                      "blocks/b.yaml:1:1: error: this is no netdef: it has no key 'netdef'");
    spec_scene_end(&reading);
}

/* ---- what is refused ---------------------------------------------------------------------------- */

#define REST ", input: [1], layers: [relu]}"

static const struct {
    const char *said;
    spec_files files; /* the first is read */
} refused[] = {
    {"n.yaml:1:25: error: a netdef has no key 'layer'; did you mean 'layers'?",
     {"n.yaml", "{netdef: n, input: [1], layer: [relu]}"}},
    {"n.yaml:1:13: error: 'params' has no value", {"n.yaml", "{netdef: n, params: " REST}},
    {"n.yaml:1:10: error: 'Big Net' cannot name a netdef; use a-z, 0-9, '_' and '-'",
     {"n.yaml", "{netdef: Big Net" REST}},
    {"n.yaml:1:10: error: the name of a netdef is a text, not the integer 35; put quotes around it",
     {"n.yaml", "{netdef: 35" REST}},
    {"n.yaml:1:22: error: summary is a text, not a list of 1",
     {"n.yaml", "{netdef: n, summary: [x]" REST}},
    /* the kind of file */
    {"n.yaml:1:1: error: this is no file of netrun; it begins with netdef: NAME or experiment: "
     "NAME",
     {"n.yaml", "{network: n" REST}},
    {"n.yaml:1:1: error: this is no file of netrun; it begins with netdef: NAME or experiment: "
     "NAME",
     {"n.yaml", "- relu"}},
    {"n.yaml:1:1: error: this is a file of blocks for 'include'; a netdef begins with netdef: NAME",
     {"n.yaml", "blocks: {}"}},
    {"n.yaml:1:13: error: a file is a netdef or an experiment; this one has both keys",
     {"n.yaml", "{netdef: n, experiment: n" REST}},
    {"netrun: error: cannot read '../gone/n.yaml': No such file or directory", {"../gone/n.yaml"}},
    /* parameters */
    {"n.yaml:1:21: error: params is a map like {n: 5, classes: 10}, not a list of 1",
     {"n.yaml", "{netdef: n, params: [n]" REST}},
    {"n.yaml:1:22: error: parameter 'n' has no value; give a default, or a type such as int",
     {"n.yaml", "{netdef: n, params: {n: }" REST}},
    {"n.yaml:1:22: error: parameter 'n' has a type but no value; set it",
     {"n.yaml", "{netdef: n, params: {n: int, m: $(n + 1)}" REST}},
    {"n.yaml:1:22: error: 'shortcut' cannot name a parameter; it is a word of the language",
     {"n.yaml", "{netdef: n, params: {shortcut: 1}" REST}},
    {"n.yaml:1:22: error: 'i' cannot name a parameter; it is a word of the language",
     {"n.yaml", "{netdef: n, params: {i: 1}" REST}},
    {"n.yaml:1:22: error: 'not' cannot name a parameter; it is a word of the language",
     {"n.yaml", "{netdef: n, params: {not: 1}" REST}},
    {"n.yaml:1:22: error: 'a-b' cannot name a parameter; use letters, digits and '_'",
     {"n.yaml", "{netdef: n, params: {a-b: 1}" REST}},
    {"n.yaml:1:28: error: no parameter 'm' here",
     {"n.yaml", "{netdef: n, params: {abc: $m, m: 1}" REST}},
    {"n.yaml:1:33: error: n takes a value for 'b', not nothing",
     {"n.yaml", "{netdef: n, params: {a: [~], b: $a.0}" REST}},
    /* values for parameters of another file */
    {"v.yaml:1:39: error: v has no parameter 'widht'; did you mean 'width'?",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {widht: 2}}", "n.yaml",
      "{netdef: n, params: {width: 1}" REST}},
    {"v.yaml:1:46: error: v takes an integer for 'width', not the float 2.5",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {width: 2.5}}", "n.yaml",
      "{netdef: n, params: {width: 1}" REST}},
    {"v.yaml:1:45: error: v takes true or false for 'norm', not the string 'no'; write false",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {norm: no}}", "n.yaml",
      "{netdef: n, params: {norm: true}" REST}},
    {"v.yaml:1:45: error: v takes true or false for 'norm', not the string 'on'; write true",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {norm: on}}", "n.yaml",
      "{netdef: n, params: {norm: true}" REST}},
    {"v.yaml:1:45: error: v takes true or false for 'norm', not the string 'x'",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {norm: x}}", "n.yaml",
      "{netdef: n, params: {norm: true}" REST}},
    {"v.yaml:1:45: error: v takes true or false for 'norm', not the integer 1",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {norm: 1}}", "n.yaml",
      "{netdef: n, params: {norm: bool}" REST}},
    {"v.yaml:1:43: error: v takes a list for 'ws', not the integer 3",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {ws: 3}}", "n.yaml",
      "{netdef: n, params: {ws: [1]}" REST}},
    {"v.yaml:1:45: error: v takes a string for 'mode', not true",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {mode: true}}", "n.yaml",
      "{netdef: n, params: {mode: fast}" REST}},
    {"v.yaml:1:44: error: v takes a kind, a block or an entry for 'act', not the integer 3",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {act: 3}}", "n.yaml",
      "{netdef: n, params: {act: tanh}" REST}},
    {"v.yaml:1:42: error: v takes a number for 'p', not true",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {p: true}}", "n.yaml",
      "{netdef: n, params: {p: 0.5}" REST}},
    {"v.yaml:1:42: error: v takes an integer for 'm', not the float 1.5",
     {"v.yaml", "{netdef: v, extends: n.yaml, params: {m: 1.5}}", "n.yaml",
      "{netdef: n, params: {n: 1, m: $(n + 1)}" REST}},
    {"n.yaml:1:46: error: n takes true or false for 'norm', not the string 'off'; write false",
     {"n.yaml", "{netdef: n, include: b.yaml, params: { norm: off}" REST, "b.yaml",
      "params: {norm: true}"}},
    /* an error in the base, used from the variant */
    {"n.yaml:1:29: error: division by zero\n"
     "v.yaml:1:22: note: used from here",
     {"v.yaml", "{netdef: v, extends: n.yaml}", "n.yaml",
      "{netdef: n, params: {n: $(1 // 0)}" REST}},
    /* blocks */
    {"n.yaml:1:21: error: blocks is a map of blocks by name, not a list of 0",
     {"n.yaml", "{netdef: n, blocks: []" REST}},
    {"n.yaml:1:22: error: block 'b' has no layers",
     {"n.yaml", "{netdef: n, blocks: {b: {params: {}}}" REST}},
    {"n.yaml:1:25: error: 'b' is a map of keys and values, not a list of 1",
     {"n.yaml", "{netdef: n, blocks: {b: [relu]}" REST}},
    {"n.yaml:1:26: error: 'b' has no key 'layer'; did you mean 'layers'?",
     {"n.yaml", "{netdef: n, blocks: {b: {layer: [relu]}}" REST}},
    {"n.yaml:1:34: error: layers is a list of entries, not the string 'relu'",
     {"n.yaml", "{netdef: n, blocks: {b: {layers: relu}}" REST}},
    {"n.yaml:1:22: error: 'conv2d' cannot name a block; it is a kind of entry already",
     {"n.yaml", "{netdef: n, blocks: {conv2d: {layers: [relu]}}" REST}},
    {"n.yaml:1:22: error: 'residual' cannot name a block; it is a kind of entry already",
     {"n.yaml", "{netdef: n, blocks: {residual: {layers: [relu]}}" REST}},
    {"n.yaml:1:22: error: 'a.b' cannot name a block; use letters, digits, '_' and '-'",
     {"n.yaml", "{netdef: n, blocks: {a.b: {layers: [relu]}}" REST}},
    {"n.yaml:1:34: error: params is a map like {out: int, stride: 1}, not a list of 1",
     {"n.yaml", "{netdef: n, blocks: {b: {params: [x], layers: [relu]}}" REST}},
    {"n.yaml:1:35: error: 'name' cannot name a parameter; it is a word of the language",
     {"n.yaml", "{netdef: n, blocks: {b: {params: {name: 1}, layers: [relu]}}" REST}},
    /* include */
    {"n.yaml:1:22: error: cannot read 'gone.yaml': No such file or directory",
     {"n.yaml", "{netdef: n, include: gone.yaml" REST}},
    {"n.yaml:1:22: error: include takes the path of a file, not the integer 3",
     {"n.yaml", "{netdef: n, include: 3" REST}},
    {"n.yaml:1:22: error: 'm.yaml' is a netdef; include takes files of blocks, extends takes a "
     "netdef",
     {"n.yaml", "{netdef: n, include: m.yaml" REST, "m.yaml", "{netdef: m" REST}},
    {"b.yaml:1:1: error: a file of blocks has no key 'layers'\n"
     "n.yaml:1:23: note: used from here",
     {"n.yaml", "{netdef: n, include: [b.yaml]" REST, "b.yaml", "layers: [relu]"}},
    {"b.yaml:1:10: error: block 'x' comes from two included files\n"
     "a.yaml:1:10: note: the other one is here\n"
     "n.yaml:1:31: note: used from here",
     {"n.yaml", "{netdef: n, include: [a.yaml, b.yaml]" REST, "a.yaml",
      "blocks: {x: {layers: [relu]}}", "b.yaml", "blocks: {x: {layers: [relu]}}"}},
    {"b.yaml:1:10: error: two included files declare parameter 'p', not alike\n"
     "a.yaml:1:10: note: the other one is here\n"
     "n.yaml:1:31: note: used from here",
     {"n.yaml", "{netdef: n, include: [a.yaml, b.yaml]" REST, "a.yaml", "params: {p: 1}", "b.yaml",
      "params: {p: 2}"}},
    {"a.yaml:1:10: error: parameter 'p' is of another type in the netdef\n"
     "n.yaml:1:22: note: it is declared here\n"
     "v.yaml:1:39: note: used from here",
     {"v.yaml", "{netdef: v, extends: n.yaml, include: a.yaml}", "n.yaml",
      "{netdef: n, params: {p: 1.5}" REST, "a.yaml", "params: {p: 1}"}},
    {"b.yaml:1:10: error: include goes round in a circle: a.yaml > b.yaml > a.yaml\n"
     "a.yaml:1:10: note: used from here\n"
     "n.yaml:1:22: note: used from here",
     {"n.yaml", "{netdef: n, include: a.yaml" REST, "a.yaml", "include: b.yaml", "b.yaml",
      "include: a.yaml"}},
    /* extends */
    {"n.yaml:1:22: error: cannot read 'gone.yaml': No such file or directory",
     {"n.yaml", "{netdef: n, extends: gone.yaml}"}},
    {"n.yaml:1:22: error: extends takes the path of a file, not a list of 1",
     {"n.yaml", "{netdef: n, extends: [m.yaml]}"}},
    {"n.yaml:1:22: error: 'b.yaml' is no netdef: it has no key 'netdef'",
     {"n.yaml", "{netdef: n, extends: b.yaml}", "b.yaml", "blocks: {}"}},
    {"n.yaml:1:22: error: extends goes round in a circle: n.yaml > n.yaml",
     {"n.yaml", "{netdef: n, extends: ./n.yaml}"}},
    {"c.yaml:1:22: error: extends goes round in a circle: b.yaml > c.yaml > b.yaml\n"
     "b.yaml:1:22: note: used from here\n"
     "a.yaml:1:22: note: used from here",
     {"a.yaml", "{netdef: a, extends: b.yaml}", "b.yaml", "{netdef: b, extends: c.yaml}", "c.yaml",
      "{netdef: c, extends: b.yaml}"}},
    {"b.yaml:1:9: error: there is no anchor '&x' before this alias; put quotes around a pattern "
     "that begins with '*'",
     {"n.yaml", "{netdef: n, extends: b.yaml}", "b.yaml", "netdef: *x"}},
};

static void test_refused(void **state) {
    (void)state;
    int wrong = 0;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        struct reading_scene reading =
            spec_scene_new(refused[i].files[1] ? refused[i].files : NULL);
        spec_scene_read(&reading, refused[i].files[0], NULL, 0);
        assert_int_equal(reading.kind, SPEC_NONE);
        wrong += spec_scene_differs(&reading, refused[i].said);
        spec_scene_end(&reading);
    }
    assert_int_equal(wrong, 0);
}

/* All that is wrong in a file is said at once. */
static void test_many_errors(void **state) {
    (void)state;
    spec_files files = {"n.yaml", "netdef: N\n"
                                  "summry: x\n"
                                  "params: {if: 1, n: 2}\n"
                                  "blocks:\n"
                                  "  relu: {layers: [tanh]}\n"
                                  "  b: {params: {x: }, layers: 3}\n"
                                  "layers:\n"};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "n.yaml", NULL, 0);
    spec_scene_expect(
        &reading,
        "n.yaml:2:1: error: a netdef has no key 'summry'; did you mean 'summary'?\n"
        "n.yaml:7:1: error: 'layers' has no value\n"
        "n.yaml:1:9: error: 'N' cannot name a netdef; use a-z, 0-9, '_' and '-'\n"
        "n.yaml:3:10: error: 'if' cannot name a parameter; it is a word of the language\n"
        "n.yaml:5:3: error: 'relu' cannot name a block; it is a kind of entry already\n"
        "n.yaml:6:16: error: parameter 'x' has no value; give a default, or a type such as int\n"
        "n.yaml:6:30: error: layers is a list of entries, not the integer 3");
    spec_scene_end(&reading);
}

/* ---- limits ------------------------------------------------------------------------------------- */

/* A folder that holds itself gives one file endless paths. */
static void test_depth_of_files(void **state) {
    (void)state;
    spec_files files = {"n.yaml", "{netdef: n, extends: here/n.yaml}"};
    struct reading_scene reading = spec_scene_new(files);
    struct temporary_path link = temporary_path(&reading.folder, "here");
    assert_int_equal(symlink(".", link.text), 0);
    spec_scene_read(&reading, "n.yaml", NULL, 0);
    assert_non_null(
        strstr(spec_scene_said(&reading), "1:22: error: files name files more than 16 deep"));
    spec_scene_end(&reading);
}

/* Sixteen files, each of which includes the next one twice. */
static void test_number_of_files(void **state) {
    (void)state;
    spec_files files = {"n.yaml", "{netdef: n, include: 1.yaml" REST};
    struct reading_scene reading = spec_scene_new(files);
    for (int i = 1; i < 16; i++) {
        char name[32], text[64];
        snprintf(name, sizeof name, "%d.yaml", i);
        snprintf(text, sizeof text, i < 15 ? "include: [%d.yaml, %d.yaml]" : "params: {}", i + 1,
                 i + 1);
        temporary_write(&reading.folder, name, text);
    }
    spec_scene_read(&reading, "n.yaml", NULL, 0);
    assert_non_null(
        strstr(spec_scene_said(&reading), "error: a netdef is made of more than 100 files"));
    spec_scene_end(&reading);
}

static void test_number_of_blocks(void **state) {
    (void)state;
    struct reading_scene reading = spec_scene_new(NULL);
    char *text = arena_alloc(reading.scene.arena, 64000, 1);
    char *to = text + sprintf(text, "{netdef: n, layers: [], blocks: {");
    for (int i = 0; i < 1001; i++)
        to += sprintf(to, "b%d: {layers: [relu]}, ", i);
    strcpy(to, "}}");
    temporary_write(&reading.folder, "n.yaml", text);
    spec_scene_read(&reading, "n.yaml", NULL, 0);
    assert_non_null(strstr(spec_scene_said(&reading), "error: more than 1000 blocks"));
    assert_int_equal(report_count(reading.scene.report), 1);
    spec_scene_end(&reading);
}

static void test_length_of_names(void **state) {
    (void)state;
    for (int length = 100; length <= 101; length++) {
        struct reading_scene reading = spec_scene_new(NULL);
        char text[300];
        snprintf(text, sizeof text, "{netdef: %0*d_, layers: []}", length - 1, 0);
        temporary_write(&reading.folder, "n.yaml", text);
        spec_scene_read(&reading, "n.yaml", NULL, 0);
        spec_scene_expect(
            &reading, length == 100 ? ""
                                    : "n.yaml:1:10: error: the name of a netdef has at most 100 "
                                      "characters");
        spec_scene_end(&reading);
    }
}

static void test_number_of_parameters(void **state) {
    (void)state;
    for (int count = 256; count <= 257; count++) {
        struct reading_scene reading = spec_scene_new(NULL);
        char text[4000] = "{netdef: n, input: [1], layers: [relu], params: {";
        for (int i = 0; i < count; i++)
            sprintf(text + strlen(text), "p%d: %d, ", i, i);
        strcat(text, "}}");
        temporary_write(&reading.folder, "n.yaml", text);
        spec_scene_read(&reading, "n.yaml", NULL, 0);
        assert_int_equal(reading.kind, count == 256 ? SPEC_NETDEF : SPEC_NONE);
        assert_int_equal(report_count(reading.scene.report), count - 256);
        for (int i = 0; reading.netdef && i < count; i++)
            assert_int_equal(reading.netdef->params.items[i].value->integer, i);
        spec_scene_end(&reading);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_file),
        cmocka_unit_test(test_params_of_a_block),
        cmocka_unit_test(test_a_variant),
        cmocka_unit_test(test_a_variant_replaces_whole_parts),
        cmocka_unit_test(test_includes_of_includes),
        cmocka_unit_test(test_includes_that_agree),
        cmocka_unit_test(test_includes_that_disagree),
        cmocka_unit_test(test_read_by_name),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_depth_of_files),
        cmocka_unit_test(test_number_of_files),
        cmocka_unit_test(test_number_of_blocks),
        cmocka_unit_test(test_length_of_names),
        cmocka_unit_test(test_number_of_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
