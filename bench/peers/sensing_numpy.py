"""One iteration of matrix sensing with NumPy on svec rows, loss and gradient norm kept.
--formulation:
  whole   two matrix products with all measurements
  blocks  both products for a block of rows while it is in cache
"""

import argparse
import time
from pathlib import Path

import numpy

import competitor

VERIFIED_ITERATIONS = 50
WARM_UP_ITERATIONS = 3


class Sensing:
    def __init__(self, options):
        folder, dtype = Path(options.instance), numpy.dtype(options.dtype)
        self.rows = numpy.load(folder / "A.npy").astype(dtype, copy=False)
        self.values = numpy.load(folder / "y.npy").astype(dtype)
        self.truth = numpy.load(folder / "X.npy")
        self.start = numpy.load(folder / "U0.npy").astype(dtype)
        self.eta = dtype.type(options.learning_rate)
        self.iterations = options.iterations
        m, p = self.rows.shape
        members, d, _ = self.start.shape
        upper = numpy.triu_indices(d)
        self.upper = upper[0] * d + upper[1]  # svec entry -> place in the upper triangle
        self.lower = upper[1] * d + upper[0]
        self.scale = numpy.where(upper[0] == upper[1], 1, numpy.sqrt(2)).astype(dtype)
        self.x = numpy.empty((members, p), dtype)
        self.adjoint = numpy.empty((members, p), dtype)
        self.residual = numpy.empty((members, m), dtype)
        self.gradients = numpy.empty((members, d, d), dtype)
        block = m if options.formulation == "whole" else options.block_rows
        self.blocks = [slice(begin, min(begin + block, m)) for begin in range(0, m, block)]

    def measure_and_adjoin(self):
        """residual = A x - y and adjoint = A^T residual of every member."""
        if len(self.blocks) == 1:
            self.product(self.x, self.rows.T, self.residual)
            self.residual -= self.values
            self.product(self.residual, self.rows, self.adjoint)
            return
        self.adjoint[:] = 0
        for block in self.blocks:
            rows = self.rows[block]
            residual = self.product(self.x, rows.T)
            residual -= self.values[block]
            self.residual[:, block] = residual
            self.adjoint += self.product(residual, rows)

    @staticmethod
    def product(left, right, out=None):
        if len(left) == 1:  # a vector: BLAS has a routine of its own
            return numpy.dot(left[0], right, out=None if out is None else out[0])[None]
        return numpy.dot(left, right, out=out)

    def step(self, u):
        """Moves u; returns losses and gradient norms before."""
        members, d, _ = u.shape
        m = len(self.values)
        products = numpy.matmul(u, u.transpose(0, 2, 1)).reshape(members, d * d)
        numpy.take(products, self.upper, axis=1, out=self.x)
        self.x *= self.scale
        self.measure_and_adjoin()
        losses = numpy.einsum("km,km->k", self.residual, self.residual) / (2 * m)
        self.adjoint *= 2 / (m * self.scale)
        flat = self.gradients.reshape(members, d * d)
        flat[:, self.upper] = self.adjoint
        flat[:, self.lower] = self.adjoint
        gradient = numpy.matmul(self.gradients, u)
        norms = numpy.sqrt(numpy.einsum("kij,kij->k", gradient, gradient))
        gradient *= self.eta
        u -= gradient
        return losses, norms

    def descend(self, iterations):
        u = self.start.copy()
        record = [self.step(u) for _ in range(iterations)]
        return u, record

    def verify(self):
        u, _ = self.descend(VERIFIED_ITERATIONS)
        x = u.astype(float) @ u.astype(float).transpose(0, 2, 1)
        errors = numpy.linalg.norm(x - self.truth, axis=(1, 2)) / numpy.linalg.norm(self.truth)
        losses, norms = self.step(u)
        return {
            "losses": losses.tolist(),
            "gradient_norms": norms.tolist(),
            "relative_errors": errors.tolist(),
        }

    def measure(self):
        self.descend(WARM_UP_ITERATIONS)
        begin = time.perf_counter()
        self.descend(self.iterations)
        return {"seconds": (time.perf_counter() - begin) / self.iterations}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", required=True, help="folder of sensing_pass --write-instance")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--formulation", choices=["whole", "blocks"], default="whole")
    parser.add_argument("--block-rows", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=50, help="timed at once")
    options = parser.parse_args()
    sensing = Sensing(options)
    greeting = {"version": f"NumPy {numpy.__version__}", "verification": sensing.verify()}
    competitor.serve(greeting, sensing.measure)


if __name__ == "__main__":
    main()
