"""One epoch of the reference network on MNIST with PyTorch, the gradient norm of every layer at
every step kept in a tensor. --formulation:
  autograd      nn.Linear, cross entropy, backward(), SGD
  hand_written  forward and backward as matrix products into preallocated tensors
"""

import argparse
import itertools
import time

import numpy
import torch

import competitor
import mnist_data

BATCH = 128
LEARNING_RATE = 0.01
WARM_UP_STEPS = 20
VERIFIED_STEPS = 50


class Autograd:
    def __init__(self, weights):
        layers = []
        for weight in weights:
            linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
            linear.weight = torch.nn.Parameter(weight.clone())
            layers += [linear, torch.nn.ReLU()]
        self.model = torch.nn.Sequential(*layers[:-1])
        self.weights = list(self.model.parameters())
        self.optimizer = torch.optim.SGD(self.weights, lr=LEARNING_RATE)

    def step(self, x, y, norms):
        """Moves the weights; fills the norms of this step; returns the loss."""
        self.optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        for weight, norm in zip(self.weights, norms):
            torch.linalg.vector_norm(weight.grad, out=norm)
        self.optimizer.step()
        return loss.detach()


class HandWritten:
    def __init__(self, weights):
        self.weights = [weight.clone() for weight in weights]
        self.gradients = [torch.empty_like(weight) for weight in weights]
        widths = [weight.shape[0] for weight in weights]
        self.outputs = [torch.empty(BATCH, width) for width in widths]
        self.deltas = [torch.empty(BATCH, width) for width in widths]

    @torch.no_grad()
    def step(self, x, y, norms):
        count = len(x)
        outputs = [output[:count] for output in self.outputs]
        deltas = [delta[:count] for delta in self.deltas]
        inputs = [x, *outputs[:-1]]
        for weight, source, output in zip(self.weights, inputs, outputs):
            torch.mm(source, weight.t(), out=output)
            if output is not outputs[-1]:
                output.relu_()
        log_p = torch.log_softmax(outputs[-1], 1)
        torch.exp(log_p, out=deltas[-1])
        rows = torch.arange(count)
        deltas[-1][rows, y] -= 1
        deltas[-1] /= count
        for l in range(len(self.weights) - 1, -1, -1):
            torch.mm(deltas[l].t(), inputs[l], out=self.gradients[l])
            torch.linalg.vector_norm(self.gradients[l], out=norms[l])
            if l > 0:
                torch.mm(deltas[l], self.weights[l], out=deltas[l - 1])
                deltas[l - 1] *= outputs[l - 1] > 0
        torch._foreach_add_(self.weights, self.gradients, alpha=-LEARNING_RATE)
        return -log_p[rows, y].mean()


FORMULATIONS = {"autograd": Autograd, "hand_written": HandWritten}


class Epoch:
    def __init__(self, options):
        images, labels = mnist_data.load(options.data)
        self.images, self.labels = torch.from_numpy(images), torch.from_numpy(labels)
        with numpy.load(options.weights) as archive:
            self.start = [torch.from_numpy(archive[name]) for name in sorted(archive.files)]
        self.formulation = FORMULATIONS[options.formulation]
        self.shuffle = options.shuffle
        self.steps = -(-len(self.images) // BATCH)

    def batches(self, shuffle):
        if not shuffle:
            # Views: in file order no row needs to be copied.
            return zip(self.images.split(BATCH), self.labels.split(BATCH))
        parts = torch.randperm(len(self.images)).split(BATCH)
        return ((self.images[part], self.labels[part]) for part in parts)

    def run(self, network, batches):
        norms = torch.empty(self.steps, len(self.start))
        losses = torch.empty(self.steps)
        for step, (x, y) in enumerate(batches):
            losses[step] = network.step(x, y, norms[step])
        return losses, norms

    def verify(self):
        network = self.formulation(self.start)
        losses, norms = self.run(network, self.batches(False))
        squares = sum(weight.double().square().sum() for weight in network.weights)
        return {
            "first_losses": losses[:VERIFIED_STEPS].tolist(),
            "first_norms": norms[:VERIFIED_STEPS].tolist(),
            "train_nll": losses.double().mean().item(),
            "gradient_norms": norms.double().mean(0).tolist(),
            "weight_norm": squares.sqrt().item(),
        }

    def measure(self):
        network = self.formulation(self.start)
        self.run(network, itertools.islice(self.batches(False), WARM_UP_STEPS))
        network = self.formulation(self.start)
        begin = time.perf_counter()
        self.run(network, self.batches(self.shuffle))
        return {"seconds": time.perf_counter() - begin}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formulation", choices=FORMULATIONS, required=True)
    parser.add_argument("--data", required=True, help="folder of the four IDX files")
    parser.add_argument("--weights", required=True, help=".npz to start from")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shuffle", action="store_true", help="a random order while timing")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    epoch = Epoch(options)
    version = f"PyTorch {torch.__version__}, NumPy {numpy.__version__}"
    competitor.serve({"version": version, "verification": epoch.verify()}, epoch.measure)


if __name__ == "__main__":
    main()
