"""The result file as Markdown."""

import re
from pathlib import Path

UNITS = {
    "seconds": "",
    "flops_per_second": "GFLOP/s",
    "bytes_per_second": "GB/s",
    "normals_per_second": "billion/s",
}


def seconds_text(value):
    if value >= 1:
        return f"{value:.2f} s"
    if value >= 1e-3:
        return f"{value * 1e3:.3g} ms"
    return f"{value * 1e6:.3g} us"


def _value_text(value, quantity):
    if quantity == "seconds":
        return seconds_text(value)
    return f"{value / 1e9:.3g} {UNITS[quantity]}"


def _spread_text(numbers, text=lambda value: f"{value:.2f}"):
    if numbers["min"] == numbers["max"]:
        return text(numbers["median"])
    return f"{text(numbers['median'])} [{text(numbers['min'])}, {text(numbers['max'])}]"


def _table(header, rows):
    if not rows:
        return ""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def headlines(result):
    """The short table."""
    rows = []
    for section in result["sections"]:
        for line in section["headlines"]:
            fraction = line["fraction_of_limit"]
            rows.append(
                [
                    line["work"],
                    seconds_text(line["ours"]["median"]),
                    f"{line['peer']}: {seconds_text(line['theirs']['median'])}",
                    _spread_text(line["times_as_fast"]),
                    f"{fraction['median']:.0%}" if fraction else "",
                ]
            )
    header = ["work", "Ravine", "best of the peer", "times as fast [min, max]", "of the limit"]
    return _table(header, rows)


def short(result):
    """What the README shows: the machine and the short table."""
    host = result["host"]
    return (
        f"{result['date']}, {host['cpu']}, {host['processors']} processors:\n\n{headlines(result)}"
    )


def _goal_number(value, unit):
    if unit == "s":
        return seconds_text(value)
    return f"{value:.3g} {unit}".rstrip()


def goals(result):
    rows = []
    for section in result["sections"]:
        for goal in section["goals"]:
            text = lambda value, unit=goal["unit"]: _goal_number(value, unit)
            rows.append(
                [
                    goal["what"],
                    f"{goal['relation']} {text(goal['target'])}",
                    _spread_text(goal, text),
                    "yes" if goal["met"] else "**no**",
                ]
            )
    return _table(["goal", "target", "measured, median [min, max]", "met"], rows)


def _group(group):
    rows = []
    for competitor in group["competitors"]:
        text = lambda value, quantity=competitor["quantity"]: _value_text(value, quantity)
        rows.append([competitor["name"], _spread_text(competitor, text)])
    share = group["other_programs_cpu_share"]
    return (
        f"**{group['title']}** (other programs used {share:.1%} of the processors)\n\n"
        + _table(["competitor", "median [min, max]"], rows)
    )


def _verification(checks):
    worst = {}
    for check in checks:
        key = (check["quantity"], check["tolerance"])
        worst[key] = max(worst.get(key, 0.0), check["relative_difference"])
    rows = [
        [quantity, f"{tolerance:.0e}" if tolerance else "same bits", f"{difference:.1e}"]
        for (quantity, tolerance), difference in worst.items()
    ]
    return _table(["verified quantity", "tolerance", "largest relative difference"], rows)


def _product_points(points):
    rows = []
    for point in points:
        rates = point["flops_per_second"]
        rows.append(
            [point["product"], f"{point['m']} x {point['n']} x {point['k']}"]
            + [f"{rates['ravine'] / 1e9:.3g}"]
            + [f"{rates[point['best_library']] / 1e9:.3g} ({point['best_library']})"]
            + [f"{point['ours_over_best']:.2f}"]
        )
    return rows


def _products(section):
    points = sorted(section["points"], key=lambda point: point["ours_over_best"])
    header = ["product", "m x n x k", "Ravine GFLOP/s", "best library GFLOP/s", "ours over best"]
    overall = section["ours_over_best"]
    return (
        f"{len(points)} shapes: ours over the best library's, median {overall['median']:.2f}, "
        f"smallest {overall['min']:.2f}, largest {overall['max']:.2f}. The ten smallest:\n\n"
        + _table(header, _product_points(points[:10]))
    )


def _exponents(exponents):
    rows = [
        [fit["what"], ", ".join(str(size) for size in fit["sizes"])]
        + [", ".join(seconds_text(value) for value in fit["seconds"])]
        + [f"{fit['fitted']:.2f}", f"{fit['predicted']:.2f}"]
        for fit in exponents
    ]
    return _table(["time of", "sizes", "seconds", "fitted exponent", "predicted"], rows)


def _kernels(kernels):
    rows = []
    for kernel in kernels:
        rates = [f"{kernel['flops'] / 1e9:.3g} GFLOP/s"] if "flops" in kernel else []
        if "bytes_per_second" in kernel:
            rates.append(f"{kernel['bytes_per_second'] / 1e9:.3g} GB/s")
        if "items_per_second" in kernel:
            rates.append(f"{kernel['items_per_second'] / 1e9:.3g} billion/s")
        time = seconds_text(kernel["nanoseconds"] / 1e9)
        rows.append([kernel["name"], time, ", ".join(rates)])
    return _table(["kernel", "time", "rate"], rows)


def _section(section):
    parts = [f"### {section['title']}"]
    parts += [_group(group) for group in section["groups"]]
    if section["ratios"]:
        rows = [[ratio["what"], _spread_text(ratio)] for ratio in section["ratios"]]
        parts.append(_table(["ratio in the same round", "median [min, max]"], rows))
    if section["verification"]:
        parts.append(_verification(section["verification"]))
    if "points" in section:
        parts.append(_products(section))
    if "exponents" in section:
        parts.append(_exponents(section["exponents"]))
    if "kernels" in section:
        parts.append(_kernels(section["kernels"]))
    return "\n\n".join(parts)


def _context(result):
    host = result["host"]
    packages = ", ".join(f"{name} {version}" for name, version in host["packages"].items())
    changes = " with uncommitted changes" if host["uncommitted_changes"] else ""
    return (
        f"{result['date']}, {result['rounds']} rounds{', quick' if result['quick'] else ''}; "
        f"{host['cpu']}, {host['processors']} processors, {host['system']}, "
        f"Linux {host['kernel']}; "
        f"{host['ravine']}, commit {host['commit'][:12]}{changes}; {packages}."
    )


def full(result):
    parts = [_context(result), "### In short", headlines(result), "### Goals", goals(result)]
    parts += [
        _section(section)
        for section in result["sections"]
        if any(section.get(key) for key in ("groups", "points", "exponents", "kernels"))
    ]
    return "\n\n".join(part for part in parts if part)


def replace_between_markers(path, text):
    """Puts text between the lines `<!-- bench: begin -->` and `<!-- bench: end -->` of a file.
    Returns whether it has them."""
    path = Path(path)
    content = path.read_text() if path.exists() else ""
    pattern = re.compile(r"(<!-- bench: begin -->\n).*?(<!-- bench: end -->)", re.DOTALL)
    changed, count = pattern.subn(lambda m: f"{m[1]}\n{text}\n\n{m[2]}", content)
    if count:
        path.write_text(changed)
    return count > 0
