// Our matrix product against oneDNN, OpenBLAS and libxsmm on the products of a training step, over
// a grid of widths and batch sizes, and on the layers of the reference network: all
// single-threaded, as a training step calls them on its share of the rows. All read the operands as
// a step has them, the weights as (outputs, inputs). Prints one line of JSON a shape. Refuses to
// time a shape on which a competitor's result is another.

#include <algorithm>
#include <cblas.h>
#include <cmath>
#include <dnnl.h>
#include <functional>
#include <iostream>
#include <libxsmm.h>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/error.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/row_products.hpp"
#include "ravine/random/random.hpp"
#include "support/competitor.hpp"

namespace ravine::bench {
namespace {

constexpr double kSecondsPerTiming = 2e-3;
constexpr double kTolerance = 1e-5;  // Frobenius norm of the difference over that of the result

/// C = A B of a training step. C: (m, n); A: (m, k), of a weight gradient stored as (k, m); B: (k,
/// n), of a forward product stored as (n, k).
struct Shape {
  std::string product;  // forward, input gradient, weight gradient
  std::size_t m = 0, n = 0, k = 0;
  bool a_is_transposed() const { return product == "weight gradient"; }
  bool b_is_transposed() const { return product == "forward"; }
  std::size_t a_stride() const { return a_is_transposed() ? m : k; }
  std::size_t b_stride() const { return b_is_transposed() ? k : n; }
  double flops() const { return 2.0 * static_cast<double>(m * n * k); }
};

struct Operands {
  const float* a;
  const float* b;
  float* c;
};

using Product = std::function<void()>;

Product ravine_product(const Shape& s, const Operands& o) {
  const MatrixView<float> c(o.c, s.m, s.n);
  const MatrixView<const float> a(o.a, s.m * s.k / s.a_stride(), s.a_stride());
  const MatrixView<const float> b(o.b, s.n * s.k / s.b_stride(), s.b_stride());
  if (s.a_is_transposed()) return [=] { matmul_transposed(a, b, c); };
  if (!s.b_is_transposed()) return [=] { matmul(a, b, c); };
  if (row_products_repay(s.m, s.k)) return [=] { row_products(a, b, c); };
  return [=] { matmul_by_transposed(a, b, c); };
}

Product onednn_product(const Shape& s, const Operands& o) {
  const auto m = static_cast<dnnl_dim_t>(s.m), n = static_cast<dnnl_dim_t>(s.n);
  const auto k = static_cast<dnnl_dim_t>(s.k);
  const auto lda = static_cast<dnnl_dim_t>(s.a_stride()),
             ldb = static_cast<dnnl_dim_t>(s.b_stride());
  const char a = s.a_is_transposed() ? 'T' : 'N', b = s.b_is_transposed() ? 'T' : 'N';
  return [=] { dnnl_sgemm(a, b, m, n, k, 1, o.a, lda, o.b, ldb, 0, o.c, n); };
}

Product openblas_product(const Shape& s, const Operands& o) {
  const auto m = static_cast<blasint>(s.m), n = static_cast<blasint>(s.n);
  const auto k = static_cast<blasint>(s.k);
  const auto lda = static_cast<blasint>(s.a_stride()), ldb = static_cast<blasint>(s.b_stride());
  const CBLAS_TRANSPOSE a = s.a_is_transposed() ? CblasTrans : CblasNoTrans;
  const CBLAS_TRANSPOSE b = s.b_is_transposed() ? CblasTrans : CblasNoTrans;
  return [=] { cblas_sgemm(CblasRowMajor, a, b, m, n, k, 1, o.a, lda, o.b, ldb, 0, o.c, n); };
}

/// Nothing where libxsmm has no kernel; it makes them for products that fit into the caches. It has
/// none for stored (n, k), which it transposes first, by a kernel of its own.
Product libxsmm_product(const Shape& s, const Operands& o) {
  constexpr double kLargest = 2.0 * 512 * 512 * 512;
  if (s.flops() > kLargest) return {};
  const auto m = static_cast<libxsmm_blasint>(s.m), n = static_cast<libxsmm_blasint>(s.n);
  const auto k = static_cast<libxsmm_blasint>(s.k);
  // Column-major: C^T = B^T A^T, where row-major B is B^T already.
  const auto lda = static_cast<libxsmm_blasint>(s.a_stride());
  const float alpha = 1, beta = 0;
  const int flags = s.a_is_transposed() ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const libxsmm_smmfunction kernel =
      libxsmm_smmdispatch(n, m, k, &n, &lda, &n, &alpha, &beta, &flags, nullptr);
  if (kernel == nullptr) return {};
  if (!s.b_is_transposed()) return [=] { kernel(o.b, o.a, o.c); };
  return [=, b = AlignedBuffer<float>(s.k * s.n)]() mutable {
    libxsmm_otrans(b.data(), o.b, sizeof(float), k, n, k, n);
    kernel(b.data(), o.a, o.c);
  };
}

struct Competitor {
  const char* name;
  Product (*make)(const Shape&, const Operands&);
};

constexpr Competitor kCompetitors[] = {
    {"ravine", ravine_product},
    {"onednn", onednn_product},
    {"openblas", openblas_product},
    {"libxsmm", libxsmm_product},
};

struct Entry {
  std::string name;
  Product product;
  int repetitions = 1;
  std::vector<double> rates;  // flops a second, one a round
};

double seconds_of(const Entry& entry) {
  const Timer timer;
  for (int i = 0; i < entry.repetitions; ++i) entry.product();
  return timer.elapsed_seconds() / entry.repetitions;
}

/// |c - expected|_F / |expected|_F.
double relative_difference(std::span<const float> c, std::span<const float> expected) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    const double e = expected[i];
    difference += (c[i] - e) * (c[i] - e);
    norm += e * e;
  }
  return std::sqrt(difference / norm);
}

