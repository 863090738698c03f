"""Our matrix product over the best library's, at every shape of a training step on a grid."""

import json
from statistics import median

from harness.competitor import output_of
from harness.rounds import spread
from harness.section import Section

OURS = "ravine"


def _point(shape):
    """A line of product_shapes with medians, and our rate over the best other of the round."""
    rates = shape["flops_per_second"]
    others = [name for name in rates if name != OURS]
    ratios = [
        rate / max(rates[name][i] for name in others) for i, rate in enumerate(rates[OURS])
    ]
    medians = {name: median(values) for name, values in rates.items()}
    best = max(others, key=medians.get)
    return {
        **{key: shape[key] for key in ("product", "m", "n", "k")},
        "flops_per_second": medians,
        "best_library": best,
        "ours_over_best": median(ratios),
    }


def measure(bench):
    section = Section("product_shapes", "Matrix products of a training step, 1 thread")
    command = [bench.program("product_shapes"), "--rounds", bench.rounds]
    if bench.quick:
        command += ["--widths", "10,128,1024", "--batches", "1,32,512"]
    bench.say("product shapes")
    bench.wait_for_quiet()
    points = [_point(json.loads(line)) for line in output_of(command).splitlines()]
    ratios = [point["ours_over_best"] for point in points]
    section.details["points"] = points
    section.details["ours_over_best"] = spread(ratios)
    section.add_goal("slowest shape: our rate over the best library's", [min(ratios)], ">", 0.5)
    return section
