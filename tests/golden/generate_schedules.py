#!/usr/bin/env python3
"""The learning rates of torch.optim.lr_scheduler's schedules, step by step, in float64.

usage: generate_schedules.py [OUT_FOLDER]

OUT_FOLDER defaults to this file's folder.
"""

import csv
import pathlib
import sys
import warnings

import torch
from torch.optim import lr_scheduler

STEPS = 60
RATE = 0.1

# Ravine's schedule, warm_up, period, drop_factor, end_rate; the end is STEPS.
CASES = [
    ("constant", 0, 1, 0.1, 0.0),
    ("constant", 7, 1, 0.1, 0.0),
    ("step", 0, 13, 0.3, 0.0),
    ("step", 5, 10, 0.5, 0.0),
    ("cosine", 0, 1, 0.1, 0.0),
    ("cosine", 11, 1, 0.1, 0.004),
]


def scheduler_of(optimizer, kind, warm_up, period, factor, end_rate):
    schedulers = []
    if warm_up:
        schedulers.append(
            lr_scheduler.LinearLR(optimizer, start_factor=1 / (warm_up + 1), total_iters=warm_up)
        )
    if kind == "step":
        schedulers.append(lr_scheduler.StepLR(optimizer, step_size=period, gamma=factor))
    elif kind == "cosine":
        length = STEPS - warm_up
        schedulers.append(lr_scheduler.CosineAnnealingLR(optimizer, length, eta_min=end_rate))
    else:
        schedulers.append(lr_scheduler.ConstantLR(optimizer, factor=1.0))
    if warm_up:
        return lr_scheduler.SequentialLR(optimizer, schedulers, milestones=[warm_up])
    return schedulers[0]


def rates_of(case):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    scheduler = scheduler_of(optimizer, *case)
    for _ in range(STEPS):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] == ["--help"]:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")  # SequentialLR itself uses an argument that is going away
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else pathlib.Path(__file__).parent
    with open(out / "schedules.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["schedule", "warm_up", "period", "drop_factor", "end_rate", "step", "rate"])
        for case in CASES:
            for step, rate in enumerate(rates_of(case)):
                writer.writerow([*case, step, rate])


if __name__ == "__main__":
    main()
