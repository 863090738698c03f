#!/usr/bin/env python3
"""Fifty steps of SGD on MNIST by PyTorch: initial weights, then loss and gradient norms per step.

usage: generate_mlp.py MNIST_FOLDER [OUT_FOLDER]

MNIST_FOLDER holds the plain IDX files; OUT_FOLDER defaults to this file's folder.
"""

import csv
import pathlib
import sys

import numpy
import torch
from torch import nn

SEED = 1234
HIDDEN_SIZES = [96, 64, 32]
BATCH_SIZE = 128
STEPS = 50
LEARNING_RATE = 0.01
MEAN = 0.1306604763
STANDARD_DEVIATION = 0.3081078071


def read_idx(path, header_bytes):
    return numpy.frombuffer(path.read_bytes(), dtype=numpy.uint8, offset=header_bytes)


def read_batches(folder):
    """(STEPS, BATCH_SIZE, 784) float32 images and (STEPS, BATCH_SIZE) labels, in file order."""
    count = STEPS * BATCH_SIZE
    pixels = read_idx(folder / "train-images-idx3-ubyte", 16)[: count * 784]
    labels = read_idx(folder / "train-labels-idx1-ubyte", 8)[:count]
    images = (pixels / 255.0 - MEAN) / STANDARD_DEVIATION
    return (
        torch.from_numpy(images.astype(numpy.float32)).view(STEPS, BATCH_SIZE, 784),
        torch.from_numpy(labels.astype(numpy.int64)).view(STEPS, BATCH_SIZE),
    )


def make_model():
    torch.manual_seed(SEED)
    modules = []
    inputs = 784
    for outputs in HIDDEN_SIZES:
        modules += [nn.Linear(inputs, outputs, bias=False), nn.ReLU()]
        inputs = outputs
    modules += [nn.Linear(inputs, 10, bias=False), nn.LogSoftmax(dim=1)]
    return nn.Sequential(*modules)


def weights_of(model):
    return [module.weight for module in model if isinstance(module, nn.Linear)]


def loss_with_gradient(model, images, labels):
    model.zero_grad()
    loss = nn.functional.nll_loss(model(images), labels)
    loss.backward()
    return loss


def gradient_norms(model):
    return [weight.grad.double().norm().item() for weight in weights_of(model)]


def check_gradient(images, labels):
    """The gradient of each layer in float64 against central differences, and float32 against it."""
    single, double = make_model(), make_model().double()
    loss_with_gradient(single, images, labels)
    loss_with_gradient(double, images.double(), labels)
    step = 1e-6
    for weight, single_weight in zip(weights_of(double), weights_of(single)):
        direction = torch.randn_like(weight)
        direction /= direction.norm()
        slope = (weight.grad * direction).sum().item()
        start = weight.detach().clone()
        losses = []
        with torch.no_grad():
            for sign in (1, -1):
                weight.copy_(start + sign * step * direction)
                losses.append(nn.functional.nll_loss(double(images.double()), labels).item())
            weight.copy_(start)
        difference = (losses[0] - losses[1]) / (2 * step)
        assert abs(difference - slope) <= 1e-7 * weight.grad.norm().item(), (difference, slope)
        rounding = (single_weight.grad.double() - weight.grad).norm() / weight.grad.norm()
        assert rounding <= 1e-5, rounding.item()


def train(model, images, labels):
    """One row per step: step, loss before the update, gradient norm of each layer."""
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    rows = []
    for step in range(STEPS):
        loss = loss_with_gradient(model, images[step], labels[step])
        rows.append([step + 1, loss.item(), *gradient_norms(model)])
        optimizer.step()
    return rows


def main():
    arguments = [pathlib.Path(argument) for argument in sys.argv[1:]]
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    out = arguments[1] if len(arguments) == 2 else pathlib.Path(__file__).parent
    torch.set_num_threads(1)
    images, labels = read_batches(arguments[0])
    check_gradient(images[0], labels[0])

    model = make_model()
    weights = [weight.detach().numpy() for weight in weights_of(model)]
    names = [f"layer{index + 1}" for index in range(len(weights))]
    numpy.savez(
        out / "mlp_initial_weights.npz",
        **{f"{name}.weight": weight for name, weight in zip(names, weights)},
    )
    with open(out / "mlp_trajectory.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", "loss", *(f"grad_norm.{name}" for name in names)])
        writer.writerows(train(model, images, labels))


if __name__ == "__main__":
    main()
