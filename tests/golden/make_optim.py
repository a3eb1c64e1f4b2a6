#!/usr/bin/python3
"""Prints tests/golden/optim.h: losses with their gradients, optimisers' steps and schedules' factors, by
PyTorch in float64 on inputs that are exact in float32.

    tests/golden/make_optim.py > tests/golden/optim.h    (Debian's python3-torch)
"""
import torch
import torch.nn.functional as F
from torch.optim import lr_scheduler as lr


def numbers(tensor):
    return "{" + (", ".join("%.17g" % v for v in tensor.detach().double().flatten().tolist()) or "0") + "}"


def integers(tensor):
    return "{" + ", ".join(str(v) for v in tensor.flatten().tolist()) + "}"


def exact(*size):
    """Random numbers that float32 holds."""
    return torch.randn(*size, dtype=torch.float32).double()


def loss_row(name, loss, shape, attrs, y, labels):
    y = y.requires_grad_()
    value = loss(y)
    value.backward()
    smoothing, ignore, weight = attrs
    n, c, h, w = shape
    print('    {"%s", "%s", %d, %d, %d, %d, %g, %d, %d, %s,' % (
        name[0], name[1], n, c, h, w, smoothing, ignore, len(weight), numbers(torch.tensor(weight, dtype=torch.double))))
    print("     %s,\n     %s,\n     %.17g,\n     %s}," % (integers(labels), numbers(y), value.item(), numbers(y.grad)))


def cross_entropy(name, shape, smoothing=0.0, ignore=-100, weight=(), ignored=(), scale=3.0):
    n, c, h, w = shape
    pixels = (n,) if h * w == 1 else (n, h, w)
    y = (exact(n, c, *pixels[1:]) * scale).float().double()
    labels = torch.randint(0, c, pixels)
    for i in ignored:
        labels.view(-1)[i] = ignore
    weights = torch.tensor(weight, dtype=torch.double) if weight else None
    loss_row(("cross_entropy", name),
             lambda y: F.cross_entropy(y, labels, weight=weights, ignore_index=ignore, label_smoothing=smoothing),
             shape, (smoothing, ignore, list(weight)), y, labels)


def mse(name, shape):
    n, c, h, w = shape
    pixels = (n,) if h * w == 1 else (n, h, w)
    y = exact(n, c, *pixels[1:])
    labels = torch.randint(0, c, pixels)
    hot = F.one_hot(labels, c).double()
    hot = hot.movedim(-1, 1)
    loss_row(("mse", name), lambda y: F.mse_loss(y, hot), shape, (0.0, -100, []), y, labels)


STEPS, SIZE = 6, 7
RULES = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}


def optimiser(rule, name, **options):
    """Options not given have PyTorch's defaults, which are to be netrun's."""
    values, gradients = exact(SIZE), exact(STEPS, SIZE)
    parameter = torch.nn.Parameter(values.clone())
    optimizer = RULES[rule]([parameter], **options)
    after = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        after.append(parameter.detach().clone())
    slots = sum(torch.is_tensor(v) and v.shape == parameter.shape for v in optimizer.state[parameter].values())
    betas = torch.tensor(options.pop("betas", (0, 0)))
    attrs = ", ".join('{"%s", %g}' % (key, value) for key, value in options.items())
    print('    {"%s", "%s", {%s}, %s, %d,' % (rule, name, attrs or "{0}", numbers(betas), slots))
    print("     %s,\n     %s,\n     %s}," % (numbers(values), numbers(gradients), numbers(torch.stack(after))))


UNITS = 12


def follow(make):
    """The rates of UNITS steps by the scheduler that `make` makes, of a rate of 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimizer)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(UNITS - 1):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return torch.tensor(rates, dtype=torch.double)


def schedule(text, make):
    print('    {"%s",\n     %s},' % (text, numbers(follow(make))))


def warm(optimizer, units, factor=1 / 3):
    return lr.LinearLR(optimizer, start_factor=factor, total_iters=units)


def after(units, make, factor=1 / 3):
    """A warm-up, then a schedule that begins."""
    return lambda o: lr.SequentialLR(o, [warm(o, units, factor), make(o)], [units])


def during(units, make, factor=1 / 3):
    """A warm-up over a schedule that has begun."""
    return lambda o: lr.ChainedScheduler([warm(o, units, factor), make(o)])


torch.manual_seed(1)
print("""/* Made by make_optim.py with PyTorch %s; not to be edited. Tensors are N C H W. */
/* clang-format off */

static const struct golden_loss {
    const char *loss, *name;
    int images, channels, height, width;
    double label_smoothing;
    int ignore_index, weights;
    double weight[16];
    int32_t labels[40];
    double y[200], loss_value, dy[200];
} golden_losses[] = {""" % torch.__version__)
cross_entropy("plain", (5, 10, 1, 1))
cross_entropy("label smoothing", (5, 10, 1, 1), smoothing=0.1)
cross_entropy("all smoothing", (4, 3, 1, 1), smoothing=1.0)
cross_entropy("weights", (6, 4, 1, 1), weight=(0.5, 2, 0, 1.25))
cross_entropy("ignored images", (6, 4, 1, 1), ignore=2, ignored=(0, 3))
cross_entropy("weights, smoothing, ignored", (7, 4, 1, 1), smoothing=0.2, ignore=-1, weight=(0.5, 2, 3, 1.25), ignored=(1, 6))
cross_entropy("pixels", (2, 5, 3, 4))
cross_entropy("pixels, ignored", (2, 5, 3, 4), ignore=-100, ignored=(0, 7, 8, 23))
cross_entropy("pixels, weights, smoothing, ignored", (3, 4, 4, 3), smoothing=0.1, ignore=3, weight=(1, 2, 0.125, 4), ignored=(0, 5, 35))
cross_entropy("large scores", (4, 6, 1, 1), scale=300.0)
mse("one hot", (5, 10, 1, 1))
mse("one hot pixels", (2, 5, 3, 4))
print("""};

