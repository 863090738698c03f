"""One MNIST epoch of the reference network, the gradient norm of every layer at every step."""

from harness import verify
from harness.competitor import Competitor, counted, output_of
from harness.rounds import compete
from harness.section import Section

WIDTHS = (784, 128, 128, 128, 10)
SAMPLES = 60_000
# Rounding alone, in float32, moves a unit over the kink of its ReLU after some hundred steps; from
# there on two correct programs differ by what one unit makes.
TOLERANCES = {
    "first_losses": 1e-5,  # 50 steps, each
    "first_norms": 1e-4,
    "train_nll": 1e-3,
    "gradient_norms": 1e-3,
    "weight_norm": 1e-5,
}
PROBES = ("signal", "activations", "weights", "updates", "cosine", "samples", "all")
OURS = {1: "Ravine, 1 thread", 2: "Ravine, 2 threads"}
COST_ROUNDS = 6  # times the rounds of others, for costs of a few per cent
PROGRAMS = ("PyTorch", "libtorch")
PEAKS = {1: "FMA peak, 1 thread", 2: "FMA peak, 2 threads"}


def epoch_flops():
    """Multiply-adds count twice: forward, weight gradients, and input gradients but the first."""
    products = [a * b for a, b in zip(WIDTHS, WIDTHS[1:])]
    return 2 * SAMPLES * (2 * sum(products) + sum(products[1:]))


def _thread_settings():
    """(label, threads, OpenMP threads, BLAS threads)"""
    return (
        ("1 thread", 1, 1, 1),
        ("2 threads in products", 2, 1, 2),
        ("2 threads", 2, 2, 2),
    )


def peers(bench, order):
    libtorch = bench.program("mnist_epoch_libtorch")
    python = (bench.python, bench.source / "peers/mnist_epoch_torch.py")
    commands = {"PyTorch": (python, bench.mnist_folder), "libtorch": ((libtorch,), "mnist")}
    for program, (command, data) in commands.items():
        for formulation in ("autograd", "hand_written"):
            for label, threads, openmp, blas in _thread_settings():
                yield Competitor(
                    f"{program} {formulation.replace('_', '-')}, {label}",
                    "peer",
                    (*command, "--formulation", formulation, "--data", data)
                    + ("--weights", bench.weights, "--threads", openmp, *order),
                    threads,
                    openmp,
                    blas,
                )


def ours(bench, name, threads, *arguments):
    command = (bench.program("mnist_epoch"), "--folder", bench.folder, "--threads", threads)
    return Competitor(name, "ours", command + arguments, threads)


def _limits(bench):
    for threads, name in PEAKS.items():
        command = (bench.program("machine_limits"), "--what", "flops", "--threads", threads)
        yield Competitor(name, "limit", command, threads, quantity="flops_per_second")


def _check(section):
    def check(group):
        for name in group.peers():
            section.verification += verify.compare(group, OURS[1], name, TOLERANCES)
        section.verification += verify.compare(
            group, OURS[1], OURS[2], dict.fromkeys(TOLERANCES, 0.0)
        )

    return check


def _epoch_group(bench, section, title, order):
    competitors = [*_limits(bench)]
    competitors += [
        ours(bench, name, threads, "--weights", bench.weights, *order)
        for threads, name in OURS.items()
    ]
    competitors += peers(bench, order)
    group = compete(bench, title, competitors, _check(section))
    section.groups.append(group)
    for threads, name in OURS.items():
        fractions = [
            epoch_flops() / seconds / peak
            for seconds, peak in zip(group.values[name], group.values[PEAKS[threads]])
        ]
        section.add_ratio(f"{title}: {name}, fraction of the FMA peak", fractions)
    for program in PROGRAMS:
        best = group.best([name for name in group.peers() if name.startswith(program)])
        work = f"MNIST epoch with norms, {title}"
        section.add_headline(work, group, OURS[2], best, fractions)
    for name in group.peers():
        section.add_ratio(f"{title}: {name} over {OURS[2]}", group.ratios(name, OURS[2]))
    return group


def _add_goals(section, group, costs):
    fractions = {
        threads: next(r["values"] for r in section.ratios if f"{name}, fraction" in r["what"])
        for threads, name in OURS.items()
    }
    best = group.best([name for name in group.peers() if name.startswith("PyTorch")])
    section.add_goal(
        f"epoch with norms: times as fast as {best}", group.ratios(best, OURS[2]), ">=", 2.5
    )
    section.add_goal("epoch with norms, 2 threads", group.values[OURS[2]], "<=", 0.12, "s")
    # No limit: products of bytes take no multiply-adds, and those of the background are left out.
    for threads, goal in ((2, 0.70), (1, 0.80)):
        what = f"epoch: fraction of the {PEAKS[threads]}"
        section.add_goal(what, fractions[threads], ">=", goal)
    section.add_goal(
        "norms recorded over not computed, 2 threads",
        costs.ratios(OURS[2], "no norms, 2 threads"),
        "<=",
        1.02,
    )
    test_pass = costs.values["test pass, 2 threads"]
    section.add_goal("test pass (10,000 images), 2 threads", test_pass, "<=", 0.010, "s")


def _probe_costs(bench, section):
    """What every probe adds to an epoch in which nothing is measured, 2 threads."""
    plain = "nothing measured"
    competitors = [
        ours(bench, plain, 2, "--mode", "bare"),
        ours(bench, "gradient norms", 2),
        *(ours(bench, f"norms and probe {name}", 2, "--probe", name) for name in PROBES),
    ]
    group = compete(bench, "cost of the probes", competitors, times=COST_ROUNDS)
    section.groups.append(group)
    for name in group.values:
        section.add_ratio(f"{name} over {plain}", group.ratios(name, plain))
    section.add_goal(
        f"norms and all probes over {plain}",
        group.ratios("norms and probe all", plain),
        "<=",
        1.10,
    )


def measure(bench):
    section = Section("mnist_epoch", "MNIST epoch, 784-128-128-128-10, batch 128")
    output_of((bench.program("mnist_epoch"), "--write-weights", bench.weights))
    section.details["epoch_flops"] = epoch_flops()
    in_order = _epoch_group(bench, section, "file order", ())
    _epoch_group(bench, section, "shuffled", ("--shuffle",))
    competitors = []
    for threads, name in OURS.items():
        label = counted(threads, "thread")
        competitors += [
            ours(bench, name, threads),
            ours(bench, f"norms not recorded, {label}", threads, "--mode", "observed"),
            ours(bench, f"no norms, {label}", threads, "--mode", "bare"),
            ours(bench, f"test pass, {label}", threads, "--mode", "test_pass"),
        ]
    costs = compete(bench, "cost of the norms", competitors, times=COST_ROUNDS)
    section.groups.append(costs)
    _add_goals(section, in_order, costs)
    _probe_costs(bench, section)
    return section
