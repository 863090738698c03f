#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/activation.hpp"
#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/measured_step.hpp"
#include "ravine/kernels/measurement_pass.hpp"
#include "ravine/kernels/row_products.hpp"
#include "ravine/kernels/row_statistics.hpp"
#include "ravine/kernels/successive.hpp"
#include "ravine/kernels/symmetric_panel.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "support/instruction_sets.hpp"
#include "support/page_end_buffer.hpp"

// No kernel touches what lies behind its arrays: reading on to the end of a vector would crash a
// program whose array ends with its last page. These tests fail by a signal.

namespace ravine {
namespace {

using testing::PageEndBuffer;

class PageEnd : public testing::WithInstructionSet {};

template <class T>
void multiply_at_page_end(std::size_t m, std::size_t n, std::size_t k) {
  const PageEndBuffer<T> a(m * k, "A"), b(k * n, "B"), c(m * n, "C");
  const MatrixView<T> product(c.data(), m, n);
  for (const Store store : {Store::overwrite, Store::accumulate}) {
    matmul(MatrixView<const T>(a.data(), m, k), MatrixView<const T>(b.data(), k, n), product,
           store);
    matmul_transposed(MatrixView<const T>(a.data(), k, m), MatrixView<const T>(b.data(), k, n),
                      product, store);
    matmul_by_transposed(MatrixView<const T>(a.data(), m, k), MatrixView<const T>(b.data(), n, k),
                         product, store);
    row_products(MatrixView<const T>(a.data(), m, k), MatrixView<const T>(b.data(), n, k), product,
                 store);
  }
}

TEST_P(PageEnd, IsNotCrossedByMatmul) {
  for (const std::size_t n : {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 66}) {
    multiply_at_page_end<float>(7, n, 5);
    multiply_at_page_end<double>(7, n, 5);
    multiply_at_page_end<float>(100, n, 97);
    multiply_at_page_end<float>(1, n, 5);
    multiply_at_page_end<float>(7, n, 1);
    multiply_at_page_end<double>(7, n, 1);
  }
}

template <class T>
void transform_at_page_end(std::size_t size) {
  const PageEndBuffer<T> x(size, "x"), y(size, "y");
  const std::span<const T> in = x.span();
  for (const auto& [name, activation] : kActivations) {
    activate(activation, y.span());
    multiply_by_derivative(activation, in, y.span());
  }
  (void)dot(in, in);
  (void)squared_distance(in, in);
  (void)add_scaled_and_measure(0.5, in, in, y.span(), true);
  (void)square_and_product(in, in);
  std::vector<double> sums(1), squares(1);
  std::vector<std::uint32_t> counts(size);
  row_squares(MatrixView<const T>(x.data(), 1, size), squares);
  row_moments(MatrixView<const T>(x.data(), 1, size), sums, squares);
  count_outside(MatrixView<const T>(x.data(), 1, size), T(0), T(1), counts);
  add_scaled(0.5, in, y.span());
}

TEST_P(PageEnd, IsNotCrossedByElementwiseKernels) {
  for (std::size_t size = 0; size < 70; ++size) {
    transform_at_page_end<float>(size);
    transform_at_page_end<double>(size);
  }
}

TEST_P(PageEnd, IsNotCrossedByBytesAndTheirNumbers) {
  for (std::size_t size = 4; size < 280; size += 4) {
    const PageEndBuffer<float> words(size / 4, "bytes"), numbers(size, "numbers");
    const std::span<const std::uint8_t> bytes(reinterpret_cast<std::uint8_t*>(words.data()), size);
    for (std::size_t skip = 0; skip < 4; ++skip) {
      affine_from_bytes(bytes.subspan(skip), 2, 1, numbers.span().subspan(skip));
      (void)affine_square(bytes.subspan(skip), 2, 1);
    }
  }
}

template <class T>
void measure_at_page_end(std::size_t m, std::size_t p, std::size_t candidates) {
  const PageEndBuffer<T> rows(m * p, "rows");
  const PageEndBuffer<double> values(m, "values"), x(candidates * p, "x");
  const PageEndBuffer<double> residuals(candidates * m, "r"), adjoint(candidates * p, "adjoint");
  measurement_pass(MatrixView<const T>(rows.data(), m, p), values.span(),
                   MatrixView<const double>(x.data(), candidates, p),
                   MatrixView<double>(residuals.data(), candidates, m),
                   MatrixView<double>(adjoint.data(), candidates, p));
}

TEST_P(PageEnd, IsNotCrossedByMeasurementPasses) {
  for (const std::size_t m : {1, 3, 4, 8, 11}) {
    for (const std::size_t p : {1, 3, 7, 8, 9, 15, 17, 66}) {
      for (const std::size_t candidates : {1, 2, 6, 7}) {
        measure_at_page_end<float>(m, p, candidates);
        measure_at_page_end<double>(m, p, candidates);
      }
    }
  }
}

TEST_P(PageEnd, IsNotCrossedBySymmetricPanels) {
  for (const std::size_t h : {1, 3, 8, 11}) {
    for (const std::size_t c : {11, 12, 15, 16, 17, 66}) {
      for (const std::size_t vectors : {1, 2, 6, 7}) {
        const PageEndBuffer<double> panel(h * c, "panel"), x(vectors * c, "x"), y(vectors * c, "y");
        symmetric_panel(SymmetricPanel<const double>{panel.data(), h, c},
                        MatrixView<const double>(x.data(), vectors, c),
                        MatrixView<double>(y.data(), vectors, c));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, PageEnd,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
