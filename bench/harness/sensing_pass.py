"""One iteration of matrix sensing: passes over a measurement ensemble."""

import itertools

from harness import verify
from harness.competitor import Competitor, Running, counted
from harness.rounds import compete
from harness.section import Section

RANKS = (5, 100)
MEMBERS = (1, 2, 5, 6)
TOLERANCES = {"float32": 1e-4, "float64": 1e-9}
OURS = {1: "Ravine, 1 thread", 2: "Ravine, 2 threads"}
PASS = {1: "Ravine, pass alone, 1 thread", 2: "Ravine, pass alone, 2 threads"}
BANDWIDTH = {1: "read bandwidth, 1 thread", 2: "read bandwidth, 2 threads"}


def ensemble_bytes(dimension, measurements):
    return 4 * measurements * dimension * (dimension + 1) // 2


def ours(bench, name, threads, **options):
    command = [bench.program("sensing_pass"), "--threads", threads]
    for key, value in options.items():
        command += [f"--{key.replace('_', '-')}", value]
    quantity = "normals_per_second" if options.get("mode") == "generate" else "seconds"
    return Competitor(name, "ours", tuple(command), threads, quantity=quantity)


def limits(bench, dimension, measurements, threads=(1, 2)):
    megabytes = round(ensemble_bytes(dimension, measurements) / 1e6)
    for count in threads:
        command = (bench.program("machine_limits"), "--what", "bandwidth", "--threads", count)
        command += ("--megabytes", megabytes)
        yield Competitor(BANDWIDTH[count], "limit", command, count, quantity="bytes_per_second")


def write_instance(bench, **options):
    """A folder with the arrays of Ravine's instance and starts, and the learning rate."""
    folder = bench.folder / "-".join(str(value) for value in options.values())
    folder.mkdir()
    with Running(ours(bench, "instance", 2, write_instance=folder, **options)) as running:
        return folder, running.greeting["learning_rate"]


def peers(bench, instance, iterations, types=("float32", "float64"), threads=(1, 2)):
    folder, learning_rate = instance
    for dtype, formulation, count in itertools.product(types, ("whole", "blocks"), threads):
        label = "" if formulation == "whole" else " in blocks of rows"
        yield Competitor(
            f"NumPy {dtype}{label}, {counted(count, 'thread')}",
            "peer",
            (bench.python, bench.source / "peers/sensing_numpy.py", "--instance", folder)
            + ("--learning-rate", repr(learning_rate), "--dtype", dtype)
            + ("--formulation", formulation, "--iterations", iterations),
            count,
            blas_threads=count,
        )


def _check(section, against):
    def check(group):
        for name in group.peers():
            tolerance = TOLERANCES["float32" if "float32" in name else "float64"]
            quantities = ("losses", "gradient_norms", "relative_errors")
            section.verification += verify.compare(
                group, against, name, dict.fromkeys(quantities, tolerance)
            )

    return check


def _fractions(group, name, limit, byte_count):
    return [
        byte_count / seconds / bandwidth
        for seconds, bandwidth in zip(group.values[name], group.values[limit])
    ]


def _one_candidate(bench, section):
    """d = 100, m = 5000, one candidate, R = 5, with every formulation of the peer."""
    iterations = 20 if bench.quick else 100
    options = {"members": 1, "rank": 5}
    competitors = [*limits(bench, 100, 5000)]
    for threads in (1, 2):
        timed = {"iterations": iterations, **options}
        competitors.append(ours(bench, OURS[threads], threads, **timed))
        competitors.append(ours(bench, PASS[threads], threads, mode="pass", **timed))
    competitors += peers(bench, write_instance(bench, **options), iterations)
    group = compete(bench, "d=100 m=5000 R=5, one start", competitors, _check(section, OURS[2]))
    section.groups.append(group)
    byte_count = ensemble_bytes(100, 5000)
    for threads in (1, 2):
        section.add_ratio(
            f"pass, {counted(threads, 'thread')}, fraction of the read bandwidth",
            _fractions(group, PASS[threads], BANDWIDTH[threads], byte_count),
        )
    fractions = _fractions(group, PASS[2], BANDWIDTH[2], byte_count)
    for name in group.peers():
        section.add_ratio(f"one start: {name} over {OURS[2]}", group.ratios(name, OURS[2]))
    for dtype in TOLERANCES:
        best = group.best([name for name in group.peers() if dtype in name])
        section.add_headline("sensing iteration, d=100 m=5000", group, OURS[2], best, fractions)
    what = "pass: fraction of the read bandwidth, 2 threads"
    section.add_goal(what, fractions, ">=", 0.85, of_limit=True)
    for dtype, target in (("float32", 2.0), ("float64", 3.5)):
        whole = [name for name in group.peers() if dtype in name and "blocks" not in name]
        best = group.best(whole)
        ratios = group.ratios(best, OURS[2])
        section.add_goal(f"iteration: times as fast as {best}", ratios, ">=", target)


