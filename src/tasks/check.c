/* run_check: an experiment's arms become graphs with their surgery, its stages become jobs, and all are held
 * against each other - network, weights and data, output and loss, keys and task. Checking goes on after an
 * error, so that a user sees all of them at once. */
#include "task.h"

#include <string.h>

/* ---- graphs ------------------------------------------------------------------------------------ */

static bool build_graphs(struct run *run) {
    const struct experiment *experiment = run->experiment;
    run->graphs = arena_alloc(run->arena, (size_t)experiment->arm_count, sizeof *run->graphs);
    if (!run->graphs)
        return false;
    bool good = true;
    for (int i = 0; i < experiment->arm_count; i++) {
        run->graphs[i] = graph_build(run->arena, experiment->arms[i].net, run->report);
        good = run->graphs[i] && good;
    }
    return good;
}

/* ---- surgery ----------------------------------------------------------------------------------- */

static bool build_surgeries(struct run *run) {
    const struct experiment *experiment = run->experiment;
    run->surgeries = arena_alloc(run->arena, (size_t)experiment->arm_count, sizeof *run->surgeries);
    if (!run->surgeries)
        return false;
    bool good = true;
    for (int i = 0; i < experiment->arm_count; i++) {
        if (run->graphs[i])
            run->surgeries[i] =
                surgery_build(run->arena, run->graphs[i], &experiment->arms[i], run->report);
        good = run->surgeries[i] && good;
    }
    return good;
}

/* Do the rules leave anything to a task that trains? */
static bool check_trains(const struct run *run, const struct job *job, int index) {
    const struct surgery *surgery = run->surgeries[index];
    const struct graph *graph = run->graphs[index];
    if (!job->ops->trains || !surgery->has_rules)
        return true;
    for (int i = 0; i < graph->param_count; i++)
        if (graph->params[i].shape->role == PARAM_TRAINED && !surgery->frozen[i])
            return true;
    return report_at(run->report, &run->experiment->arms[index].rules->pos,
                     "these rules freeze every parameter of %s, which leaves nothing to train",
                     graph->name);
}

/* ---- keys -------------------------------------------------------------------------------------- */

static struct attr_table table_of_task(const struct task_ops *ops) {
    return (struct attr_table){ops->name, ops->attrs, ops->attr_count};
}

static struct attr_table table_of_arms(const struct task_ops *ops) {
    return (struct attr_table){"an arm", ops->arm_attrs, ops->arm_attr_count};
}

static bool has_attr(const struct attr_table *table, const char *key) {
    for (int i = 0; i < table->count; i++)
        if (!strcmp(table->rows[i].name, key))
            return true;
    return false;
}

typedef struct attr_table (*table_chooser)(const struct task_ops *ops);

static bool any_stage_knows(const struct run *run, table_chooser table_of, const char *key) {
    for (int i = 0; i < run->experiment->stage_count; i++) {
        struct attr_table table = table_of(run->jobs[i].ops);
        if (has_attr(&table, key))
            return true;
    }
    return false;
}

/* `lacks`: "an arm has no". */
static bool refuse_key(const struct run *run, table_chooser table_of, const char *lacks,
                       const struct entry *entry) {
    struct nearest nearest = {.word = entry->key};
    for (int i = 0; i < run->experiment->stage_count; i++) {
        struct attr_table table = table_of(run->jobs[i].ops);
        for (int j = 0; j < table.count; j++)
            nearest_offer(&nearest, table.rows[j].name);
    }
    return report_at(run->report, &entry->key_pos, "%s attribute %s%s", lacks,
                     quote(entry->key).text, nearest_hint(&nearest).text);
}

/* Refuses what none of several stages knows; what is wrong with a single task's keys is said when they are read. */
static bool check_keys(const struct run *run, const struct node *keys, const struct node *own_only,
                       table_chooser table_of, const char *lacks) {
    bool good = true;
    for (int i = 0; run->experiment->stage_count > 1 && keys && i < keys->count; i++) {
        const struct entry *entry = &keys->entries[i];
        if (!(own_only && node_entry(own_only, entry->key)) &&
            !any_stage_knows(run, table_of, entry->key))
            good = refuse_key(run, table_of, lacks, entry);
    }
    return good;
}

static bool check_all_keys(const struct run *run) {
    const struct experiment *experiment = run->experiment;
    const struct stage *stage = &experiment->stages[0];
    bool good =
        check_keys(run, stage->own, stage->written, table_of_task, "none of the stages has an");
    for (int i = 0; i < experiment->arm_count; i++)
        good =
            check_keys(run, experiment->arms[i].own, NULL, table_of_arms, "an arm has no") && good;
    return good;
}

/* A key of an arm or of the experiment may be meant for any of the stages; one of `own_only` (or NULL) is meant
 * for this one. Returns the part that is meant for it, all of what there is for a single task. NULL: out of
 * memory. */
static const struct node *part_for(const struct run *run, const struct job *job,
                                   const struct node *keys, const struct node *own_only,
                                   table_chooser table_of) {
    struct attr_table table = table_of(job->ops);
    struct node *part = node_new(run->arena, NODE_MAP, &keys->pos);
    if (!part)
        return NULL;
    part->entries = arena_alloc(run->arena, (size_t)keys->count, sizeof *part->entries);
    for (int i = 0; part->entries && i < keys->count; i++) {
        const char *key = keys->entries[i].key;
        bool own = run->experiment->stage_count == 1 || (own_only && node_entry(own_only, key));
        if (own || has_attr(&table, key))
            part->entries[part->count++] = keys->entries[i];
    }
    return part->entries ? part : NULL;
}

