#include "ravine/kernels/matmul.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/ref/matmul.hpp"
#include "ravine/kernels/row_products.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::GuardedMatrix;
using testing::Placement;
using testing::same_bits;

// 0, 1, 3, 7, N - 1, N, N + 1, 3 N, 8 N + 2 for the 16 floats of a 512-bit vector.
const std::vector<std::size_t> kSizes = {0, 1, 3, 7, 15, 16, 17, 48, 130};

struct Shape {
  std::size_t m, n, k;
};

enum class Form { plain, transposed, by_transposed, row_products };
constexpr Form kForms[] = {Form::plain, Form::transposed, Form::by_transposed, Form::row_products};

constexpr bool multiplies_rows(Form form) {
  return form == Form::by_transposed || form == Form::row_products;
}

/// The operands of one product, A and B as the form wants them.
template <class T>
struct Operands {
  Operands(Form form, Shape shape, Placement placement)
      : a(form == Form::transposed ? GuardedMatrix<T>::normal(shape.k, shape.m, "A", placement)
                                   : GuardedMatrix<T>::normal(shape.m, shape.k, "A", placement)),
        b(multiplies_rows(form) ? GuardedMatrix<T>::normal(shape.n, shape.k, "B", placement)
                                : GuardedMatrix<T>::normal(shape.k, shape.n, "B", placement)),
        c(GuardedMatrix<T>::normal(shape.m, shape.n, "C", placement)) {}

  GuardedMatrix<T> a, b, c;
};

template <class T>
void multiply(Form form, MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c,
              Store store) {
  switch (form) {
    case Form::plain:
      return matmul(a, b, c, store);
    case Form::transposed:
      return matmul_transposed(a, b, c, store);
    case Form::by_transposed:
      return matmul_by_transposed(a, b, c, store);
    case Form::row_products:
      return row_products(a, b, c, store);
  }
}

template <class T>
void multiply_reference(Form form, MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> c,
                        Store store) {
  switch (form) {
    case Form::plain:
      return ref::matmul(a, b, c, store);
    case Form::transposed:
      return ref::matmul_transposed(a, b, c, store);
    case Form::by_transposed:
    case Form::row_products:
      return ref::matmul_by_transposed(a, b, c, store);
  }
}

template <class T>
void make_absolute(MatrixView<T> matrix) {
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    for (T& value : matrix.row(i)) value = std::abs(value);
  }
}

/// A sum of k products rounds by at most (k + 1) eps/2 times the sum of their absolute values.
template <class T>
void expect_close(Form form, Shape shape, Placement placement, Store store) {
  SCOPED_TRACE(::testing::Message()
               << shape.m << " x " << shape.n << " x " << shape.k << ", form "
               << static_cast<int>(form) << (store == Store::overwrite ? "" : " accumulated")
               << ", offset " << placement.offset);
  Operands<T> x(form, shape, placement);
  Operands<T> exact(form, shape, {});
  Operands<T> magnitude(form, shape, {});
  for (auto* matrix : {&magnitude.a, &magnitude.b, &magnitude.c}) make_absolute(matrix->view());
  multiply<T>(form, x.a.view(), x.b.view(), x.c.view(), store);
  multiply_reference<T>(form, exact.a.view(), exact.b.view(), exact.c.view(), store);
  multiply_reference<T>(form, magnitude.a.view(), magnitude.b.view(), magnitude.c.view(), store);
  const double unit =
      static_cast<double>(shape.k + 2) * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (std::size_t i = 0; i < shape.m; ++i) {
    for (std::size_t j = 0; j < shape.n; ++j) {
      ASSERT_NEAR(x.c.view()(i, j), exact.c.view()(i, j), unit * magnitude.c.view()(i, j))
          << "at " << i << ", " << j;
    }
  }
  ASSERT_TRUE(x.a.intact() && x.b.intact() && x.c.intact());
}

template <class T>
void expect_close_everywhere(Shape shape) {
  for (const Form form : kForms) {
    expect_close<T>(form, shape, {}, Store::overwrite);
    expect_close<T>(form, shape, {1, 3}, Store::accumulate);
  }
}

class Matmul : public testing::WithInstructionSet {};

