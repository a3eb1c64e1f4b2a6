/* Files of weights, against bytes written by hand from the specification, a file that Python made of it, and
 * Python reading ours (tests/golden/weights_file.py). */
#include "check.h"
#include "format_scene.h"
#include "netrun/format.h"

#include <math.h>

/* ---- files made here --------------------------------------------------------------------------- */

/* A file of a header and so many bytes of data, each 1. */
struct bytes {
    char at[2048];
    size_t size;
};

static struct bytes bytes_of(const char *header, size_t data) {
    struct bytes bytes = {.size = 8 + strlen(header) + data};
    assert_true(bytes.size <= sizeof bytes.at);
    bytes.at[0] = (char)(strlen(header) & 0xFF);
    bytes.at[1] = (char)(strlen(header) >> 8);
    memcpy(bytes.at + 8, header, strlen(header));
    memset(bytes.at + 8 + strlen(header), 1, data);
    return bytes;
}

/* A new file each time: some file systems wait for the disk when one is written over. */
static const char *write_bytes(struct scene *scene, const struct bytes *bytes) {
    const char *path = scene_path(scene, "t.safetensors");
    remove(path);
    scene_write(scene, "t.safetensors", bytes->at, bytes->size);
    return path;
}

static const struct tensor_file *read_bytes(struct scene *scene, const struct bytes *bytes) {
    const char *path = write_bytes(scene, bytes);
    return safetensors_read(scene->arena, path, scene->report, NULL);
}

static const struct tensor_file *read_good(struct scene *scene, const char *path) {
    const struct tensor_file *file = safetensors_read(scene->arena, path, scene->report, NULL);
    assert_int_equal(report_count(scene->report), 0);
    assert_non_null(file);
    return file;
}

static bool same_bits(const float *a, const float *b, size_t count) {
    return memcmp(a, b, count * sizeof *a) == 0;
}

/* ---- writing ----------------------------------------------------------------------------------- */

static const float weight[6] = {1, 2, -1, 0, -0.0f, 0.5f};
static const float bias[2] = {3, -3};

static void a_file_has_the_bytes_of_the_specification(void **state) {
    struct scene *scene = *state;
    static const char wanted[] =
        "\xA8\0\0\0\0\0\0\0"
        "{\"__metadata__\":{\"made by\":\"\\\"netrun\\\"\"},"
        "\"b.weight\":{\"dtype\":\"F32\",\"shape\":[2,1,3],\"data_offsets\":[0,24]},"
        "\"a.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]}}  "
        "\0\0\x80\x3F\0\0\0\x40\0\0\x80\xBF\0\0\0\0\0\0\0\x80\0\0\0\x3F"
        "\0\0\x40\x40\0\0\x40\xC0";
    const struct named_tensor tensors[] = {{"b.weight", 3, {2, 1, 3}, weight},
                                           {"a.bias", 1, {2}, bias}};
    const struct text_pair metadata[] = {{"made by", "\"netrun\""}};
    assert_true(safetensors_write(scene_path(scene, "t.safetensors"), tensors, 2, metadata, 1,
                                  scene->report));
    size_t size;
    const char *bytes = scene_read(scene, "t.safetensors", &size);
    assert_int_equal(size, sizeof wanted - 1);
    assert_memory_equal(bytes, wanted, size);
}

