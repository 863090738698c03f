"""Runs the benchmark: verifies that all competitors compute the same thing, then measures them in
turn. scripts/bench installs and builds what this needs; docs/benchmarks.md explains the result."""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from harness import host, kernels, load, mnist_epoch, product_shapes, scale, sensing_pass, tables
from harness import whole_tool
from harness.competitor import CompetitorFailed, output_of
from harness.verify import NotTheSame

SCHEMA = "ravine-bench/1"
WORKLOADS = {
    "mnist_epoch": mnist_epoch,
    "sensing_pass": sensing_pass,
    "product_shapes": product_shapes,
    "kernels": kernels,
    "scale": scale,
    "whole_tool": whole_tool,
}


class Bench:
    """What the workloads share."""

    def __init__(self, options, folder):
        self.source = Path(__file__).resolve().parent
        self.build = options.build
        self.folder = folder
        self.rounds = options.rounds or (3 if options.quick else 7)
        self.quick = options.quick
        self.patience = options.patience
        self.python = Path(sys.executable)
        self.ravine = options.build / "ravine"
        self.weights = folder / "weights.npz"
        self.mnist_folder = output_of([self.ravine, "data", "path", "mnist"]).strip()

    def program(self, name):
        return self.build / "bench" / name

    def say(self, text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def wait_for_quiet(self):
        """Spends what is left of the patience while other programs use the processors."""
        self.patience -= load.wait_for_quiet(self.patience)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder of the release build")
    parser.add_argument("--rounds", type=int, help="default 7, with --quick 3")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer measurements")
    parser.add_argument("--only", action="append", choices=WORKLOADS, help="may be repeated")
    parser.add_argument("--out", type=Path, help="result file (default: results/DATE-CPU.json)")
    parser.add_argument(
        "--docs", action="store_true", help="also renew docs/benchmarks.md and README.md"
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=120,
        help="seconds to wait in all while other programs use the processors (default 120)",
    )
    return parser.parse_args()


def measure(options):
    with tempfile.TemporaryDirectory(prefix="ravine-bench-") as folder:
        bench = Bench(options, Path(folder))
        result = {
            "schema": SCHEMA,
            "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
            "rounds": bench.rounds,
            "quick": bench.quick,
            "host": host.describe(bench),
        }
        begin, load_before = time.monotonic(), os.getloadavg()[0]
        wanted = options.only or list(WORKLOADS)
        result["sections"] = [WORKLOADS[name].measure(bench).as_json() for name in wanted]
        result["host"]["load_average_before"] = load_before
        result["seconds"] = time.monotonic() - begin
        return result


def write(options, result):
    cpu = re.sub(r"[^a-z0-9]+", "-", result["host"]["cpu"].lower()).strip("-")
    source = Path(__file__).resolve().parent
    path = options.out or source / "results" / f"{result['date']}-{cpu}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    path.with_suffix(".md").write_text(tables.full(result) + "\n")
    if options.docs:
        tables.replace_between_markers(source.parent / "docs/benchmarks.md", tables.full(result))
        tables.replace_between_markers(source.parent / "README.md", tables.short(result))
    return path


def main():
    options = read_arguments()
    try:
        result = measure(options)
    except (CompetitorFailed, NotTheSame) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    path = write(options, result)
    for text in (tables.headlines(result), tables.goals(result), f"result: {path}"):
        if text:
            print(text, end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
