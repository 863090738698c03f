#!/usr/bin/env python3
"""Fifty steps of torch.optim's rules on a chained Rosenbrock function, in float64.

usage: generate_rules.py [OUT_FOLDER]

OUT_FOLDER defaults to this file's folder.
"""

import csv
import json
import pathlib
import sys

import torch

STEPS = 50
START = [-1.2, 1.0, -0.5, 0.8]
CURVATURE = 10.0

# name, torch.optim class, its arguments, Ravine's rule, Ravine's options
CASES = [
    ("sgd", "SGD", {"lr": 0.004}, "sgd", {}),
    ("sgd-decay", "SGD", {"lr": 0.004, "weight_decay": 0.2}, "sgd", {"weight-decay": 0.2}),
    ("momentum", "SGD", {"lr": 0.002, "momentum": 0.9}, "momentum", {"momentum": 0.9}),
    (
        "momentum-decay",
        "SGD",
        {"lr": 0.002, "momentum": 0.7, "weight_decay": 0.2},
        "momentum",
        {"momentum": 0.7, "weight-decay": 0.2},
    ),
    (
        "nesterov-decay",
        "SGD",
        {"lr": 0.002, "momentum": 0.9, "weight_decay": 0.2, "nesterov": True},
        "nesterov",
        {"momentum": 0.9, "weight-decay": 0.2},
    ),
    ("adam", "Adam", {"lr": 0.05}, "adam", {}),
    (
        "adam-decay",
        "Adam",
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.2},
        "adam",
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weight-decay": 0.2},
    ),
    ("adamw", "AdamW", {"lr": 0.05}, "adamw", {}),
    (
        "adamw-decay",
        "AdamW",
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.2},
        "adamw",
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weight-decay": 0.2},
    ),
    ("rmsprop", "RMSprop", {"lr": 0.01}, "rmsprop", {}),
    (
        "rmsprop-decay",
        "RMSprop",
        {"lr": 0.01, "alpha": 0.9, "eps": 1e-3, "weight_decay": 0.2},
        "rmsprop",
        {"decay": 0.9, "epsilon": 1e-3, "weight-decay": 0.2},
    ),
    ("adagrad", "Adagrad", {"lr": 0.2}, "adagrad", {}),
    (
        "adagrad-decay",
        "Adagrad",
        {"lr": 0.2, "eps": 1e-3, "weight_decay": 0.2},
        "adagrad",
        {"epsilon": 1e-3, "weight-decay": 0.2},
    ),
]


def rosenbrock(w):
    return ((1 - w[:-1]) ** 2 + CURVATURE * (w[1:] - w[:-1] ** 2) ** 2).sum()


def trajectory(rule, arguments):
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, rule)([w], **arguments)
    for _ in range(STEPS):
        optimizer.zero_grad()
        rosenbrock(w).backward()
        optimizer.step()
        yield w.tolist()


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] == ["--help"]:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else pathlib.Path(__file__).parent
    cases = [
        {"name": name, "rule": rule, "options": options, "learning_rate": arguments["lr"]}
        for name, _, arguments, rule, options in CASES
    ]
    settings = {"start": START, "curvature": CURVATURE, "cases": cases}
    (out / "rules_settings.json").write_text(json.dumps(settings, indent=1) + "\n")
    with open(out / "rules_trajectory.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["case", "step"] + [f"w{i + 1}" for i in range(len(START))])
        for name, torch_class, arguments, _, _ in CASES:
            for step, w in enumerate(trajectory(torch_class, arguments), start=1):
                writer.writerow([name, step] + w)


if __name__ == "__main__":
    main()