static void what_is_written_reads_back(void **state) {
    struct scene *scene = *state;
    float many[3000];
    struct random random = random_stream(1, RANDOM_TEST, 0, 0);
    for (int i = 0; i < BASE_COUNT(many); i++)
        many[i] = (float)random_normal(&random);
    many[0] = NAN, many[1] = INFINITY, many[2] = -0.0f, many[3] = 1e-45f;
    const struct named_tensor tensors[] = {
        {"z", 2, {60, 50}, many},          {"scalar", 0, {0}, bias},
        {"none", 2, {5, 0}, bias},         {"a", 4, {2, 1, 3, 1}, weight},
        {"\xC3\xA4 \"\\\n", 1, {2}, bias},
    };
    const struct text_pair metadata[] = {{"epoch", "3"}, {"", ""}};
    const char *path = scene_path(scene, "t.safetensors");
    assert_true(safetensors_write(path, tensors, BASE_COUNT(tensors), metadata, 2, scene->report));
    const struct tensor_file *file = read_good(scene, path);
    const size_t counts[] = {3000, 1, 0, 6, 2};
    assert_int_equal(file->count, BASE_COUNT(tensors));
    for (int i = 0; i < file->count; i++) {
        assert_string_equal(file->tensors[i].name, tensors[i].name);
        assert_int_equal(file->tensors[i].rank, tensors[i].rank);
        assert_memory_equal(file->tensors[i].dims, tensors[i].dims, sizeof tensors[i].dims);
        assert_true(same_bits(file->tensors[i].values, tensors[i].values, counts[i]));
    }
    assert_int_equal(file->pairs, 2);
    assert_string_equal(file->metadata[0].key, "epoch");
    assert_string_equal(file->metadata[0].value, "3");
    assert_string_equal(file->metadata[1].key, "");
}

static void a_file_may_hold_nothing(void **state) {
    struct scene *scene = *state;
    const char *path = scene_path(scene, "t.safetensors");
    assert_true(safetensors_write(path, NULL, 0, NULL, 0, scene->report));
    assert_int_equal(read_good(scene, path)->count, 0);
    size_t size;
    assert_memory_equal(scene_read(scene, "t.safetensors", &size), "\x08\0\0\0\0\0\0\0{}      ",
                        16);
    assert_int_equal(size, 16);
}

static void what_cannot_be_written_is_said(void **state) {
    struct scene *scene = *state;
    static const float values[1000];
    const struct named_tensor tensor = {"a", 1, {1000}, values};
    assert_false(safetensors_write(scene_path(scene, "no/a"), &tensor, 1, NULL, 0, scene->report));
    scene_limit_files(1000);
    bool good = safetensors_write(scene_path(scene, "b"), &tensor, 1, NULL, 0, scene->report);
    scene_limit_files(0);
    assert_false(good);
    assert_false(file_exists(scene_path(scene, "b")));
    assert_string_equal(scene_said(scene),
                        "netrun: error: cannot write 'no/a': No such file or directory\n"
                        "netrun: error: cannot write 'b': File too large\n");
}

/* ---- Python ------------------------------------------------------------------------------------ */

static void python_reads_what_is_written(void **state) {
    struct scene *scene = *state;
    const float odd[] = {0.1f, INFINITY, -0.0f};
    const struct named_tensor tensors[] = {
        {"b.weight", 3, {2, 1, 3}, weight}, {"a", 0, {0}, bias}, {"odd \xC3\xA4", 2, {3, 1}, odd}};
    const struct text_pair metadata[] = {{"made by", "\"netrun\" \xC3\xA4"}};
    if (system("python3 -c '' 2>/dev/null") != 0)
        skip();
    assert_true(safetensors_write(scene_path(scene, "t.safetensors"), tensors, 3, metadata, 1,
                                  scene->report));
    const char *command =
        arena_printf(scene->arena,
                     "PYTHONIOENCODING=utf-8 python3 tests/golden/weights_file.py show \"%s\" 2>&1",
                     scene_path(scene, "t.safetensors"));
    char said[1024];
    FILE *python = popen(command, "r");
    said[fread(said, 1, sizeof said - 1, python)] = '\0';
    pclose(python);
    assert_string_equal(said, "metadata {\"made by\": \"\\\"netrun\\\" \\u00e4\"}\n"
                              "b.weight F32 [2, 1, 3] 1 2 -1 0 -0 0.5\n"
                              "a F32 [] 3\n"
                              "odd \xC3\xA4 F32 [3, 1] 0.100000001 inf -0\n");
}

