"""What a reader needs to know of the machine and the programs behind the numbers."""

import os
import platform
import re
import subprocess
from pathlib import Path

PACKAGES = (
    "python3-torch libtorch-dev python3-numpy libopenblas0-pthread libdnnl-dev libxsmm-dev "
    "libbenchmark-dev libhwy-dev g++"
).split()


def _text(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _package_versions():
    versions = {}
    for name in PACKAGES:
        version = _text(["dpkg-query", "--show", "--showformat=${Version}", name])
        if version:
            versions[name] = version
    return versions


def _system():
    text = Path("/etc/os-release").read_text()
    return re.search(r'^PRETTY_NAME="?([^"\n]*)', text, re.MULTILINE).group(1)


def _caches():
    """Sizes as the kernel gives them, e.g. {"L2": "1024K"}."""
    sizes = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = (index / "type").read_text().strip()
        if kind != "Instruction":
            level = (index / "level").read_text().strip()
            sizes[f"L{level}"] = (index / "size").read_text().strip()
    return sizes


def cpu_name():
    match = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match.group(1) if match else platform.machine()


def describe(bench):
    return {
        "cpu": cpu_name(),
        "processors": len(os.sched_getaffinity(0)),
        "caches": _caches(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": _system(),
        "kernel": platform.release(),
        "ravine": _text([str(bench.ravine), "--version"]),
        "commit": _text(["git", "-C", str(bench.source), "rev-parse", "HEAD"]),
        "uncommitted_changes": bool(
            _text(["git", "-C", str(bench.source), "status", "--porcelain", "-uno"])
        ),
        "packages": _package_versions(),
    }
