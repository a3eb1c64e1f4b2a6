/* Scenes: an object of a class on a ground of smooth noise, with soft things behind it and a small one before
 * it. Place, size, angle, stretch, colours and noise are random; light against dark as often as dark against
 * light, so that no sum of pixels tells the class. Amplitudes fall with frequency as in photographs, and mean
 * and spread of the pixels are about those of CIFAR-10. Edges are anti-aliased by their distance in pixels. */
#include "synthetic.h"

#include <math.h>

/* ---- classes -----------------------------------------------------------------------------------
 * Five plain shapes, then five textures on an outline without a shape of its own, then every shape with every
 * texture: 35. Class 35 + k is class k in the second band of hue, and so on. */
enum outline { DISK, SQUARE, TRIANGLE, RING, CROSS, BLOB };
enum texture { PLAIN, STRIPES, BARS, DIAGONALS, CHECKER, DOTS };
enum { SHAPES = BLOB, TEXTURES = DOTS };

struct kind {
    enum outline outline;
    enum texture texture;
};

static struct kind kind_of(int label) {
    int kind = label % SCENE_CLASSES, pair = kind - SHAPES - TEXTURES;
    if (kind < SHAPES)
        return (struct kind){(enum outline)kind, PLAIN};
    if (pair < 0)
        return (struct kind){BLOB, (enum texture)(kind - SHAPES + 1)};
    return (struct kind){(enum outline)(pair % SHAPES), (enum texture)(pair / SHAPES + 1)};
}

const char *scene_class_name(struct arena *arena, int label) {
    static const char *const shapes[] = {"disk", "square", "triangle", "ring", "cross"};
    static const char *const textures[] = {"", "stripes", "bars", "diagonals", "checker", "dots"};
    static const char *const textured[] = {"",          "striped_",   "barred_",
                                           "diagonal_", "checkered_", "dotted_"};
    struct kind kind = kind_of(label);
    bool shape = kind.outline != BLOB;
    const char *first = shape ? textured[kind.texture] : textures[kind.texture];
    const char *second = shape ? shapes[kind.outline] : "";
    if (label < SCENE_CLASSES)
        return arena_printf(arena, "%s%s", first, second);
    return arena_printf(arena, "%s%s_%d", first, second, label / SCENE_CLASSES + 1);
}

/* ---- colours ----------------------------------------------------------------------------------- */
struct tone {
    double level[SCENE_MOST_CHANNELS];
};

/* Hue and light as levels of any number of channels; three of them are red, green and blue. */
static struct tone tone_of(double light, double chroma, double hue, int channels) {
    struct tone tone = {{0}};
    for (int c = 0; c < channels; c++)
        tone.level[c] =
            light + (channels > 1 ? chroma * cos(2 * M_PI * (hue - (double)c / channels)) : 0);
    return tone;
}

/* A colour of that light, its chroma up to `most`. */
static struct tone tone_draw(struct random *random, double light, double most, int channels) {
    double chroma = random_between(random, 0, most), hue = random_uniform(random);
    return tone_of(light, chroma, hue, channels);
}

/* A light that differs from `other` by `least` to `most`, inside the range where there is room. */
static double contrasting(struct random *random, double other, double least, double most) {
    double difference = random_between(random, least, most);
    bool darker = random_bits(random) & 1;
    if (darker ? other - difference < 0.02 : other + difference > 0.98)
        darker = !darker;
    return darker ? other - difference : other + difference;
}

/* ---- ground ------------------------------------------------------------------------------------
 * Value noise: random numbers on a grid, smoothly interpolated. */
enum { FIELDS = 4, MOST_CELLS = 12 };

struct field {
    int cells;
    double weight, values[MOST_CELLS + 1][MOST_CELLS + 1];
};

struct ground {
    struct tone from, to; /* mixed by fields[0]; the others are light */
    struct field fields[FIELDS];
};

static void field_draw(struct random *random, struct field *field, int cells, double weight) {
    field->cells = cells;
    field->weight = weight;
    for (int y = 0; y <= cells; y++)
        for (int x = 0; x <= cells; x++)
            field->values[y][x] = random_between(random, -1, 1);
}

/* u and v from 0 to 1. */
static double field_at(const struct field *field, double u, double v) {
    double x = u * field->cells, y = v * field->cells;
    int left = (int)x, top = (int)y;
    double right_share = x - left, low_share = y - top;
    right_share *= right_share * (3 - 2 * right_share);
    low_share *= low_share * (3 - 2 * low_share);
    const double *high = &field->values[top][left], *low = &field->values[top + 1][left];
    double above = high[0] + (high[1] - high[0]) * right_share;
    double below = low[0] + (low[1] - low[0]) * right_share;
    return field->weight * (above + (below - above) * low_share);
}

static void ground_draw(struct random *random, struct ground *ground, double light, int channels) {
    static const int cells[FIELDS] = {2, 3, 6, 12};
    static const double weights[FIELDS] = {1, 0.16, 0.1, 0.06};
    double roughness = random_between(random, 0.3, 1.2);
    double other = light + random_between(random, -0.25, 0.25);
    ground->from = tone_draw(random, light, 0.2, channels);
    ground->to = tone_draw(random, other, 0.2, channels);
    for (int i = 0; i < FIELDS; i++)
        field_draw(random, &ground->fields[i], cells[i], i ? roughness * weights[i] : 1);
}

