/* Digits: strokes of a pen - lines and arcs - slanted, stretched, bent and moved at random, light on black as
 * in MNIST. Coordinates of the strokes: the digit's box from (0, 0) at the upper left to (1, 1); angles in
 * degrees, from the right over the bottom, since y goes down. */
#include "synthetic.h"

#include <math.h>
#include <string.h>

enum { MOST_STROKES = 3, ARC_STEPS = 16, LINE_STEPS = 4 /* lines bend too */ };

enum pen { NOTHING, LINE, ARC };

struct stroke {
    enum pen pen;
    double x, y;     /* start, or middle of the arc */
    double a, b;     /* end, or radii */
    double from, to; /* angles of the arc */
};

static const struct stroke strokes[DIGIT_CLASSES][MOST_STROKES] = {
    {{ARC, 0.5, 0.5, 0.34, 0.46, 0, 360}},
    {{LINE, 0.36, 0.24, 0.52, 0.04, 0, 0}, {LINE, 0.52, 0.04, 0.52, 0.96, 0, 0}},
    {{ARC, 0.5, 0.3, 0.29, 0.26, 190, 400},
     {LINE, 0.72, 0.47, 0.2, 0.94, 0, 0},
     {LINE, 0.2, 0.94, 0.84, 0.94, 0, 0}},
    {{ARC, 0.47, 0.28, 0.27, 0.24, 205, 450}, {ARC, 0.47, 0.73, 0.31, 0.23, 270, 515}},
    {{LINE, 0.56, 0.05, 0.14, 0.62, 0, 0},
     {LINE, 0.14, 0.62, 0.88, 0.62, 0, 0},
     {LINE, 0.64, 0.36, 0.64, 0.96, 0, 0}},
    {{LINE, 0.8, 0.06, 0.32, 0.06, 0, 0},
     {LINE, 0.32, 0.06, 0.28, 0.48, 0, 0},
     {ARC, 0.47, 0.68, 0.32, 0.27, 235, 510}},
    {{ARC, 0.8, 0.66, 0.6, 0.62, 262, 180}, {ARC, 0.5, 0.69, 0.3, 0.26, 0, 360}},
    {{LINE, 0.18, 0.07, 0.82, 0.07, 0, 0}, {LINE, 0.82, 0.07, 0.4, 0.96, 0, 0}},
    {{ARC, 0.5, 0.27, 0.24, 0.22, 0, 360}, {ARC, 0.5, 0.72, 0.29, 0.24, 0, 360}},
    {{ARC, 0.48, 0.3, 0.28, 0.26, 0, 360}, {LINE, 0.76, 0.3, 0.66, 0.96, 0, 0}},
};

struct point {
    double x, y;
};

/* From the digit's box to the image: a bend, then an affine map. */
struct hand {
    double bend_x, bend_y, phase_x, phase_y;
    double xx, xy, yx, yy, x, y; /* x' = xx x + xy y + x */
    double pen;                  /* half the width of a line, pixels */
    double ink;                  /* brightness, 0 to 255 */
};

static struct hand hand_draw(struct random *random, struct shape shape) {
    int side = shape.height < shape.width ? shape.height : shape.width;
    double height = side * random_between(random, 0.58, 0.76);
    double width = height * random_between(random, 0.5, 0.95);
    double angle = random_between(random, -0.3, 0.3), slant = random_between(random, -0.5, 0.2);
    struct hand hand = {
        .xx = width * cos(angle),
        .xy = height * (slant * cos(angle) - sin(angle)),
        .yx = width * sin(angle),
        .yy = height * (slant * sin(angle) + cos(angle)),
    };
    hand.bend_x = random_between(random, 0, 0.08);
    hand.bend_y = random_between(random, 0, 0.06);
    hand.phase_x = random_between(random, 0, 2 * M_PI);
    hand.phase_y = random_between(random, 0, 2 * M_PI);
    hand.pen = side * random_between(random, 0.03, 0.075);
    hand.ink = random_between(random, 215, 255);
    hand.x = 0.5 * shape.width + side * random_between(random, -0.1, 0.1);
    hand.y = 0.5 * shape.height + side * random_between(random, -0.1, 0.1);
    return hand;
}

