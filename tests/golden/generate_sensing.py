#!/usr/bin/env python3
"""Fifty iterations of gradient descent on matrix sensing, written straight from the formulas.

usage: generate_sensing.py [OUT_FOLDER]

OUT_FOLDER defaults to this file's folder. Two cases, both computed in float64:

sensing       full (m, d, d) float64 matrices, not symmetric
sensing_svec  (m, p) float32 rows, each svec of a symmetric matrix; every input is rounded to
              float32 first, and what is computed is what follows from the rounded input
"""

import csv
import json
import pathlib
import sys

import numpy

DIMENSION = 12
TRUE_RANK = 2
RANK = 4
MEASUREMENTS = 120
ITERATIONS = 50
STEP = 0.1  # times 1 / sigma_1 gives the learning rate
ALPHA = 0.5


def apply(A, M):
    """The numbers <A_i, M> = trace(A_i^T M)."""
    return numpy.einsum("kij,ij->k", A, M)


def loss(A, y, U):
    residuals = apply(A, U @ U.T) - y
    return residuals @ residuals / (2 * len(y))


def gradient(A, y, U):
    residuals = apply(A, U @ U.T) - y
    return numpy.einsum("k,kij,jl->il", residuals, A + A.transpose(0, 2, 1), U) / len(y)


def check_gradient(A, y, U, random):
    """Central differences in each entry, exact to O(h^2)."""
    analytic = gradient(A, y, U)
    numeric = numpy.empty_like(U)
    h = 1e-5
    for index in numpy.ndindex(*U.shape):
        change = numpy.zeros_like(U)
        change[index] = h
        numeric[index] = (loss(A, y, U + change) - loss(A, y, U - change)) / (2 * h)
    error = numpy.linalg.norm(numeric - analytic) / numpy.linalg.norm(analytic)
    assert error <= 1e-8, error
    # The remainder of the first-order Taylor expansion falls as h^2.
    V = random.standard_normal(U.shape)
    slope = numpy.sum(analytic * V)
    coarse, fine = (abs(loss(A, y, U + h * V) - loss(A, y, U) - h * slope) for h in (1e-2, 1e-3))
    order = numpy.log10(coarse / fine)
    assert abs(order - 2) <= 0.1, order


def descend(A, y, X, U, learning_rate):
    """One row per iteration from the start: iteration, loss, gradient norm, distance."""
    rows = []
    for iteration in range(ITERATIONS + 1):
        step = gradient(A, y, U)
        rows.append(
            [
                iteration,
                float(loss(A, y, U)),
                float(numpy.linalg.norm(step)),
                float(numpy.linalg.norm(U @ U.T - X)),
            ]
        )
        U = U - learning_rate * step
    return rows


def symmetric_from_svec(rows):
    """(m, d, d) symmetric matrices from (m, p) rows: row-major upper triangles whose off-diagonal
    entries carry a factor sqrt(2)."""
    S = numpy.zeros((len(rows), DIMENSION, DIMENSION))
    i, j = numpy.triu_indices(DIMENSION)
    entries = rows / numpy.where(i == j, 1.0, numpy.sqrt(2.0))
    S[:, i, j] = entries
    S[:, j, i] = entries
    return S


def write_case(out, name, stored, matrices, dtype, random):
    """Draws truth and start, writes the four arrays, the settings and the trace of one case."""
    U_true = random.standard_normal((DIMENSION, TRUE_RANK))
    X = (U_true @ U_true.T).astype(dtype)
    y = apply(matrices, X).astype(dtype)
    U = (ALPHA * random.standard_normal((DIMENSION, RANK))).astype(dtype)
    for part, array in {"A": stored, "y": y, "X": X, "U0": U}.items():
        numpy.save(out / f"{name}_{part}.npy", array)

    X, y, U = (array.astype(numpy.float64) for array in (X, y, U))
    check_gradient(matrices, y, U, random)
    learning_rate = STEP / float(numpy.linalg.norm(X, 2))
    (out / f"{name}_settings.json").write_text(
        json.dumps({"learning_rate": learning_rate, "iterations": ITERATIONS}) + "\n"
    )
    with open(out / f"{name}_trajectory.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["iteration", "loss", "gradient_norm", "distance"])
        writer.writerows(descend(matrices, y, X, U, learning_rate))


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] == ["--help"]:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else pathlib.Path(__file__).parent

    random = numpy.random.Generator(numpy.random.PCG64(1234))
    A = random.standard_normal((MEASUREMENTS, DIMENSION, DIMENSION))
    write_case(out, "sensing", A, A, numpy.float64, random)

    random = numpy.random.Generator(numpy.random.PCG64(5678))
    unknowns = DIMENSION * (DIMENSION + 1) // 2
    rows = random.standard_normal((MEASUREMENTS, unknowns)).astype(numpy.float32)
    matrices = symmetric_from_svec(rows.astype(numpy.float64))
    write_case(out, "sensing_svec", rows, matrices, numpy.float32, random)


if __name__ == "__main__":
    main()
