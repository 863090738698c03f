"""Ravine's kernels one by one, with Google Benchmark."""

import json

from harness.competitor import output_of
from harness.section import Section


def measure(bench):
    section = Section("kernels", "Kernels, 1 thread")
    bench.say("kernels")
    bench.wait_for_quiet()
    seconds = 0.02 if bench.quick else 0.2
    output = output_of(
        [bench.program("kernels"), "--benchmark_format=json", f"--benchmark_min_time={seconds}"]
    )
    section.details["kernels"] = [
        {
            "name": kernel["name"],
            "nanoseconds": kernel["real_time"],
            **{
                key: kernel[key]
                for key in ("flops", "bytes_per_second", "items_per_second")
                if key in kernel
            },
        }
        for kernel in json.loads(output)["benchmarks"]
        if not kernel.get("error_occurred")  # what this machine cannot do
    ]
    return section