TEST_P(Matmul, AgreesWithTheReferenceForAllPairsOfSizes) {
  // A Latin square: every pair of sizes meets in every pair of dimensions.
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    for (std::size_t j = 0; j < kSizes.size(); ++j) {
      const Shape shape{kSizes[i], kSizes[j], kSizes[(i + j) % kSizes.size()]};
      expect_close_everywhere<float>(shape);
      expect_close_everywhere<double>(shape);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(Matmul, AgreesWithTheReferenceWhereItsBlocksEnd) {
  // Rows 96: B is packed; rows 480: A is cut; depth 128: panels are cut; 64 columns: a panel; a
  // row of 512 floats collides in the cache and is packed too.
  const std::vector<Shape> shapes = {{95, 64, 96},   {96, 65, 97},   {97, 63, 95},   {479, 8, 3},
                                     {100, 70, 16},  {100, 256, 17}, {480, 16, 257}, {481, 33, 7},
                                     {9, 65, 127},   {9, 65, 129},   {5, 127, 191},  {6, 512, 98},
                                     {13, 256, 385}, {961, 17, 289}};
  for (const Shape shape : shapes) {
    expect_close_everywhere<float>(shape);
    expect_close_everywhere<double>(shape);
    if (HasFatalFailure()) return;
  }
}

template <class T>
void expect_same_bits_in_parts(Form form) {
  const Shape shape{101, 83, 205};
  const Operands<T> x(form, shape, {});
  for (const Store store : {Store::overwrite, Store::accumulate}) {
    GuardedMatrix<T> whole = x.c;
    multiply<T>(form, x.a.view(), x.b.view(), whole.view(), store);
    for (const std::size_t cut : {1, 2, 7, 16, 33, 64, 82}) {
      GuardedMatrix<T> parts = x.c;
      const MatrixView<const T> a = x.a.view(), b = x.b.view();
      const MatrixView<T> c = parts.view();
      for (const auto& [first, count] :
           {std::pair{std::size_t{0}, cut}, std::pair{cut, shape.m - cut}}) {
        const MatrixView<const T> a_part =
            form == Form::transposed ? MatrixView<const T>(a.data + first, a.rows, count, a.stride)
                                     : a.middle_rows(first, count);
        multiply<T>(form, a_part, b, c.middle_rows(first, count), store);
      }
      EXPECT_TRUE(same_bits(parts.view(), whole.view())) << "rows cut at " << cut;

      GuardedMatrix<T> strips = x.c;
      for (const auto& [first, count] :
           {std::pair{std::size_t{0}, cut}, std::pair{cut, shape.n - cut}}) {
        const MatrixView<T> out = strips.view();
        const MatrixView<const T> b_part =
            multiplies_rows(form) ? b.middle_rows(first, count)
                                  : MatrixView<const T>(b.data + first, b.rows, count, b.stride);
        multiply<T>(form, a, b_part, MatrixView<T>(out.data + first, out.rows, count, out.stride),
                    store);
      }
      EXPECT_TRUE(same_bits(strips.view(), whole.view())) << "columns cut at " << cut;
    }
  }
}

TEST_P(Matmul, GivesTheSameBitsHoweverRowsAndColumnsAreCut) {
  for (const Form form : kForms) {
    expect_same_bits_in_parts<float>(form);
    expect_same_bits_in_parts<double>(form);
  }
}

/// Puts `poison` into one element of A or B and expects it in the row or column it belongs to, and
/// in no other.
template <class T>
void expect_poison_to_spread(T poison) {
  constexpr Shape kShape{37, 29, 101};
  constexpr std::size_t kRow = 20, kCol = 13, kDepth = 100;
  const Operands<T> clean(Form::plain, kShape, {});
  GuardedMatrix<T> expected = clean.c;
  multiply<T>(Form::plain, clean.a.view(), clean.b.view(), expected.view(), Store::overwrite);

  Operands<T> in_a = clean;
  in_a.a.view()(kRow, kDepth) = poison;
  multiply<T>(Form::plain, in_a.a.view(), in_a.b.view(), in_a.c.view(), Store::overwrite);
  Operands<T> in_b = clean;
  in_b.b.view()(kDepth, kCol) = poison;
  multiply<T>(Form::plain, in_b.a.view(), in_b.b.view(), in_b.c.view(), Store::overwrite);
  for (std::size_t i = 0; i < kShape.m; ++i) {
    for (std::size_t j = 0; j < kShape.n; ++j) {
      const T from_a = in_a.c.view()(i, j);
      const T from_b = in_b.c.view()(i, j);
      ASSERT_TRUE(i == kRow ? !std::isfinite(from_a) : from_a == expected.view()(i, j));
      ASSERT_TRUE(j == kCol ? !std::isfinite(from_b) : from_b == expected.view()(i, j));
    }
  }
}

TEST_P(Matmul, SpreadsNonFiniteNumbersToTheirRowOrColumnOnly) {
  expect_poison_to_spread(std::numeric_limits<float>::quiet_NaN());
  expect_poison_to_spread(std::numeric_limits<double>::quiet_NaN());
  expect_poison_to_spread(std::numeric_limits<float>::infinity());
  expect_poison_to_spread(-std::numeric_limits<double>::infinity());
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Matmul,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

TEST(MatmulShapes, AreCheckedAndNamed) {
  std::vector<double> memory(100);
  const auto view = [&](std::size_t rows, std::size_t cols) {
    return MatrixView<double>(memory.data(), rows, cols);
  };
  EXPECT_EQ(error_of<ShapeError>([&] { matmul(view(2, 3), view(4, 5), view(2, 5)); }),
            "[matmul] A: expected 2 x 4, got 2 x 3");
  EXPECT_EQ(error_of<ShapeError>([&] { matmul(view(2, 3), view(3, 5), view(2, 4)); }),
            "[matmul] C: expected 2 x 5, got 2 x 4");
  EXPECT_EQ(error_of<ShapeError>([&] { matmul_transposed(view(2, 3), view(3, 5), view(2, 5)); }),
            "[matmul_transposed] A: expected 3 x 2, got 2 x 3");
  EXPECT_EQ(error_of<ShapeError>([&] { matmul_transposed(view(3, 2), view(3, 5), view(2, 6)); }),
            "[matmul_transposed] C: expected 2 x 5, got 2 x 6");
  EXPECT_EQ(error_of<ShapeError>([&] { matmul_by_transposed(view(2, 4), view(5, 3), view(2, 5)); }),
            "[matmul_by_transposed] A: expected 2 x 3, got 2 x 4");
  EXPECT_EQ(error_of<ShapeError>([&] { matmul_by_transposed(view(2, 3), view(5, 3), view(2, 6)); }),
            "[matmul_by_transposed] C: expected 2 x 5, got 2 x 6");
  EXPECT_EQ(error_of<ShapeError>([&] { row_products(view(2, 4), view(5, 3), view(2, 5)); }),
            "[row_products] A: expected 2 x 3, got 2 x 4");
}

}  // namespace
}  // namespace ravine
