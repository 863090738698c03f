"""Cost of scale: does time grow as the arithmetic and the traffic do?"""

import math
from statistics import median

from harness import mnist_epoch, sensing_pass
from harness.rounds import compete
from harness.section import Section

THREADS = 2


def fitted_exponent(sizes, costs):
    """Slope of log cost over log size, least squares."""
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
    return above / sum((a - mean_x) ** 2 for a in x)


def _flops(hidden, samples):
    widths = (784, *hidden, 10)
    products = [a * b for a, b in zip(widths, widths[1:])]
    return 2 * samples * (2 * sum(products) + sum(products[1:]))


def _training(bench, section, variable, points):
    """points: {size: hidden widths}. The predicted exponent is that of the arithmetic."""
    samples = 1280 if bench.quick else 12_800
    competitors = [
        mnist_epoch.ours(
            bench,
            f"{variable} {size}",
            THREADS,
            *("--hidden", ",".join(str(width) for width in hidden), "--train-limit", samples),
        )
        for size, hidden in points.items()
    ]
    group = compete(bench, f"epoch of {samples} samples against {variable}", competitors)
    section.groups.append(group)
    arithmetic = [_flops(hidden, samples) for hidden in points.values()]
    _add_fit(section, group, f"epoch against {variable}", list(points), arithmetic)


def _sensing(bench, section, variable, points):
    """points: {size: (d, m)}. The predicted exponent is that of the bytes read."""
    competitors = [
        sensing_pass.ours(
            bench,
            f"{variable} {size}",
            THREADS,
            dimension=dimension,
            measurements=measurements,
            iterations=5 if bench.quick else 20,
        )
        for size, (dimension, measurements) in points.items()
    ]
    group = compete(bench, f"iteration against {variable}", competitors)
    section.groups.append(group)
    traffic = [sensing_pass.ensemble_bytes(d, m) for d, m in points.values()]
    _add_fit(section, group, f"iteration against {variable}", list(points), traffic)


def _add_fit(section, group, what, sizes, predicted_costs):
    seconds = [median(group.values[c.name]) for c in group.competitors]
    section.details["exponents"].append(
        {
            "what": what,
            "sizes": sizes,
            "seconds": seconds,
            "fitted": fitted_exponent(sizes, seconds),
            "predicted": fitted_exponent(sizes, predicted_costs),
        }
    )


def measure(bench):
    section = Section("scale", "Cost of scale, 2 threads")
    section.details["exponents"] = []
    widths = (64, 256, 1024) if bench.quick else (32, 64, 128, 256, 512, 1024, 2048)
    depths = (2, 8, 32) if bench.quick else (1, 3, 10, 30, 100)
    dimensions = (50, 100, 141) if bench.quick else (71, 100, 141, 200)
    counts = (2500, 5000, 10_000) if bench.quick else (2500, 5000, 10_000, 20_000)
    _training(bench, section, "width", {width: (width,) * 3 for width in widths})
    _training(bench, section, "depth", {depth: (128,) * depth for depth in depths})
    _sensing(bench, section, "d", {d: (d, 5000) for d in dimensions})
    _sensing(bench, section, "m", {m: (100, m) for m in counts})
    return section