/* A stroke is never made twice in the same way. */
static struct stroke varied(struct random *random, struct stroke stroke) {
    double *const numbers[] = {&stroke.x, &stroke.y, &stroke.a, &stroke.b};
    for (int i = 0; i < BASE_COUNT(numbers); i++)
        *numbers[i] += random_between(random, -0.045, 0.045);
    return stroke;
}

/* Where a point of the box comes to lie in the image. */
static struct point placed(const struct hand *hand, double x, double y) {
    double right = x - 0.5 + hand->bend_x * sin(2 * M_PI * y + hand->phase_x);
    double down = y - 0.5 + hand->bend_y * sin(2 * M_PI * x + hand->phase_y);
    return (struct point){hand->x + hand->xx * right + hand->xy * down,
                          hand->y + hand->yx * right + hand->yy * down};
}

static struct point point_on(const struct stroke *stroke, double share) {
    if (stroke->pen == LINE)
        return (struct point){stroke->x + share * (stroke->a - stroke->x),
                              stroke->y + share * (stroke->b - stroke->y)};
    double angle = M_PI / 180 * (stroke->from + share * (stroke->to - stroke->from));
    return (struct point){stroke->x + stroke->a * cos(angle), stroke->y + stroke->b * sin(angle)};
}

static double distance_to_line(struct point point, struct point from, struct point to) {
    double right = to.x - from.x, down = to.y - from.y, square = right * right + down * down;
    double share =
        square > 0 ? ((point.x - from.x) * right + (point.y - from.y) * down) / square : 0;
    share = fmin(fmax(share, 0), 1);
    return hypot(point.x - from.x - share * right, point.y - from.y - share * down);
}

static int between(double value, int most) {
    return value < 0 ? 0 : value > most ? most : (int)value;
}

/* Inks the pixels near a line; where lines meet, the darker ink stays. */
static void ink_line(const struct hand *hand, struct point from, struct point to,
                     struct shape shape, uint8_t *pixels) {
    double reach = hand->pen + 1;
    int left = between(fmin(from.x, to.x) - reach, shape.width);
    int right = between(fmax(from.x, to.x) + reach + 1, shape.width);
    int top = between(fmin(from.y, to.y) - reach, shape.height);
    int bottom = between(fmax(from.y, to.y) + reach + 1, shape.height);
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) {
            struct point middle = {x + 0.5, y + 0.5};
            double cover = 0.5 + hand->pen - distance_to_line(middle, from, to);
            uint8_t ink = (uint8_t)(hand->ink * fmin(fmax(cover, 0), 1));
            uint8_t *pixel =
                pixels + ((size_t)y * (size_t)shape.width + (size_t)x) * (size_t)shape.channels;
            for (int c = 0; c < shape.channels; c++)
                pixel[c] = pixel[c] > ink ? pixel[c] : ink;
        }
}

static void ink_stroke(const struct hand *hand, const struct stroke *stroke, struct shape shape,
                       uint8_t *pixels) {
    int steps = stroke->pen == ARC ? ARC_STEPS : LINE_STEPS;
    struct point from = point_on(stroke, 0), last = placed(hand, from.x, from.y);
    for (int step = 1; step <= steps; step++) {
        struct point to = point_on(stroke, (double)step / steps), next = placed(hand, to.x, to.y);
        ink_line(hand, last, next, shape, pixels);
        last = next;
    }
}

void digit_draw(struct random *random, struct shape shape, int digit, uint8_t *pixels) {
    struct hand hand = hand_draw(random, shape);
    memset(pixels, 0, shape_size(shape));
    for (int i = 0; i < MOST_STROKES && strokes[digit][i].pen != NOTHING; i++) {
        struct stroke stroke = varied(random, strokes[digit][i]);
        ink_stroke(&hand, &stroke, shape, pixels);
    }
}
