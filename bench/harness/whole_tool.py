"""The program as its user meets it: start to first step, memory, everything in one command."""

import os
import subprocess
import time

from harness import sensing_pass
from harness.competitor import Competitor, CompetitorFailed
from harness.section import Section


def _run(bench, arguments):
    """Runs `ravine`. Returns seconds to the end, seconds to the first line on standard output, and
    the peak of resident memory in bytes."""
    command = [str(part) for part in (bench.ravine, *arguments)]
    begin = time.monotonic()
    process = subprocess.Popen(
        command,
        env=Competitor("", "ours", ()).environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    process.stdout.readline()
    first_line = time.monotonic() - begin
    process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CompetitorFailed(f"{' '.join(command)} ended with exit code {process.returncode}")
    return time.monotonic() - begin, first_line, usage.ru_maxrss * 1024


def _first_step(bench, section):
    """The summary of the model is printed when everything is read, right before the first step."""
    arguments = ("train", "--epochs", 1, "--threads", 2, "--out", bench.folder / "train", "--force")
    seconds = []
    for round_number in range(bench.rounds):
        bench.say(f"start to first step: round {round_number + 1} of {bench.rounds}")
        bench.wait_for_quiet()
        seconds.append(_run(bench, arguments)[1])
    section.add_goal("start to first step of `ravine train`", seconds, "<=", 0.5, "s")


def _memory(bench, section):
    bench.say("peak memory")
    arguments = ("sense", "--rank", 5, "--iterations", 20, "--threads", 2)
    peak = _run(bench, (*arguments, "--out", bench.folder / "sense"))[2]
    allowed = 1.15 * sensing_pass.ensemble_bytes(100, 5000) + 100e6
    section.add_goal(
        "peak memory of `ravine sense`, d=100 m=5000", [peak / 1e6], "<=", allowed / 1e6, "MB"
    )


def _reproduce(bench, section):
    bench.say("ravine reproduce")
    bench.wait_for_quiet()
    seconds = _run(bench, ("reproduce", "--threads", 2, "--out", bench.folder / "reproduce"))[0]
    section.add_goal("`ravine reproduce`", [seconds], "<=", 20, "s")


def measure(bench):
    section = Section("whole_tool", "The whole tool")
    _first_step(bench, section)
    _memory(bench, section)
    if not bench.quick:
        _reproduce(bench, section)
    return section
