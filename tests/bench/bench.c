/* bench: how fast netrun trains and evaluates networks, and in how much memory; beside PyTorch if asked.
 *
 *   bench [--threads N] [--batch N] [--steps N] [--layers] [--peer PYTHON] NET ...
 *
 * A line per network; times are medians. No data is needed. */
#include "bench.h"

#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

/* ---- what is printed --------------------------------------------------------------------------- */

static double milliseconds(const struct bench *bench, enum task task, enum side side) {
    return 1e3 * bench->medians[task][side];
}

static void print_ours(const struct bench *bench) {
    const struct options *options = bench->options;
    double step = milliseconds(bench, STEP, OURS), one = milliseconds(bench, STEP, ONE_THREAD);
    printf("%-12s step %.1f ms  %s images/s  eval %.2f ms, one image %.3f ms", bench->net, step,
           text_commas((int64_t)(1e3 * options->batch / step)).text,
           milliseconds(bench, EVALUATE, OURS), milliseconds(bench, EVALUATE_ONE, OURS));
    if (bench->takes_part[STEP][ONE_THREAD])
        printf("  1 thread %.1f ms, %d are %.2fx", one, options->threads, one / step);
    printf("  peak %.1f MB (planned %.1f, slab %s bytes)  %s parameters\n",
           1e-6 * (double)bench->memory.peak, 1e-6 * (double)bench->memory.planned,
           text_commas(bench->memory.slab).text,
           text_commas(bench->subjects[STEP][OURS].graph->parameters).text);
}

static void print_layout(const struct bench *bench, enum side side) {
    printf("  PyTorch %-15s step %.1f ms  eval %.2f ms, one image %.3f ms\n", layout_name(side),
           milliseconds(bench, STEP, side), milliseconds(bench, EVALUATE, side),
           milliseconds(bench, EVALUATE_ONE, side));
}

/* Ours through the better of the peer's layouts. */
static double ratio(const struct bench *bench, enum task task) {
    const double *medians = bench->medians[task];
    double best = medians[NCHW] < medians[CHANNELS_LAST] ? medians[NCHW] : medians[CHANNELS_LAST];
    return medians[OURS] / best;
}

static void print_peer(const struct bench *bench) {
    print_layout(bench, NCHW);
    print_layout(bench, CHANNELS_LAST);
    printf("  of the better layout    step %.2f  eval %.2f, one image %.2f", ratio(bench, STEP),
           ratio(bench, EVALUATE), ratio(bench, EVALUATE_ONE));
    if (bench->peer_peak > 0)
        printf("  peak %.2f (of %.1f MB)", (double)bench->memory.peak / (double)bench->peer_peak,
               1e-6 * (double)bench->peer_peak);
    putchar('\n');
}

/* ---- one network ------------------------------------------------------------------------------- */

static bool bench_network(const struct options *options, const char *net,
                          struct layer_limits limits) {
    struct bench bench = {.options = options, .net = net, .memory = memory_of(options, net)};
    bool good = bench.memory.peak > 0 && contest_run(&bench);
    if (good) {
        print_ours(&bench);
        if (bench.takes_part[STEP][NCHW]) {
            bench.peer_peak = memory_of_peer(&bench);
            print_peer(&bench);
        }
        if (options->layers)
            contest_print_layers(&bench, limits);
        fflush(stdout);
    }
    contest_end(&bench);
    return good;
}

/* ---- all of them ------------------------------------------------------------------------------- */

static struct layer_limits measure_limits(int threads) {
    struct layer_limits limits = {0};
    struct arena *arena = arena_new();
    struct pool *pool = pool_new(threads);
    float *memory = arena ? arena_alloc(arena, LIMITS_FLOATS, sizeof *memory) : NULL;
    if (pool && memory)
        limits = layer_measure_limits(pool, memory);
    pool_free(pool);
    arena_free(arena);
    return limits;
}

static int bench_networks(const struct options *options, char **nets) {
    struct layer_limits limits = measure_limits(options->threads);
    if (gemm_warning())
        printf("warning: %s\n", gemm_warning());
    printf("%s, OpenBLAS %s, threads %d: at most %.0f GFLOP/s, memory %.1f GB/s\n"
           "batches of %d, float32, Adam; medians of %d steps\n",
           isa_name(isa_chosen()), gemm_kernel(), options->threads, 1e-9 * limits.operations,
           1e-9 * limits.bytes, options->batch, options->steps);
    fflush(stdout);
    bool good = true;
    for (; *nets; nets++)
        good = bench_network(options, *nets, limits) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int cores(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static int at_least_one(const char *text) {
    int number = atoi(text);
    return number > 0 ? number : 1;
}

static bool read_options(struct options *options, int argc, char **argv) {
    static const struct option names[] = {{"threads", required_argument, NULL, 't'},
                                          {"batch", required_argument, NULL, 'b'},
                                          {"steps", required_argument, NULL, 's'},
                                          {"layers", no_argument, NULL, 'l'},
                                          {"peer", required_argument, NULL, 'p'},
                                          {"memory", no_argument, NULL, 'm'},
                                          {NULL, 0, NULL, 0}};
    *options = (struct options){.threads = cores(), .batch = 128, .steps = 15};
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (c == 't')
            options->threads = at_least_one(optarg);
        else if (c == 'b')
            options->batch = at_least_one(optarg);
        else if (c == 's')
            options->steps = at_least_one(optarg);
        else if (c == 'l')
            options->layers = true;
        else if (c == 'm')
            options->memory = true;
        else if (c == 'p')
            options->python = optarg;
        else
            return false;
    }
    return optind < argc;
}

int main(int argc, char **argv) {
    struct options options;
    if (!read_options(&options, argc, argv)) {
        fprintf(stderr, "bench [--threads N] [--batch N] [--steps N] [--layers] [--peer PYTHON] "
                        "NET ...\n");
        return EXIT_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN);
    gemm_start();
    if (options.memory)
        return memory_say(&options, argv[optind]) ? EXIT_SUCCESS : EXIT_FAILURE;
    return bench_networks(&options, argv + optind);
}