/* `betas` both 0: not given; `after`: the values after each step. */
enum { GOLDEN_STEPS = %d, GOLDEN_SIZE = %d };
static const struct golden_optimiser {
    const char *rule, *name;
    struct {
        const char *name;
        double value;
    } attrs[6];
    double betas[2];
    int slots;
    double values[GOLDEN_SIZE], gradients[GOLDEN_STEPS * GOLDEN_SIZE], after[GOLDEN_STEPS * GOLDEN_SIZE];
} golden_optimisers[] = {""" % (STEPS, SIZE))
optimiser("sgd", "plain", lr=0.1)
optimiser("sgd", "weight decay", lr=0.1, weight_decay=0.05)
optimiser("sgd", "momentum", lr=0.1, momentum=0.9)
optimiser("sgd", "momentum, dampening", lr=0.1, momentum=0.9, dampening=0.25)
optimiser("sgd", "momentum, dampening, weight decay", lr=0.5, momentum=0.5, dampening=0.5, weight_decay=0.01)
optimiser("sgd", "nesterov, weight decay", lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)
for rule in ("adam", "adamw"):
    optimiser(rule, "plain")
    optimiser(rule, "all but amsgrad", lr=0.1, betas=(0.5, 0.75), eps=0.01, weight_decay=0.3)
    optimiser(rule, "amsgrad", lr=0.1, betas=(0.75, 0.25), weight_decay=0.1, amsgrad=True)
optimiser("rmsprop", "plain")
optimiser("rmsprop", "weight decay", lr=0.1, alpha=0.5, eps=0.01, weight_decay=0.3)
optimiser("rmsprop", "momentum", lr=0.05, momentum=0.9)
optimiser("rmsprop", "centered", lr=0.05, alpha=0.75, centered=True)
optimiser("rmsprop", "centered, momentum, weight decay", alpha=0.9, weight_decay=0.1, momentum=0.5, centered=True)
print("};")
print("""
/* The factor of each of GOLDEN_UNITS epochs, or steps. */
enum { GOLDEN_UNITS = %d };
static const struct golden_schedule {
    const char *text;
    double factors[GOLDEN_UNITS];
} golden_schedules[] = {""" % UNITS)
schedule("constant", lambda o: lr.ConstantLR(o, 1))
schedule("constant: {warmup: 4}", lambda o: warm(o, 4))
schedule("constant: {warmup: 40, warmup_factor: 0.01}", lambda o: warm(o, 40, 0.01))
schedule("step: {size: 5}", lambda o: lr.StepLR(o, 5))
schedule("step: {size: 4, gamma: 0.5, warmup: 3}", during(3, lambda o: lr.StepLR(o, 4, 0.5)))
schedule("multistep: {milestones: [3, 9]}", lambda o: lr.MultiStepLR(o, [3, 9]))
schedule("multistep: {milestones: [9, 2, 9], gamma: 0.7}", lambda o: lr.MultiStepLR(o, [9, 2, 9], 0.7))
schedule("multistep: {milestones: [4, 8], warmup: 2, warmup_factor: 0.5}",
         during(2, lambda o: lr.MultiStepLR(o, [4, 8]), 0.5))
schedule("exponential: {gamma: 0.9}", lambda o: lr.ExponentialLR(o, 0.9))
schedule("exponential: {gamma: 0.75, warmup: 5}", after(5, lambda o: lr.ExponentialLR(o, 0.75)))
schedule("cosine", lambda o: lr.CosineAnnealingLR(o, UNITS))
schedule("cosine: {minimum: 0.125}", lambda o: lr.CosineAnnealingLR(o, UNITS, 0.125))
schedule("cosine: {minimum: 0.01, warmup: 3, warmup_factor: 0.1}",
         after(3, lambda o: lr.CosineAnnealingLR(o, UNITS - 3, 0.01), 0.1))
schedule("polynomial", lambda o: lr.PolynomialLR(o, UNITS))
schedule("polynomial: {power: 2}", lambda o: lr.PolynomialLR(o, UNITS, 2))
schedule("polynomial: {power: 0.9, warmup: 4}", after(4, lambda o: lr.PolynomialLR(o, UNITS - 4, 0.9)))
cycle = {"total_steps": UNITS, "cycle_momentum": False}
schedule("one_cycle", lambda o: lr.OneCycleLR(o, 1, **cycle))
schedule("one_cycle: {pct_start: 0.5, div_factor: 10, final_div_factor: 100}",
         lambda o: lr.OneCycleLR(o, 1, pct_start=0.5, div_factor=10, final_div_factor=100, **cycle))
schedule("one_cycle: {pct_start: 1}", lambda o: lr.OneCycleLR(o, 1, pct_start=1.0, **cycle))
schedule("one_cycle: {pct_start: 0}", lambda o: lr.OneCycleLR(o, 1, pct_start=0.0, **cycle))
print("};")
