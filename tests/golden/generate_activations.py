"""Writes activations.csv: every activation and its derivative, by PyTorch in float64.

python3 tests/golden/generate_activations.py
"""

import csv
import pathlib

import torch
import torch.nn.functional as F

ACTIVATIONS = {
    "identity": lambda z: z * 1,
    "relu": F.relu,
    "leaky-relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": lambda z: F.softplus(z, threshold=100),  # 20, the default, rounds e^-20 away
}


def check_against_differences(function, z, slope):
    """Away from 0, where some slopes jump."""
    h = 1e-6
    difference = (function(z + h) - function(z - h)) / (2 * h)
    assert torch.where(z == 0, 0, (slope - difference).abs()).max() < 1e-8


def main():
    z = torch.cat([torch.arange(-40, 41, dtype=torch.float64) / 8, torch.tensor([-30.0, -12.0, 12.0, 30.0])])
    columns = {"z": z}
    for name, function in ACTIVATIONS.items():
        point = z.clone().requires_grad_()
        value = function(point)
        (slope,) = torch.autograd.grad(value.sum(), point)
        check_against_differences(function, z, slope)
        columns[name] = value.detach()
        columns[name + " derivative"] = slope
    path = pathlib.Path(__file__).with_name("activations.csv")
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values())))


main()