static void ground_at(const struct ground *ground, double u, double v, double *color,
                      int channels) {
    double share = 0.5 + 0.5 * field_at(&ground->fields[0], u, v), light = 0;
    for (int i = 1; i < FIELDS; i++)
        light += field_at(&ground->fields[i], u, v);
    for (int c = 0; c < channels; c++)
        color[c] =
            ground->from.level[c] + share * (ground->to.level[c] - ground->from.level[c]) + light;
}

/* ---- objects ----------------------------------------------------------------------------------- */
enum { WAVES = 4 };

struct object {
    struct kind kind;
    double x, y, radius, stretch, cosine, sine; /* place in the image, pixels */
    double softness;                            /* width of the edge, pixels */
    double cosines[WAVES], sines[WAVES];        /* a blob's outline: of 2, 3, ... times the angle */
    double period, along, across, shift_u, shift_v; /* of the texture: pixels, direction, phases */
    double shade_x, shade_y; /* change of light from the middle to the edge */
    struct tone tone, other; /* other: the second colour of a texture */
};

static double clamp(double value) {
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static double length(double x, double y) {
    return sqrt(x * x + y * y);
}

/* Powers of the unit vector (c + i s) are cosines and sines of multiples of its angle. */
static double blob_distance(const struct object *object, double x, double y) {
    double away = fmax(length(x, y), 1e-9), edge = 0.85;
    double c = x / away, s = y / away, cosine = c, sine = s;
    for (int i = 0; i < WAVES; i++) {
        double next = cosine * c - sine * s;
        sine = cosine * s + sine * c;
        cosine = next;
        edge += object->cosines[i] * cosine + object->sines[i] * sine;
    }
    return object->radius * edge - away;
}

/* How far inside the outline a point is, in pixels; x and y as the object lies. */
static double outline_distance(const struct object *object, double x, double y) {
    double r = object->radius, across = fabs(x), down = fabs(y);
    switch (object->kind.outline) {
    case DISK:
        return 0.9 * r - length(x, y);
    case SQUARE:
        return 0.8 * r - fmax(across, down);
    case TRIANGLE: /* its lower side, and the two that are alike */
        return 0.6 * r - fmax(y, sqrt(0.75) * across - 0.5 * y);
    case RING:
        return 0.22 * r - fabs(length(x, y) - 0.76 * r);
    case CROSS:
        return fmax(fmin(r - across, 0.27 * r - down), fmin(0.27 * r - across, r - down));
    case BLOB:
        break;
    }
    return blob_distance(object, x, y);
}

/* How much of the pixel the object covers. */
static double object_cover(const struct object *object, double x, double y) {
    double reach = 1.4 * object->radius + object->softness;
    double right = x - object->x, down = y - object->y;
    if (fabs(right) > reach || fabs(down) > reach)
        return 0;
    double along = (object->cosine * right + object->sine * down) * object->stretch;
    double across = (object->cosine * down - object->sine * right) / object->stretch;
    return clamp(0.5 + outline_distance(object, along, across) / object->softness);
}

/* The share of the second colour. `wave` is 0 at the edges of the pattern, and its slope there 1. */
static double texture_share(const struct object *object, double x, double y) {
    double turn = 2 * M_PI / object->period;
    double u = turn * (object->along * x + object->across * y) + object->shift_u;
    double v = turn * (object->along * y - object->across * x) + object->shift_v;
    double wave = 0;
    switch (object->kind.texture) {
    case PLAIN:
        return 0;
    case STRIPES:
    case BARS:
    case DIAGONALS:
        wave = cos(u);
        break;
    case CHECKER:
        wave = cos(u) * cos(v);
        break;
    case DOTS:
        wave = cos(u) + cos(v) - 0.5;
        break;
    }
    return clamp(0.5 + wave / turn);
}

static void object_paint(const struct object *object, double x, double y, double cover,
                         double *color, int channels) {
    double share = texture_share(object, x, y);
    double shade =
        ((x - object->x) * object->shade_x + (y - object->y) * object->shade_y) / object->radius;
    for (int c = 0; c < channels; c++) {
        double own = object->tone.level[c] +
                     share * (object->other.level[c] - object->tone.level[c]) + shade;
        color[c] += cover * (own - color[c]);
    }
}

/* A blob at a random place, of one colour. */
static void thing_draw(struct random *random, struct object *object, struct shape shape) {
    static const double most[WAVES] = {0.2, 0.14, 0.1, 0.06};
    double angle = random_between(random, -M_PI / 7, M_PI / 7);
    *object = (struct object){.kind = {BLOB, PLAIN}, .softness = 1, .stretch = 1};
    object->x = shape.width * random_uniform(random);
    object->y = shape.height * random_uniform(random);
    object->cosine = cos(angle);
    object->sine = sin(angle);
    object->shade_x = random_between(random, -0.07, 0.07);
    object->shade_y = random_between(random, -0.07, 0.07);
    for (int i = 0; i < WAVES; i++) {
        double wave = random_between(random, 0.3, 1) * most[i];
        double phase = random_between(random, 0, 2 * M_PI);
        object->cosines[i] = wave * cos(phase);
        object->sines[i] = wave * sin(phase);
    }
}

static void texture_draw(struct random *random, struct object *object, double side) {
    double tilt = random_between(random, -M_PI / 15, M_PI / 15);
    double direction = tilt;
    if (object->kind.texture == STRIPES)
        direction += M_PI / 2;
    if (object->kind.texture == DIAGONALS)
        direction += random_bits(random) & 1 ? M_PI / 4 : -M_PI / 4;
    object->period = fmax(side * random_between(random, 0.13, 0.2), 3);
    object->along = cos(direction);
    object->across = sin(direction);
    object->shift_u = random_between(random, 0, 2 * M_PI);
    object->shift_v = random_between(random, 0, 2 * M_PI);
}

/* The object of a class, almost whole inside the image. */
static void object_draw(struct random *random, struct object *object, struct shape shape, int label,
                        int classes, double ground_light) {
    int side = shape.height < shape.width ? shape.height : shape.width;
    int bands = (classes - 1) / SCENE_CLASSES + 1;
    thing_draw(random, object, shape);
    object->kind = kind_of(label);
    object->radius = side * random_between(random, 0.3, 0.42);
    object->stretch = random_between(random, 0.9, 1.1);
    double edge = 0.85 * object->radius;
    object->x = random_between(random, edge, shape.width - edge);
    object->y = random_between(random, edge, shape.height - edge);
    texture_draw(random, object, side);
    double light = contrasting(random, ground_light, 0.3, 0.55);
    double hue = (label / SCENE_CLASSES + random_between(random, 0.1, 0.9)) / bands;
    double chroma = bands > 1 ? 0.3 : random_between(random, 0, 0.3);
    object->tone = tone_of(light, chroma, hue, shape.channels);
    object->other = tone_of(contrasting(random, light, 0.3, 0.5), chroma, hue, shape.channels);
}

/* ---- scenes ------------------------------------------------------------------------------------ */
enum { BEHIND = 2, OBJECT = BEHIND, BEFORE, THINGS };

struct scene {
    struct ground ground;
    struct object things[THINGS]; /* from the back to the front */
    double noise;
};

static void scene_build(struct random *random, struct scene *scene, struct shape shape, int label,
                        int classes) {
    double light = random_between(random, 0.1, 0.85);
    int side = shape.height < shape.width ? shape.height : shape.width;
    ground_draw(random, &scene->ground, light, shape.channels);
    for (int i = 0; i < THINGS; i++) {
        struct object *thing = &scene->things[i];
        thing_draw(random, thing, shape);
        bool behind = i < BEHIND;
        thing->radius =
            side * (behind ? random_between(random, 0.1, 0.4) : random_between(random, 0, 0.09));
        thing->softness = behind ? random_between(random, 2, 8) : 1;
        double other = contrasting(random, light, 0.02, 0.18);
        thing->tone = tone_draw(random, other, 0.2, shape.channels);
    }
    object_draw(random, &scene->things[OBJECT], shape, label, classes, light);
    scene->noise = random_between(random, 0.01, 0.05);
}

/* Colours of the pixel in `color`; true where the object is seen. */
static bool scene_at(const struct scene *scene, struct shape shape, double x, double y,
                     double *color) {
    double longer = shape.height > shape.width ? shape.height : shape.width, cover = 0;
    ground_at(&scene->ground, x / longer, y / longer, color, shape.channels);
    bool seen = false;
    for (int i = 0; i < THINGS; i++) {
        cover = object_cover(&scene->things[i], x, y);
        if (cover > 0)
            object_paint(&scene->things[i], x, y, cover, color, shape.channels);
        if (cover >= 0.5)
            seen = i == OBJECT;
    }
    return seen;
}

/* A level as a byte, with noise from 16 bits. */
static uint8_t byte_of(double level, double noise, uint32_t bits) {
    return (uint8_t)(255 * clamp(level + noise * ((bits & 0xFFFF) / 32768.0 - 1)) + 0.5);
}

void scene_draw(struct random *random, struct shape shape, int label, int classes, uint8_t *pixels,
                int32_t *mask) {
    struct scene scene;
    scene_build(random, &scene, shape, label, classes);
    for (int y = 0; y < shape.height; y++)
        for (int x = 0; x < shape.width; x++) {
            double color[SCENE_MOST_CHANNELS];
            uint32_t bits = 0;
            bool seen = scene_at(&scene, shape, x + 0.5, y + 0.5, color);
            for (int c = 0; c < shape.channels; c++) {
                bits = c % 2 ? bits >> 16 : random_bits(random);
                *pixels++ = byte_of(color[c], scene.noise, bits);
            }
            if (mask)
                *mask++ = seen ? label + 1 : 0;
        }
}
