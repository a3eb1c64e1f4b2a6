/* Who is faster. All take turns, a few runs each, so that a machine that slows down slows down everybody. The first
 * three tenths of a second of a turn do not count: caches hold somebody else's data, and OpenMP's threads that have
 * nothing more to do look for work a while yet (a small network on two threads takes .65 instead of .18 ms for a tenth
 * of a second after the peer's turn). */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

static const int runs_of_turn[TASKS] = {[STEP] = 3, [EVALUATE] = 3, [EVALUATE_ONE] = 10};

const char *layout_name(enum side side) {
    return side == NCHW ? "nchw" : "channels_last";
}

enum side better_layout(const struct bench *bench) {
    const double *steps = bench->medians[STEP];
    return steps[NCHW] < steps[CHANNELS_LAST] ? NCHW : CHANNELS_LAST;
}

/* ---- who takes part ---------------------------------------------------------------------------- */

static bool open_subject(struct bench *bench, enum task task, enum side side) {
    const struct options *options = bench->options;
    struct subject_options wishes = {.net = bench->net,
                                     .batch = task == EVALUATE_ONE ? 1 : options->batch,
                                     .threads = side == ONE_THREAD ? 1 : options->threads,
                                     .training = task == STEP};
    bench->takes_part[task][side] = true;
    return subject_open(&bench->subjects[task][side], &wishes);
}

static bool open_subjects(struct bench *bench) {
    bool good = open_subject(bench, STEP, OURS) && open_subject(bench, EVALUATE, OURS) &&
                open_subject(bench, EVALUATE_ONE, OURS);
    if (good && bench->options->threads > 1)
        good = open_subject(bench, STEP, ONE_THREAD);
    return good;
}

/* What the peer says first: "ready" and its number of parameters, which must be ours; or why it is not. */
static bool peer_is_ready(const struct bench *bench, const char *said) {
    long long ours = bench->subjects[STEP][OURS].graph->parameters, theirs;
    if (sscanf(said, "ready %lld", &theirs) == 1 && theirs == ours)
        return true;
    if (strcmp(said, "missing") == 0)
        fprintf(stderr, "bench: %s has no PyTorch\n", bench->options->python);
    else if (strcmp(said, "unknown") == 0)
        fprintf(stderr, "bench: tests/bench/peer.py has no %s\n", bench->net);
    else
        fprintf(stderr, "bench: the peer is not %s of %lld parameters: it said '%s'\n", bench->net,
                ours, said);
    return false;
}

static void open_peer(struct bench *bench) {
    char line[128] = "";
    struct argument batch = argument(bench->options->batch);
    struct argument threads = argument(bench->options->threads);
    const char *const arguments[] = {
        bench->options->python, "tests/bench/peer.py", bench->net, batch.text, threads.text, NULL};
    bool ready = process_start(&bench->peer, arguments) &&
                 process_hear(&bench->peer, line, sizeof line) && peer_is_ready(bench, line);
    for (int task = 0; task < TASKS; task++)
        bench->takes_part[task][NCHW] = bench->takes_part[task][CHANNELS_LAST] = ready;
}

/* ---- turns ------------------------------------------------------------------------------------- */

static double ask_peer(struct bench *bench, enum task task, enum side side) {
    char question[64];
    if (task == STEP)
        snprintf(question, sizeof question, "step %s", layout_name(side));
    else
        snprintf(question, sizeof question, "eval %s %d", layout_name(side),
                 task == EVALUATE_ONE ? 1 : bench->options->batch);
    return process_ask(&bench->peer, question);
}

static double run(struct bench *bench, enum task task, enum side side) {
    return side < OUR_SIDES ? subject_run(&bench->subjects[task][side])
                            : ask_peer(bench, task, side);
}

/* Negative: it has stopped to answer. */
static double warm_up(struct bench *bench, enum task task, enum side side) {
    double start = clock_seconds(), last;
    do
        last = run(bench, task, side);
    while (last >= 0 && clock_seconds() - start < 0.3);
    return last;
}

/* False: it has stopped to answer. */
static bool take_turn(struct bench *bench, enum task task, enum side side, int turn) {
    double *seconds = bench->seconds[task][side] + turn * runs_of_turn[task];
    double first = warm_up(bench, task, side);
    for (int i = 0; i < runs_of_turn[task]; i++)
        seconds[i] = run(bench, task, side);
    return first >= 0 && seconds[runs_of_turn[task] - 1] >= 0;
}

static bool take_turns(struct bench *bench, int turn) {
    for (int task = 0; task < TASKS; task++)
        for (int side = 0; side < SIDES; side++)
            if (bench->takes_part[task][side] &&
                !take_turn(bench, (enum task)task, (enum side)side, turn)) {
                fprintf(stderr, "bench: the peer has ended\n");
                return false;
            }
    return true;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *seconds, int count) {
    qsort(seconds, (size_t)count, sizeof *seconds, compare);
    return (seconds[count / 2] + seconds[(count - 1) / 2]) / 2;
}

static bool make_room(struct bench *bench, int turns) {
    struct arena *arena = bench->subjects[STEP][OURS].arena;
    for (int task = 0; task < TASKS; task++) {
        bench->counts[task] = turns * runs_of_turn[task];
        for (int side = 0; side < SIDES; side++) {
            size_t count = (size_t)bench->counts[task];
            bench->seconds[task][side] = arena_alloc(arena, count, sizeof(double));
            if (!bench->seconds[task][side])
                return false;
        }
    }
    return true;
}

bool contest_run(struct bench *bench) {
    int turns = (bench->options->steps + runs_of_turn[STEP] - 1) / runs_of_turn[STEP];
    if (!open_subjects(bench) || !make_room(bench, turns))
        return false;
    if (bench->options->python)
        open_peer(bench);
    for (int turn = 0; turn < turns; turn++)
        if (!take_turns(bench, turn))
            return false;
    for (int task = 0; task < TASKS; task++)
        for (int side = 0; side < SIDES; side++)
            if (bench->takes_part[task][side])
                bench->medians[task][side] =
                    median(bench->seconds[task][side], bench->counts[task]);
    return true;
}

void contest_print_layers(struct bench *bench, struct layer_limits limits) {
    struct subject *subject = &bench->subjects[STEP][OURS];
    struct profile profile = {.plan = subject->plan,
                              .record = exec_record_new(subject->arena, subject->graph),
                              .limits = limits};
    if (!profile.record)
        return;
    exec_set_record(subject->exec, profile.record);
    for (int i = 0; i < bench->options->steps; i++)
        subject_run(subject);
    profile_print(&profile, stdout);
}

void contest_end(struct bench *bench) {
    process_end(&bench->peer);
    for (int task = 0; task < TASKS; task++)
        for (int side = 0; side < OUR_SIDES; side++)
            if (bench->takes_part[task][side])
                subject_close(&bench->subjects[task][side]);
}
