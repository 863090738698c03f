"""Competitors: programs that stay ready and measure once whenever they are asked.

The protocol is that of support/competitor.hpp: one line of JSON as greeting, then one line of JSON
for every line of input.
"""

import json
import os
import subprocess
from dataclasses import dataclass

# OpenBLAS wherever a program asks for BLAS, whatever the system's alternative is set to.
OPENBLAS_FOLDER = "/usr/lib/x86_64-linux-gnu/openblas-pthread"
# They make OpenBLAS choose less than the best kernels for this processor.
MISLEADING_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def counted(count, noun):
    """1 thread, 2 threads."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class CompetitorFailed(Exception):
    pass


@dataclass(frozen=True)
class Competitor:
    name: str
    role: str  # "ours", "peer" or "limit"
    command: tuple
    threads: int = 1  # as shown in tables
    openmp_threads: int = 1
    blas_threads: int = 1
    quantity: str = "seconds"  # key of the measured number

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if k not in MISLEADING_VARIABLES}
        path = [OPENBLAS_FOLDER] + [p for p in [kept.get("LD_LIBRARY_PATH")] if p]
        return {
            **kept,
            "LD_LIBRARY_PATH": ":".join(path),
            "OMP_NUM_THREADS": str(self.openmp_threads),
            "OPENBLAS_NUM_THREADS": str(self.blas_threads),
            # Two libraries' threads that wait in loops take the cores from each other.
            "OMP_WAIT_POLICY": "passive" if self.blas_threads > 1 else "active",
        }


class Running:
    """A started competitor; use as a context manager."""

    def __init__(self, competitor):
        self.competitor = competitor
        self.process = subprocess.Popen(
            [str(part) for part in competitor.command],
            env=competitor.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.greeting = self._read()
        except BaseException:
            self._end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()

    def measure(self):
        self.process.stdin.write("measure\n")
        self.process.stdin.flush()
        return self._read()[self.competitor.quantity]

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            raise CompetitorFailed(f"{self.competitor.name} ended with exit code {code}")
        return json.loads(line)

    def _end(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def output_of(command):
    """What a program prints when run to its end, in the environment of a competitor."""
    environment = Competitor("", "ours", ()).environment()
    command = [str(part) for part in command]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise CompetitorFailed(f"{' '.join(command)} ended with exit code {done.returncode}")
    return done.stdout