/// The competitors that have a product for this shape, warm, each with the same result.
std::vector<Entry> prepare(const Shape& shape, const Operands& operands, std::span<float> c) {
  std::vector<Entry> entries;
  std::vector<float> expected;
  for (const Competitor& competitor : kCompetitors) {
    Entry entry{competitor.name, competitor.make(shape, operands), 1, {}};
    if (!entry.product) continue;
    std::ranges::fill(c, NAN);
    entry.product();
    if (expected.empty()) expected.assign(c.begin(), c.end());
    const double difference = relative_difference(c, expected);
    if (!(difference <= kTolerance)) {
      throw DataError(
          error_text("product_shapes",
                     fmt::format("{} on {} x {} x {}", entry.name, shape.m, shape.n, shape.k),
                     fmt::format("our result within {}", kTolerance),
                     fmt::format("a relative difference of {:.3g}", difference)));
    }
    const double seconds = std::max(1e-9, seconds_of(entry));
    entry.repetitions = static_cast<int>(std::ceil(kSecondsPerTiming / seconds));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Json measure(const Shape& shape, int rounds) {
  AlignedBuffer<float> a(shape.m * shape.k), b(shape.k * shape.n), c(shape.m * shape.n);
  RandomStream(1, "a").fill_uniform(a, -1, 1);
  RandomStream(1, "b").fill_uniform(b, -1, 1);
  std::vector<Entry> entries = prepare(shape, {a.data(), b.data(), c.data()}, c);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      Entry& entry = entries[(i + static_cast<std::size_t>(round)) % entries.size()];
      entry.rates.push_back(shape.flops() / seconds_of(entry));
    }
  }
  Json rates;
  for (const Entry& entry : entries) rates[entry.name] = entry.rates;
  return {{"product", shape.product},
          {"m", shape.m},
          {"n", shape.n},
          {"k", shape.k},
          {"flops_per_second", rates}};
}

/// The three products of a layer: X W^T, delta W and delta^T X.
std::vector<Shape> layer_shapes(std::size_t batch, std::size_t inputs, std::size_t outputs) {
  return {{"forward", batch, outputs, inputs},
          {"weight gradient", outputs, inputs, batch},
          {"input gradient", batch, inputs, outputs}};
}

}  // namespace
}  // namespace ravine::bench

int main(int argc, char** argv) {
  using namespace ravine;
  CLI::App app("Matrix products of a training step, ours and others'", "product_shapes");
  std::vector<std::size_t> widths = {10, 32, 64, 128, 256, 512, 1024, 2048, 4096};
  std::vector<std::size_t> batches = {1, 8, 32, 128, 512, 2048, 8192};
  int rounds = 5;
  app.add_option("--widths", widths)->delimiter(',');
  app.add_option("--batches", batches)->delimiter(',');
  app.add_option("--rounds", rounds)->check(CLI::PositiveNumber);
  return bench::run_program(app, argc, argv, [&] {
    std::vector<bench::Shape> shapes;
    const auto add = [&](std::size_t batch, std::size_t inputs, std::size_t outputs) {
      for (bench::Shape& s : bench::layer_shapes(batch, inputs, outputs)) shapes.push_back(s);
    };
    add(128, 784, 128);  // the reference network's first layer,
    add(128, 128, 10);   // and its last
    for (const std::size_t width : widths) {
      for (const std::size_t batch : batches) add(batch, width, width);
    }
    for (const bench::Shape& shape : shapes) {
      std::cout << bench::measure(shape, rounds).dump() << std::endl;
    }
  });
}
