#!/usr/bin/env python3
"""Nine steps of SGD by PyTorch on small networks with everything that can be added to a plain one.

usage: generate_networks.py [OUT_FOLDER]

OUT_FOLDER defaults to this file's folder.
"""

import json
import pathlib
import sys

import torch
from torch import nn

INPUTS, CLASSES, SAMPLES, BATCH_SIZE, STEPS = 6, 4, 22, 8, 9
SCALE, SHIFT = 2 / 255, -0.5
LEARNING_RATE = 0.1

PLAIN = {
    "hidden": [5, 5, 5],
    "activation": "tanh",
    "bias": False,
    "normalisation": "none",
    "residual": False,
    "loss": "nll",
    "clip_norm": 0.0,
    "clip_value": 0.0,
}
CASES = {
    "plain": {},
    "mse": {"loss": "mse", "bias": True},
    "clip-norm": {"clip_norm": 0.1},
    "clip-value": {"clip_value": 0.02, "bias": True},
    "layer": {"normalisation": "layer"},
    "layer-gelu-bias": {"normalisation": "layer", "activation": "gelu", "bias": True},
    "batch": {"normalisation": "batch"},
    "batch-relu-mse": {"normalisation": "batch", "activation": "relu", "loss": "mse"},
    "residual": {"residual": True, "hidden": [5, 5, 5, 5], "bias": True},
    "residual-layer-relu": {"residual": True, "normalisation": "layer", "activation": "relu"},
    "residual-batch-silu": {"residual": True, "normalisation": "batch", "activation": "silu"},
    "all-clipped": {"residual": True, "normalisation": "batch", "bias": True, "clip_norm": 0.3},
}
ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU}


class Network(nn.Module):
    """Modules layer1, norm1, layer2, ...: x <- f(norm(layer(x))), plus x where widths allow."""

    def __init__(self, case):
        super().__init__()
        self.residual = case["residual"]
        self.depth = len(case["hidden"]) + 1
        self.activation = ACTIVATIONS[case["activation"]]()
        norm = {"layer": nn.LayerNorm, "batch": nn.BatchNorm1d}.get(case["normalisation"])
        widths = [INPUTS, *case["hidden"], CLASSES]
        for number in range(1, self.depth + 1):
            shape = widths[number - 1 : number + 1]
            self.add_module(f"layer{number}", nn.Linear(*shape, bias=case["bias"]))
            if number < self.depth:
                self.add_module(f"norm{number}", norm(shape[1]) if norm else nn.Identity())

    def forward(self, x):
        modules = dict(self.named_children())
        for number in range(1, self.depth):
            y = modules[f"norm{number}"](modules[f"layer{number}"](x))
            y = self.activation(y)
            x = x + y if self.residual and number > 1 else y
        return modules[f"layer{self.depth}"](x)


def loss_of(case, outputs, labels):
    if case["loss"] == "nll":
        return nn.functional.nll_loss(nn.functional.log_softmax(outputs, dim=1), labels)
    return nn.functional.mse_loss(outputs, nn.functional.one_hot(labels, CLASSES).double())


def clip(case, parameters):
    if case["clip_norm"]:
        nn.utils.clip_grad_norm_(parameters, case["clip_norm"])
    if case["clip_value"]:
        nn.utils.clip_grad_value_(parameters, case["clip_value"])


def state_of(model):
    """The state_dict as nested lists, but for the batches that batch norm has counted."""
    state = model.state_dict()
    return {k: v.tolist() for k, v in state.items() if not k.endswith("num_batches_tracked")}


def norms_of(model):
    return {name: p.grad.norm().item() for name, p in model.named_parameters()}


def train(case, images, labels):
    torch.manual_seed(1)
    model = Network(case).double()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.startswith("norm"):
                p += 0.3 * torch.randn_like(p)
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    case = {**case, "initial": state_of(model), "steps": []}
    per_epoch = -(-SAMPLES // BATCH_SIZE)
    for step in range(STEPS):
        first = step % per_epoch * BATCH_SIZE
        optimizer.zero_grad()
        batch = slice(first, first + BATCH_SIZE)
        loss = loss_of(case, model(images[batch]), labels[batch])
        loss.backward()
        norms = norms_of(model)
        clip(case, model.parameters())
        case["steps"].append({"loss": loss.item(), "norms": norms, "clipped": norms_of(model)})
        optimizer.step()
    model.eval()
    outputs = model(images)
    case["final"] = state_of(model)
    case["evaluation"] = {
        "loss": loss_of(case, outputs, labels).item(),
        "accuracy": (outputs.argmax(dim=1) == labels).double().mean().item(),
    }
    return case


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] == ["--help"]:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else pathlib.Path(__file__).parent
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (SAMPLES, INPUTS), generator=generator)
    labels = torch.randint(0, CLASSES, (SAMPLES,), generator=generator)
    images = pixels.double() * SCALE + SHIFT
    result = {
        "inputs": INPUTS,
        "classes": CLASSES,
        "batch_size": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "scale": SCALE,
        "shift": SHIFT,
        "pixels": pixels.flatten().tolist(),
        "labels": labels.tolist(),
        "cases": [{"name": n, **train({**PLAIN, **c}, images, labels)} for n, c in CASES.items()],
    }
    (out / "networks.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
