// Ravine's kernels one by one, on the sizes of the reference network and of the d = 100 ensemble.

#include <cstdint>
#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/kernels/activation.hpp"
#include "ravine/kernels/byte_matrix.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/measured_step.hpp"
#include "ravine/kernels/measurement_pass.hpp"
#include "ravine/kernels/softmax.hpp"
#include "ravine/kernels/sparse_byte_matrix.hpp"
#include "ravine/kernels/symmetric_panel.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/random/random.hpp"

namespace {

using ravine::AlignedBuffer;
using ravine::MatrixView;

constexpr std::size_t kBatch = 128, kInputs = 784, kWidth = 128, kClasses = 10;
constexpr std::size_t kUnknowns = 5050, kMeasurements = 64;  // svec rows of d = 100, in cache

template <class T>
AlignedBuffer<T> random_numbers(std::size_t count) {
  AlignedBuffer<T> numbers(count);
  ravine::RandomStream(1, "bench").fill_normal(numbers);
  return numbers;
}

std::size_t size_of(std::int64_t argument) { return static_cast<std::size_t>(argument); }

void count_flops(benchmark::State& state, double flops) {
  state.counters["flops"] =
      benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

/// C = A B, arguments m, n, k.
void matmul(benchmark::State& state) {
  const std::size_t m = size_of(state.range(0)), n = size_of(state.range(1));
  const std::size_t k = size_of(state.range(2));
  const auto a = random_numbers<float>(m * k), b = random_numbers<float>(k * n);
  AlignedBuffer<float> c(m * n);
  for (auto _ : state) {
    ravine::matmul(MatrixView(a.data(), m, k), MatrixView(b.data(), k, n),
                   MatrixView(c.data(), m, n));
    benchmark::DoNotOptimize(c.data());
  }
  count_flops(state, 2.0 * static_cast<double>(m * n * k));
}
BENCHMARK(matmul)->Args({kBatch, kWidth, kInputs})->Args({kBatch, kWidth, kWidth});
BENCHMARK(matmul)->Args({kBatch, kClasses, kWidth})->Args({kBatch, kWidth, kClasses});

/// C = A^T B, arguments m, n, k.
void matmul_transposed(benchmark::State& state) {
  const std::size_t m = size_of(state.range(0)), n = size_of(state.range(1));
  const std::size_t k = size_of(state.range(2));
  const auto a = random_numbers<float>(k * m), b = random_numbers<float>(k * n);
  AlignedBuffer<float> c(m * n);
  for (auto _ : state) {
    ravine::matmul_transposed(MatrixView(a.data(), k, m), MatrixView(b.data(), k, n),
                              MatrixView(c.data(), m, n));
    benchmark::DoNotOptimize(c.data());
  }
  count_flops(state, 2.0 * static_cast<double>(m * n * k));
}
BENCHMARK(matmul_transposed)->Args({kWidth, kInputs, kBatch})->Args({kWidth, kWidth, kBatch});
BENCHMARK(matmul_transposed)->Args({kClasses, kWidth, kBatch});

/// C = A B^T, arguments m, n, k.
void matmul_by_transposed(benchmark::State& state) {
  const std::size_t m = size_of(state.range(0)), n = size_of(state.range(1));
  const std::size_t k = size_of(state.range(2));
  const auto a = random_numbers<float>(m * k), b = random_numbers<float>(n * k);
  AlignedBuffer<float> c(m * n);
  for (auto _ : state) {
    ravine::matmul_by_transposed(MatrixView(a.data(), m, k), MatrixView(b.data(), n, k),
                                 MatrixView(c.data(), m, n));
    benchmark::DoNotOptimize(c.data());
  }
  count_flops(state, 2.0 * static_cast<double>(m * n * k));
}
BENCHMARK(matmul_by_transposed)->Args({kBatch, kWidth, kInputs})->Args({kBatch, kWidth, kWidth});

/// A mini-batch of images of the reference network's size, as X keeps them. One with many zeros is
/// much like MNIST: 19 % of the pixels are not black, in strokes 4 pixels wide, and half of the
/// places are black in all images.
template <class X>
struct Images {
  static constexpr bool kSparse = std::is_same_v<X, ravine::SparseByteMatrix>;
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kBatch * kInputs, 100);
  std::vector<std::uint32_t> chosen = std::vector<std::uint32_t>(kBatch);
  X x;

  Images() {
    const auto strokes = random_numbers<float>(bytes.size() / 4);
    for (std::size_t i = 0; kSparse && i < bytes.size(); ++i) {
      if (i / 4 % 2 == 0 || strokes[i / 4] < 0.3f) bytes[i] = 0;
    }
    std::iota(chosen.begin(), chosen.end(), 0U);
    x.reserve(kBatch, kInputs, ravine::ByteMatrix::Products::all);
    assign();
  }
  void assign() { x.assign({bytes.data(), kBatch, kInputs}, chosen, 0.01f, -0.4f); }
};

template <class X>
bool skip_without_byte_products(benchmark::State& state) {
  if (std::is_same_v<X, ravine::SparseByteMatrix> || ravine::has_byte_products()) return false;
  state.SkipWithError("no matrix instructions for bytes");
  return true;
}

template <class X>
void assign_bytes(benchmark::State& state) {
  if (skip_without_byte_products<X>(state)) return;
  Images<X> images;
  for (auto _ : state) {
    images.assign();
    benchmark::ClobberMemory();
  }
}
BENCHMARK(assign_bytes<ravine::ByteMatrix>)->Name("assign_bytes");
BENCHMARK(assign_bytes<ravine::SparseByteMatrix>)->Name("assign_sparse_bytes");

/// The first layer's outputs before activation.
template <class X>
void bytes_by_transposed(benchmark::State& state) {
  if (skip_without_byte_products<X>(state)) return;
  const Images<X> images;
  const auto w = random_numbers<float>(kWidth * kInputs);
  AlignedBuffer<float> z(kBatch * kWidth);
  for (auto _ : state) {
    ravine::matmul_by_transposed(images.x, MatrixView(w.data(), kWidth, kInputs),
                                 MatrixView(z.data(), kBatch, kWidth));
    benchmark::DoNotOptimize(z.data());
  }
  count_flops(state, 2.0 * kBatch * kWidth * kInputs);
}
BENCHMARK(bytes_by_transposed<ravine::ByteMatrix>)->Name("bytes_by_transposed");
BENCHMARK(bytes_by_transposed<ravine::SparseByteMatrix>)->Name("sparse_bytes_by_transposed");

/// The gradient of its weights.
template <class X>
void transposed_by_bytes(benchmark::State& state) {
  if (skip_without_byte_products<X>(state)) return;
  const Images<X> images;
  const auto delta = random_numbers<float>(kBatch * kWidth);
  AlignedBuffer<float> g(kWidth * kInputs);
  for (auto _ : state) {
    ravine::matmul_transposed(MatrixView(delta.data(), kBatch, kWidth), images.x,
                              MatrixView(g.data(), kWidth, kInputs));
    benchmark::DoNotOptimize(g.data());
  }
  count_flops(state, 2.0 * kBatch * kWidth * kInputs);
}
BENCHMARK(transposed_by_bytes<ravine::ByteMatrix>)->Name("transposed_by_bytes");
BENCHMARK(transposed_by_bytes<ravine::SparseByteMatrix>)->Name("transposed_by_sparse_bytes");

void relu(benchmark::State& state) {
  auto z = random_numbers<float>(kBatch * kWidth);
  for (auto _ : state) {
    ravine::activate(ravine::Activation::relu, z);
    benchmark::DoNotOptimize(z.data());
  }
}
BENCHMARK(relu);

void softmax_nll(benchmark::State& state) {
  const auto logits = random_numbers<float>(kBatch * kClasses);
  AlignedBuffer<float> delta(logits.size());
  const std::vector<std::uint8_t> labels(kBatch, 3);
  std::vector<double> losses(kBatch);
  for (auto _ : state) {
    ravine::softmax_nll(MatrixView(logits.data(), kBatch, kClasses), labels, 1.0 / kBatch,
                        MatrixView(delta.data(), kBatch, kClasses), losses);
    benchmark::DoNotOptimize(delta.data());
  }
}
BENCHMARK(softmax_nll);

/// A batch of images from bytes to normalised floats.
void affine_from_bytes(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes(kBatch * kInputs, 100);
  AlignedBuffer<float> out(bytes.size());
  for (auto _ : state) {
    ravine::affine_from_bytes(bytes, 0.01, -0.4, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(affine_from_bytes);

/// The norm of the first layer's gradient.
void squared_norm(benchmark::State& state) {
  const auto x = random_numbers<float>(kWidth * kInputs);
  for (auto _ : state) benchmark::DoNotOptimize(ravine::squared_norm(x));
}
BENCHMARK(squared_norm);

/// An update of the first layer's weights: nothing found on the way, norms of the gradient, of the
/// weights too, inner products with the last gradient too.
void update(benchmark::State& state) {
  const auto x = random_numbers<float>(kWidth * kInputs), before = x;
  auto y = x;
  const std::span<const float> gradient = x, last = before;
  for (auto _ : state) {
    if (state.range(0) == 0) {
      ravine::add_scaled(1e-3, gradient, y);
    } else {
      benchmark::DoNotOptimize(ravine::add_scaled_and_measure(
          1e-3, gradient, state.range(0) == 3 ? last : last.first(0), y, state.range(0) >= 2));
    }
    benchmark::DoNotOptimize(y.data());
  }
}
BENCHMARK(update)->DenseRange(0, 3);

/// Residuals and adjoints of a block of measurements in cache; the argument is the number of
/// candidates.
void measurement_pass(benchmark::State& state) {
  const std::size_t candidates = size_of(state.range(0));
  const auto rows = random_numbers<float>(kMeasurements * kUnknowns);
  const auto x = random_numbers<double>(candidates * kUnknowns);
  const std::vector<double> values(kMeasurements);
  AlignedBuffer<double> residuals(candidates * kMeasurements), adjoint(candidates * kUnknowns);
  for (auto _ : state) {
    ravine::measurement_pass(MatrixView(rows.data(), kMeasurements, kUnknowns), values,
                             MatrixView(x.data(), candidates, kUnknowns),
                             MatrixView(residuals.data(), candidates, kMeasurements),
                             MatrixView(adjoint.data(), candidates, kUnknowns));
    benchmark::DoNotOptimize(adjoint.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(rows.size() * 4));
  count_flops(state, 4.0 * static_cast<double>(candidates * rows.size()));
}
BENCHMARK(measurement_pass)->Arg(1)->Arg(2)->Arg(5)->Arg(6);

/// A panel of a symmetric matrix; the argument is the number of vectors.
void symmetric_panel(benchmark::State& state) {
  const std::size_t vectors = size_of(state.range(0));
  const auto panel = random_numbers<double>(kMeasurements * kUnknowns);
  const auto x = random_numbers<double>(vectors * kUnknowns);
  AlignedBuffer<double> y(vectors * kUnknowns);
  for (auto _ : state) {
    ravine::symmetric_panel({panel.data(), kMeasurements, kUnknowns},
                            MatrixView(x.data(), vectors, kUnknowns),
                            MatrixView(y.data(), vectors, kUnknowns));
    benchmark::DoNotOptimize(y.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(panel.size() * 8));
  count_flops(state, 4.0 * static_cast<double>(vectors * panel.size()));
}
BENCHMARK(symmetric_panel)->Arg(1)->Arg(2)->Arg(5)->Arg(6);

void fill_normal(benchmark::State& state) {
  AlignedBuffer<float> out(1 << 16);
  const ravine::RandomStream stream(1, "bench");
  for (auto _ : state) {
    stream.fill_normal(out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(fill_normal);

}  // namespace

BENCHMARK_MAIN();