static bool read_arm_keys(struct run *run, struct job *job) {
    const struct experiment *experiment = run->experiment;
    struct attr_table table = table_of_arms(job->ops);
    job->arm_configs =
        arena_alloc(run->arena, (size_t)experiment->arm_count, sizeof *job->arm_configs);
    if (!job->arm_configs)
        return false;
    bool good = true;
    for (int i = 0; i < experiment->arm_count; i++) {
        const struct arm *arm = &experiment->arms[i];
        job->arm_configs[i] = arena_alloc(run->arena, 1, job->ops->arm_config_size);
        const struct node *own =
            arm->own ? part_for(run, job, arm->own, NULL, table_of_arms) : NULL;
        if (!job->arm_configs[i] || (arm->own && !own))
            return false;
        good = attrs_read(run->arena, &table, own, &arm->pos, job->arm_configs[i], run->report) &&
               good;
    }
    return good;
}

static bool read_keys(struct run *run, struct job *job) {
    struct attr_table table = table_of_task(job->ops);
    job->config = arena_alloc(run->arena, 1, job->ops->config_size);
    if (!job->config)
        return false;
    const struct stage *stage = job->stage;
    const struct node *own = part_for(run, job, stage->own, stage->written, table_of_task);
    bool good = own && attrs_read(run->arena, &table, own, &stage->pos, job->config, run->report);
    return read_arm_keys(run, job) && good;
}

/* ---- what must fit ----------------------------------------------------------------------------- */

static bool check_arm(const struct run *run, const struct job *job, int index) {
    struct shape shape;
    int classes;
    if (!check_trains(run, job, index))
        return false;
    bool masks;
    if (!data_expected(job->stage->data, &shape, &classes, &masks))
        return true; /* known only when the files are opened; task_open_data checks it then */
    return task_check_fit(run, job, index, shape, classes, masks);
}

static bool check_needs(struct run *run, const struct job *job) {
    const struct stage *stage = job->stage;
    const char *task = job->ops->name;
    bool good = true;
    if (!stage->data)
        good = report_at(run->report, &stage->pos, "%s needs data: say where the images come from",
                         task);
    if (job->ops->needs_loss && !stage->loss)
        good = report_at(run->report, &stage->pos,
                         "%s needs a loss, for example loss: cross_entropy", task);
    if (job->ops->needs_optimizer && !stage->optim)
        good = report_at(run->report, &stage->pos,
                         "%s needs an optimizer, for example optimizer: {sgd: {lr: 0.001}}", task);
    return good;
}

/* A task that looks at the first seed alone has no use for more, unless a stage has trained them all. */
static bool check_seeds(const struct run *run, const struct job *job) {
    const struct experiment *experiment = run->experiment;
    bool fine = experiment->seed_count == 1 || job->ops->every_seed;
    for (const struct job *before = run->jobs; before < job; before++)
        fine = fine || before->ops->trains;
    return fine || report_at(run->report, &node_entry(experiment->expanded, "seeds")->key_pos,
                             "%s looks at one network of each arm, and nothing here trains one for "
                             "each of %d seeds; write seed: %llu",
                             job->ops->name, experiment->seed_count,
                             (unsigned long long)experiment->seeds[0]);
}

/* ---- jobs -------------------------------------------------------------------------------------- */

static bool find_task(struct run *run, struct job *job) {
    job->ops = task_find(job->stage->task);
    if (job->ops)
        return true;
    struct nearest nearest = {.word = job->stage->task};
    for (int i = 0; task_at(i); i++)
        nearest_offer(&nearest, task_at(i)->name);
    return report_at(run->report, &job->stage->pos, "there is no task %s%s",
                     quote(job->stage->task).text, nearest_hint(&nearest).text);
}

static bool find_tasks(struct run *run) {
    const struct experiment *experiment = run->experiment;
    run->jobs = arena_alloc(run->arena, (size_t)experiment->stage_count, sizeof *run->jobs);
    if (!run->jobs)
        return false;
    bool good = true;
    for (int i = 0; i < experiment->stage_count; i++) {
        run->jobs[i].stage = &experiment->stages[i];
        good = find_task(run, &run->jobs[i]) && good;
    }
    return good;
}

static bool check_job(struct run *run, struct job *job, bool arms) {
    bool good = read_keys(run, job);
    good = check_needs(run, job) && good;
    good = check_seeds(run, job) && good;
    if (!good || !arms)
        return false;
    for (int i = 0; i < run->experiment->arm_count; i++)
        good = check_arm(run, job, i) && good;
    return good && job->ops->prepare(run, job);
}

struct run *run_check(struct arena *arena, const struct experiment *experiment,
                      const struct run_options *options, struct report *report) {
    struct run *run = arena_alloc(arena, 1, sizeof *run);
    if (!run)
        return NULL;
    *run = (struct run){
        .arena = arena, .experiment = experiment, .options = options, .report = report};
    bool graphs = build_graphs(run);
    bool arms = run->graphs && build_surgeries(run) && graphs;
    bool good = find_tasks(run) && check_all_keys(run);
    for (int i = 0; good && i < experiment->stage_count; i++)
        good = check_job(run, &run->jobs[i], arms);
    return good && arms ? run : NULL;
}