static void what_python_wrote_is_read(void **state) {
    struct scene *scene = *state;
    const struct tensor_file *file = read_good(scene, "tests/golden/python.safetensors");
    assert_int_equal(file->count, 6);
    const struct named_tensor *tensors = file->tensors;
    assert_string_equal(tensors[0].name, "encoder.conv.weight");
    assert_string_equal(dims_text(tensors[0].rank, tensors[0].dims).text, "2x1x1x3");
    assert_true(
        same_bits(tensors[0].values, (float[]){0.5f, -1.25f, 3, 1e-30f, INFINITY, -0.0f}, 6));
    assert_true(same_bits(tensors[1].values, (float[]){0.1f, -INFINITY}, 2));
    assert_string_equal(tensors[2].name, "encoder.norm.num_batches_tracked");
    assert_string_equal(dims_text(tensors[2].rank, tensors[2].dims).text, "a number");
    assert_null(tensors[2].values);
    assert_string_equal(tensors[3].name, "half.na\xC3\xAFve");
    assert_true(same_bits(tensors[3].values, (float[]){1.5f, -65504, 0x1p-24f, 0x1.998p-4f}, 4));
    assert_string_equal(dims_text(tensors[4].rank, tensors[4].dims).text, "0x7");
    assert_null(tensors[5].values);
    assert_int_equal(file->pairs, 2);
    assert_string_equal(file->metadata[1].key, "note");
    assert_string_equal(file->metadata[1].value, "tab\t\"quoted\" \xC3\xBC");
}

/* ---- types ------------------------------------------------------------------------------------- */

/* One tensor of `count` numbers, given as the bytes of the file. */
static const float *numbers(struct scene *scene, const char *type, int count, const char *data,
                            size_t size) {
    const char *header = arena_printf(
        scene->arena, "{\"x\": {\"dtype\": \"%s\", \"shape\": [%d], \"data_offsets\": [0, %zu]}}",
        type, count, size);
    struct bytes bytes = bytes_of(header, size);
    memcpy(bytes.at + bytes.size - size, data, size);
    const struct tensor_file *file = read_bytes(scene, &bytes);
    assert_int_equal(report_count(scene->report), 0);
    return file->tensors[0].values;
}

static void floats_of_all_widths_are_read(void **state) {
    struct scene *scene = *state;
    /* IEEE 754: 1, the largest, the smallest normal, the largest and smallest below it, infinity, -2. */
    const float halves[] = {1, 65504, 0x1p-14f, 0x3FFp-24f, 0x1p-24f, INFINITY, -2, -0.0f};
    assert_true(same_bits(
        numbers(scene, "F16", 8, "\0\x3C\xFF\x7B\0\x04\xFF\x03\1\0\0\x7C\0\xC0\0\x80", 16), halves,
        8));
    assert_true(isnan(numbers(scene, "F16", 1, "\0\x7E", 2)[0]));
    const float brains[] = {1, -3.140625f, INFINITY, 0x1p-133f};
    assert_true(same_bits(numbers(scene, "BF16", 4, "\x80\x3F\x49\xC0\x80\x7F\1\0", 8), brains, 4));
    const float doubles[] = {1, 0.1f};
    assert_true(same_bits(
        numbers(scene, "F64", 2, "\0\0\0\0\0\0\xF0\x3F\x9A\x99\x99\x99\x99\x99\xB9\x3F", 16),
        doubles, 2));
}

static void other_types_are_passed_over(void **state) {
    struct scene *scene = *state;
    static const struct {
        const char *name;
        size_t bytes;
    } types[] = {{"I64", 8}, {"I32", 4},  {"I16", 2},     {"I8", 1},      {"U64", 8}, {"U32", 4},
                 {"U16", 2}, {"BOOL", 1}, {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"U8", 1}};
    for (int i = 0; i < BASE_COUNT(types); i++)
        assert_null(
            numbers(scene, types[i].name, 3, "123456781234567812345678", 3 * types[i].bytes));
}