def _many_candidates(bench, section):
    """Several starts share the pass."""
    iterations = 5 if bench.quick else 25
    competitors, name_of = [], {}
    for members, rank in itertools.product(MEMBERS, RANKS):
        name_of[members, rank] = f"Ravine, {counted(members, 'start')}, R={rank}"
        size = {"members": members, "rank": rank, "iterations": iterations}
        competitors.append(ours(bench, name_of[members, rank], 2, **size))
    five = name_of[5, 5]
    competitors += peers(bench, write_instance(bench, members=5, rank=5), iterations)
    group = compete(bench, "d=100 m=5000, several starts", competitors, _check(section, five))
    section.groups.append(group)
    for name in group.peers():
        section.add_ratio(f"five starts, R=5: {name} over Ravine", group.ratios(name, five))
    best = group.best(group.peers())
    section.add_headline("the same for five starts", group, five, best)
    for members in MEMBERS[1:]:
        for rank in RANKS:
            section.add_ratio(
                f"{members} starts over one, R={rank}",
                group.ratios(name_of[members, rank], name_of[1, rank]),
            )
    section.add_goal(
        "six starts over one, R=100", group.ratios(name_of[6, 100], name_of[1, 100]), "<=", 2.5
    )


def _recorded(bench, section):
    """Six starts written to the run folder, with and without ten singular values of each."""
    options = {"mode": "record", "members": 6, "rank": 100, "folder": bench.folder}
    options["iterations"] = 5 if bench.quick else 20
    competitors = [
        ours(bench, "trace alone", 2, singular_values=0, **options),
        ours(bench, "trace and ten singular values", 2, singular_values=10, **options),
    ]
    group = compete(bench, "d=100 m=5000 R=100, six starts recorded", competitors)
    section.groups.append(group)
    ratios = group.ratios("trace and ten singular values", "trace alone")
    section.add_goal("ten singular values of six starts, every iteration", ratios, "<=", 1.5)


def _generation(bench, section):
    names = {threads: f"Ravine, normals, {counted(threads, 'thread')}" for threads in (1, 2)}
    competitors = [ours(bench, name, threads, mode="generate") for threads, name in names.items()]
    group = compete(bench, "generation of 25.25 million normals", competitors)
    section.groups.append(group)
    rates = [rate / 1e6 for rate in group.values[names[2]]]
    section.add_goal("generation, 2 threads", rates, ">=", 200, "million/s")


def _larger(bench, section):
    """d = 200, m = 10,000: 804 MB."""
    size = {"dimension": 200, "measurements": 10_000}
    options = {**size, "members": 1, "rank": 5}
    timed = {"iterations": 10, **options}
    competitors = [
        *limits(bench, 200, 10_000, threads=(2,)),
        ours(bench, OURS[2], 2, **timed),
        ours(bench, PASS[2], 2, mode="pass", **timed),
        *peers(bench, write_instance(bench, **options), 10, types=("float32",)),
    ]
    group = compete(bench, "d=200 m=10000 R=5, one start", competitors, _check(section, OURS[2]))
    section.groups.append(group)
    fractions = _fractions(group, PASS[2], BANDWIDTH[2], ensemble_bytes(200, 10_000))
    what = "pass, d=200: fraction of the read bandwidth, 2 threads"
    section.add_goal(what, fractions, ">=", 0.85, of_limit=True)
    best = group.best(group.peers())
    section.add_headline("sensing iteration, d=200 m=10000", group, OURS[2], best, fractions)
    for name in group.peers():
        section.add_ratio(f"d=200, one start: {name} over Ravine", group.ratios(name, OURS[2]))


def _operators(bench, section, dimension, factor, members):
    """The normal operator against the measurements, m = factor d (d + 1) / 2."""
    measurements = factor * dimension * (dimension + 1) // 2
    title = f"d={dimension} m={measurements}, {counted(members, 'start')}"
    size = {"dimension": dimension, "measurements": measurements, "members": members}
    size["iterations"] = 20 if bench.quick else 200
    competitors = [
        ours(bench, kind, 2, operator=kind, **size) for kind in ("measurements", "normal")
    ]
    competitors.append(ours(bench, "setup", 2, mode="setup", operator="normal", **size))
    quantities = dict.fromkeys(("losses", "gradient_norms", "relative_errors"), 1e-9)

    def check(group):
        section.verification += verify.compare(group, "measurements", "normal", quantities)

    group = compete(bench, f"{title}, operators", competitors, check)
    section.groups.append(group)
    section.add_ratio(
        f"{title}: measurements over normal operator", group.ratios("measurements", "normal")
    )
    values = group.values
    section.add_ratio(
        f"{title}: iterations that repay the normal operator",
        [
            setup / (slow - fast)
            for setup, slow, fast in zip(values["setup"], values["measurements"], values["normal"])
        ],
    )
    slow, fast = (group.greetings[kind]["predicted"] for kind in ("measurements", "normal"))
    saving = slow["evaluation_seconds"] - fast["evaluation_seconds"]
    section.add_ratio(
        f"{title}: iterations that repay it by the model", [fast["setup_seconds"] / saving]
    )


def measure(bench):
    section = Section("sensing_pass", "Matrix sensing, one iteration")
    _one_candidate(bench, section)
    _many_candidates(bench, section)
    _recorded(bench, section)
    _generation(bench, section)
    for members in (1, 6):
        _operators(bench, section, 30, 10, members)
        _operators(bench, section, 60, 4, members)
    if not bench.quick:
        _larger(bench, section)
    return section
