"""MNIST as PyTorch programs hold it: normalised float32 in memory."""

import gzip
from pathlib import Path

import numpy


def read_idx(folder, name):
    """The numbers of one IDX file, plain or gzip."""
    path = Path(folder) / name
    content = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    header = 4 + 4 * content[3]
    shape = numpy.frombuffer(content[4:header], ">u4")
    return numpy.frombuffer(content, numpy.uint8, offset=header).reshape(shape)


def load(folder):
    """(60000, 784) float32 with mean 0 and standard deviation 1, and the labels as int64."""
    pixels = read_idx(folder, "train-images-idx3-ubyte").reshape(-1, 784).astype(numpy.float32)
    pixels /= 255
    mean, deviation = pixels.mean(dtype=numpy.float64), pixels.std(dtype=numpy.float64, ddof=1)
    images = ((pixels - mean) / deviation).astype(numpy.float32)
    return images, read_idx(folder, "train-labels-idx1-ubyte").astype(numpy.int64)
