/* The records of a run, arm by arm and over the seeds. */
#include "train_pages.h"

struct train_pages train_pages(struct run *run, const struct job *job, struct arena *arena) {
    return (struct train_pages){
        .run = run,
        .job = job,
        .train = job->state,
        .arena = arena,
        .arms = run->experiment->arm_count,
        .seeds = run->experiment->seed_count,
        .values = arena_alloc(arena, (size_t)run->experiment->seed_count, sizeof(double))};
}

const char *train_pages_arm(const struct train_pages *pages, int arm) {
    return pages->run->experiment->arms[arm].name;
}

const struct train_record *train_pages_record(const struct train_pages *pages, int arm, int seed) {
    return train_record(pages->run, pages->train, arm, seed);
}

struct spread train_pages_spread(const struct train_pages *pages, int arm, int epoch,
                                 enum column column) {
    for (int seed = 0; seed < pages->seeds; seed++)
        pages->values[seed] = train_pages_record(pages, arm, seed)->rows[epoch][column];
    return spread_of(pages->values, pages->seeds);
}

void train_pages_row(const struct train_pages *pages, int arm, int epoch,
                     double row[COLUMN_COUNT]) {
    for (int k = 0; k < COLUMN_COUNT; k++)
        row[k] = train_pages_spread(pages, arm, epoch, (enum column)k).mean;
}
