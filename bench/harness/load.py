"""How busy other programs keep the processors: they spoil what is measured meanwhile."""

import os
import time
from pathlib import Path

QUIET_SHARE = 0.03


def _busy_seconds_of_all():
    """Processor time that anything used since the machine started, and that a host took away."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    guests = sum(fields[8:])  # counted in user time already
    return (sum(fields) - guests - idle) / os.sysconf("SC_CLK_TCK")


def _busy_seconds_of(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Meter:
    """Measures from its construction on which share of the processors' time went to others than
    this program and `pids`."""

    def __init__(self, pids=()):
        self.pids = [os.getpid(), *pids]
        self.begin = self._now()

    def _now(self):
        own = sum(_busy_seconds_of(pid) for pid in self.pids)
        return time.monotonic(), _busy_seconds_of_all() - own

    def other_programs_share(self):
        elapsed, busy = (end - begin for end, begin in zip(self._now(), self.begin))
        return max(0.0, busy / (elapsed * os.cpu_count()))


def wait_for_quiet(seconds):
    """Returns when other programs leave the processors alone, or after so many seconds; returns how
    many have passed."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        meter = Meter()
        time.sleep(0.5)
        if meter.other_programs_share() <= QUIET_SHARE:
            break
    return time.monotonic() - begin