/* ---- what is refused --------------------------------------------------------------------------- */

#define TENSOR(name, shape, from, to)                                                              \
    "\"" name "\": {\"dtype\": \"F32\", \"shape\": " shape ", \"data_offsets\": [" #from ", " #to  \
    "]}"

static const struct {
    const char *header;
    size_t data; /* bytes */
    const char *message;
} refused[] = {
    {"[1]", 0, "its header does not begin with '{'"},
    {" {}", 0, "its header does not begin with '{'"},
    {"{\"a\": }", 0, "its header is no sound JSON: unexpected token (byte 7)"},
    {"{} {}", 0, "its header is no sound JSON: end of file expected (byte 4)"},
    {"{\"a\\u0000b\": {}}", 0,
     "its header is no sound JSON: NUL byte in object key not supported (byte 11)"},
    {"{\"\xFF\": 1}", 0, "its header is no sound JSON: unable to decode byte 0xff (byte 2)"},
    {"{" TENSOR("a", "[1]", 0, 4) ", " TENSOR("a", "[1]", 4, 8) "}", 8,
     "its header is no sound JSON: duplicate object key (byte 65)"},
    {"{\"a\": {\"dtype\": \"F32\", \"dtype\": \"F32\"}}", 0,
     "its header is no sound JSON: duplicate object key (byte 30)"},
    {"{\"__metadata__\": [\"x\"]}", 0, "'__metadata__' of its header is no map"},
    {"{\"__metadata__\": {\"x\": 1}}", 0, "'x' of its metadata is no text"},
    {"{\"a\": 3}", 0, "tensor 'a' has no 'dtype' that is a text"},
    {"{\"a\": {\"dtype\": 32}}", 0, "tensor 'a' has no 'dtype' that is a text"},
    {"{\"a\": {\"dtype\": \"F33\"}}", 0, "tensor 'a' has the unknown type 'F33'"},
    {"{\"a\": {\"dtype\": \"F32\", \"shape\": 3}}", 0, "tensor 'a' has no 'shape' that is a list"},
    {"{\"a\": {\"dtype\": \"F32\"}}", 0, "tensor 'a' has no 'shape' that is a list"},
    {"{" TENSOR("a", "[1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4, "tensor 'a' has more than 8 dimensions"},
    {"{" TENSOR("a", "[-1]", 0, 4) "}", 4,
     "a dimension of tensor 'a' is no whole number from 0 to 2,147,483,647"},
    {"{" TENSOR("a", "[1.0]", 0, 4) "}", 4,
     "a dimension of tensor 'a' is no whole number from 0 to 2,147,483,647"},
    {"{" TENSOR("a", "[2147483648]", 0, 4) "}", 4,
     "a dimension of tensor 'a' is no whole number from 0 to 2,147,483,647"},
    {"{" TENSOR("a", "[99999999999999999999]", 0, 4) "}", 4,
     "its header is no sound JSON: too big integer (byte 53)"},
    {"{" TENSOR("a", "[2147483647, 2147483647, 4]", 0, 4) "}", 4,
     "tensor 'a' has more numbers (2147483647x2147483647x4) than can be counted"},
    {"{" TENSOR("a", "[2147483647, 2147483647, 9]", 0, 4) "}", 4,
     "tensor 'a' has more numbers (2147483647x2147483647x9) than can be counted"},
    {"{\"a\": {\"dtype\": \"F32\", \"shape\": []}}", 0,
     "tensor 'a' has no 'data_offsets' that are a begin and an end"},
    {"{\"a\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [0, 4, 8]}}", 8,
     "tensor 'a' has no 'data_offsets' that are a begin and an end"},
    {"{" TENSOR("a", "[]", 4, 0) "}", 4,
     "tensor 'a' has no 'data_offsets' that are a begin and an end"},
    {"{" TENSOR("a", "[]", -4, 0) "}", 4,
     "tensor 'a' has no 'data_offsets' that are a begin and an end"},
    {"{" TENSOR("a", "[]", 0, 4.5) "}", 4,
     "tensor 'a' has no 'data_offsets' that are a begin and an end"},
    {"{" TENSOR("a", "[]", 0, 4) "}", 3,
     "it is cut short: tensor 'a' ends at byte 4 of the data, which has 3"},
    {"{" TENSOR("a", "[]", 0, 9223372036854775807) "}", 4,
     "it is cut short: tensor 'a' ends at byte 9,223,372,036,854,775,807 of the data, which has 4"},
    {"{" TENSOR("a", "[2, 3]", 0, 20) "}", 20,
     "tensor 'a' (2x3 of F32) takes 24 bytes, but its data_offsets hold 20"},
    {"{" TENSOR("a", "[0, 3]", 0, 4) "}", 4,
     "tensor 'a' (0x3 of F32) takes 0 bytes, but its data_offsets hold 4"},
    {"{" TENSOR("a", "[]", 0, 4) ", " TENSOR("b", "[]", 8, 12) "}", 12,
     "bytes 4 to 8 of its data belong to no tensor"},
    {"{" TENSOR("a", "[]", 4, 8) "}", 8, "bytes 0 to 4 of its data belong to no tensor"},
    {"{" TENSOR("a", "[]", 0, 4) "}", 5, "bytes 4 to 5 of its data belong to no tensor"},
    {"{}", 1500, "bytes 0 to 1,500 of its data belong to no tensor"},
    {"{" TENSOR("a", "[2]", 2, 10) ", " TENSOR("b", "[1]", 0, 4) "}", 10,
     "the tensors 'b' and 'a' overlap"},
    {"{" TENSOR("a", "[2]", 0, 8) ", " TENSOR("b", "[0]", 4, 4) "}", 8,
     "the tensors 'a' and 'b' overlap"},
    {"{" TENSOR("a", "[2]", 0, 8) ", " TENSOR("b", "[2]", 0, 8) "}", 8,
     "the tensors 'a' and 'b' overlap"},
};

static void headers_that_lie_are_refused(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        void *own;
        scene_set_up(&own);
        struct scene *scene = own;
        struct bytes bytes = bytes_of(refused[i].header, refused[i].data);
        const struct tensor_file *file = read_bytes(scene, &bytes);
        assert_string_equal(
            scene_said(scene),
            arena_printf(scene->arena,
                         "netrun: error: cannot read 't.safetensors' as safetensors: %s\n",
                         refused[i].message));
        assert_null(file);
        scene_tear_down(&own);
    }
}

static void lengths_that_lie_are_refused(void **state) {
    struct scene *scene = *state;
    struct bytes bytes = bytes_of("{}", 0);
    bytes.at[0] = 3;
    assert_null(read_bytes(scene, &bytes));
    memcpy(bytes.at, "PK\3\4\0\0\x8\x8{}", 10); /* a file of torch.save is a zip archive */
    assert_null(read_bytes(scene, &bytes));
    memset(bytes.at, 0xFF, 8);
    assert_null(read_bytes(scene, &bytes)); /* says the same once more, which is kept once */
    memset(bytes.at, 0, 8);
    assert_null(read_bytes(scene, &bytes));
    assert_null(safetensors_read(scene->arena, scene_path(scene, "no"), scene->report, NULL));
    assert_string_equal(
        scene_said(scene),
        "netrun: error: cannot read 't.safetensors' as safetensors: it is cut short: its header "
        "takes 3 bytes, and 2 follow\n"
        "netrun: error: cannot read 't.safetensors' as safetensors: its header would take more "
        "than 100.0 MB; files of torch.save must be converted first, with "
        "safetensors.torch.save_file\n"
        "netrun: error: cannot read 't.safetensors' as safetensors: its header does not begin "
        "with '{'\n"
        "netrun: error: cannot read 'no': No such file or directory\n");
}

/* ---- damage and want --------------------------------------------------------------------------- */

static struct bytes sound_file(void) {
    return bytes_of(
        "{\"__metadata__\": {\"format\": \"pt\"}, " TENSOR(
            "a", "[2, 3]", 8,
            32) ", "
                "\"b\": {\"dtype\": \"F16\", \"shape\": [4], \"data_offsets\": [0, 8]}, "
                "\"c\": {\"dtype\": \"I64\", \"shape\": [], \"data_offsets\": [32, 40]}}",
        40);
}

static void every_beginning_is_refused(void **state) {
    struct scene *scene = *state;
    struct bytes bytes = sound_file();
    size_t whole = bytes.size;
    assert_non_null(read_bytes(scene, &bytes));
    for (bytes.size = 0; bytes.size < whole; bytes.size++) {
        struct report *own = report_new(scene->arena);
        scene->report = own;
        assert_null(read_bytes(scene, &bytes));
        assert_int_equal(report_count(own), 1);
    }
}

static void mutate(struct bytes *bytes, struct random *random) {
    static const char *const pieces[] = {"0",  "9", "-",  "[",    "]",      "{",   "}",      ",",
                                         "\"", "a", "F1", "\xFF", "\\u00",  "1e9", "999999", ".5",
                                         "32", "8", ":",  " ",    "[0, 8]", "\0"};
    const char *piece = pieces[random_below(random, BASE_COUNT(pieces))];
    size_t length = *piece ? strlen(piece) : 1;
    size_t at = random_below(random, (uint32_t)(bytes->size - length));
    if (random_below(random, 8) == 0)
        bytes->at[at] = (char)random_bits(random);
    else
        memcpy(bytes->at + at, piece, length);
    if (random_below(random, 8) == 0)
        bytes->size -= random_below(random, 9);
}

static void mutations_do_no_harm(void **state) {
    struct scene *scene = *state;
    int sound = 0;
    for (uint32_t i = 0; i < 6000; i++) {
        struct random random = random_stream(3, RANDOM_TEST, i, 0);
        struct bytes bytes = sound_file();
        for (uint32_t left = 1 + random_below(&random, 4); left > 0; left--)
            mutate(&bytes, &random);
        struct arena *arena = arena_new();
        struct report *report = report_new(arena);
        const char *path = write_bytes(scene, &bytes);
        const struct tensor_file *file = safetensors_read(arena, path, report, NULL);
        assert_int_equal(report_count(report), file ? 0 : 1);
        double sum = 0;
        for (int t = 0; file && t < file->count; t++)
            for (int n = 0; file->tensors[t].values && n < file->tensors[t].dims[0]; n++)
                sum += (double)file->tensors[t].values[n];
        sound += file != NULL && !(sum < -INFINITY);
        arena_free(arena);
    }
    assert_in_range(sound, 100, 5900); /* so that both ways are taken */
}

static void memory_that_runs_out_is_no_harm(void **state) {
    struct scene *scene = *state;
    struct bytes bytes = sound_file();
    const char *path = write_bytes(scene, &bytes);
    const struct tensor_file *file = NULL;
    int failures = 0;
    for (; !file; failures++) {
        struct arena *arena = arena_new();
        arena_fail_at(arena, failures + 1);
        file = safetensors_read(arena, path, scene->report, NULL);
        assert_int_equal(report_count(scene->report), 0);
        arena_free(arena);
    }
    assert_true(failures > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(a_file_has_the_bytes_of_the_specification),
        TEST(what_is_written_reads_back),
        TEST(a_file_may_hold_nothing),
        TEST(what_cannot_be_written_is_said),
        TEST(python_reads_what_is_written),
        TEST(what_python_wrote_is_read),
        TEST(floats_of_all_widths_are_read),
        TEST(other_types_are_passed_over),
        TEST(headers_that_lie_are_refused),
        TEST(lengths_that_lie_are_refused),
        TEST(every_beginning_is_refused),
        TEST(mutations_do_no_harm),
        TEST(memory_that_runs_out_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
