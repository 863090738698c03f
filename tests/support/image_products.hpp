#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/byte_matrix.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/guarded_matrix.hpp"
#include "support/page_end_buffer.hpp"

// What the products of images that are kept as bytes promise, whatever X keeps them.

namespace ravine::testing {

inline constexpr float kScale = 0.0127f, kShift = -0.424f;

/// Images, some of which are chosen, and what a matrix X of them stands for. `density` of their
/// bytes are not background, in runs as long as a stroke is wide.
template <class X>
struct Images {
  Images(std::size_t rows, std::size_t cols, double density = 1, std::uint8_t background = 0)
      : bytes(rows * cols, background), chosen(rows), background_number(number_of(background)) {
    const RandomStream stream(1, "images"), strokes(1, "strokes");
    std::vector<double> uniform(bytes.size()), stroke(bytes.size() / 3 + 1);
    stream.fill_uniform(std::span(uniform), 0, 256);
    strokes.fill_uniform(std::span(stroke), 0, 1);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (stroke[i / 3] < density) bytes[i] = static_cast<std::uint8_t>(uniform[i]);
    }
    std::iota(chosen.rbegin(), chosen.rend(), 0U);
    if (rows > 2) chosen[1] = chosen[0];
    if constexpr (std::is_same_v<X, ByteMatrix>) {
      x.reserve(rows, cols, ByteMatrix::Products::all);
    } else {
      x.reserve(rows, cols, ByteMatrix::Products::all, background);
    }
    assign(*this);
  }

  void assign(const Images& from) {
    x.assign({from.bytes.data(), from.chosen.size(), from.bytes.size() / from.chosen.size()},
             from.chosen, kScale, kShift);
  }

  /// The numbers in double.
  std::vector<double> numbers() const {
    std::vector<double> result;
    for (const std::uint32_t row : chosen) {
      for (std::size_t j = 0; j < x.cols(); ++j) {
        result.push_back(number_of(bytes[row * x.cols() + j]));
      }
    }
    return result;
  }

  static double number_of(std::uint8_t byte) {
    return static_cast<double>(kScale) * byte + static_cast<double>(kShift);
  }

  std::vector<std::uint8_t> bytes;
  std::vector<std::uint32_t> chosen;
  double background_number;
  X x;
};

enum class Form { by_transposed, transposed };
inline constexpr Form kForms[] = {Form::by_transposed, Form::transposed};

/// A product of images and floats with `width` results for each row, or column, of images.
template <class X>
struct Product {
  Product(Form which, const Images<X>& of, std::size_t width, Placement placement = {})
      : form(which),
        images(of),
        other(form == Form::by_transposed
                  ? GuardedMatrix<float>::normal(width, of.x.cols(), "other", placement)
                  : GuardedMatrix<float>::normal(of.x.rows(), width, "other", placement)),
        result(form == Form::by_transposed ? GuardedMatrix<float>(of.x.rows(), width, placement)
                                           : GuardedMatrix<float>(width, of.x.cols(), placement)) {}

  void run(Store store = Store::overwrite) {
    if (form == Form::by_transposed) {
      matmul_by_transposed(images.x, other.view(), result.view(), store);
    } else {
      matmul_transposed(other.view(), images.x, result.view(), store);
    }
  }

  std::size_t width() const {
    return form == Form::by_transposed ? other.view().rows : other.view().cols;
  }
  std::size_t depth() const {
    return form == Form::by_transposed ? images.x.cols() : images.x.rows();
  }
  std::size_t length() const {
    return form == Form::by_transposed ? images.x.rows() : images.x.cols();
  }
  float& other_at(std::size_t w, std::size_t p) {
    return form == Form::by_transposed ? other.view()(w, p) : other.view()(p, w);
  }
  float result_at(std::size_t w, std::size_t i) const {
    return form == Form::by_transposed ? result.view()(i, w) : result.view()(w, i);
  }

  Form form;
  const Images<X>& images;
  GuardedMatrix<float> other, result;
};

/// Every element errs at most by `rounding` times the sum of its terms' magnitudes, and by
/// `quantum` of the other operand's largest magnitude in each of them.
template <class X>
void expect_close(Product<X>& product, double rounding, double quantum) {
  SCOPED_TRACE(::testing::Message() << (product.form == Form::transposed ? "A^T X" : "X B^T")
                                    << ", " << product.images.x.rows() << " x "
                                    << product.images.x.cols() << ", width " << product.width());
  product.run();
  const std::vector<double> x = product.images.numbers();
  const auto number = [&](std::size_t p, std::size_t i) {
    return product.form == Form::by_transposed ? x[i * product.images.x.cols() + p]
                                               : x[p * product.images.x.cols() + i];
  };
  for (std::size_t w = 0; w < product.width(); ++w) {
    double largest = 0;
    for (std::size_t p = 0; p < product.depth(); ++p) {
      largest = std::max<double>(largest, std::abs(product.other_at(w, p)));
    }
    for (std::size_t i = 0; i < product.length(); ++i) {
      double exact = 0, magnitude = 0, numbers = 0;
      for (std::size_t p = 0; p < product.depth(); ++p) {
        const double factor = product.other_at(w, p);
        exact += factor * number(p, i);
        magnitude +=
            std::abs(factor) * (number(p, i) + 2 * std::abs(product.images.background_number));
        numbers += std::abs(number(p, i));
      }
      ASSERT_NEAR(product.result_at(w, i), exact,
                  quantum * largest * numbers + rounding * magnitude)
          << "at " << w << ", " << i;
    }
  }
  ASSERT_TRUE(product.other.intact() && product.result.intact());
}

template <class X>
void expect_same_bits_however_cut(double density = 1) {
  const Images<X> images(101, 205, density);
  Product<X> by(Form::by_transposed, images, 83), gradient(Form::transposed, images, 83);
  by.run();
  gradient.run();
  for (const std::size_t cut : {1, 2, 7, 16, 33, 64, 82}) {
    Product<X> by_parts(Form::by_transposed, images, 83),
        gradient_parts(Form::transposed, images, 83);
    for (const auto& [first, count] : {std::pair{std::size_t{0}, cut}, std::pair{cut, 83 - cut}}) {
      const MatrixView<float> c = by_parts.result.view();
      matmul_by_transposed(images.x, by_parts.other.view().middle_rows(first, count),
                           MatrixView(c.data + first, c.rows, count, c.stride));
      const MatrixView<float> a = gradient_parts.other.view();
      matmul_transposed(MatrixView(a.data + first, a.rows, count, a.stride), images.x,
                        gradient_parts.result.view().middle_rows(first, count));
    }
    EXPECT_TRUE(same_bits(by_parts.result.view(), by.result.view())) << cut;
    EXPECT_TRUE(same_bits(gradient_parts.result.view(), gradient.result.view())) << cut;

    X few;
    few.reserve(101, 205, ByteMatrix::Products::by_transposed);
    few.assign({images.bytes.data(), 101, 205}, std::span(images.chosen).subspan(cut), kScale,
               kShift);
    GuardedMatrix<float> rest(101 - cut, 83);
    matmul_by_transposed(few, by.other.view(), rest.view());
    EXPECT_TRUE(same_bits(rest.view(), by.result.view().middle_rows(cut, 101 - cut))) << cut;
  }
}

template <class X>
void expect_what_a_larger_batch_left_forgotten(double density = 1) {
  const Images<X> few(37, 70, density);
  for (const Form form : kForms) {
    Images<X> images(130, 70, density);
    images.assign(few);
    Product<X> fresh(form, few, 20), reused(form, images, 20);
    fresh.run();
    reused.run();
    EXPECT_TRUE(same_bits(reused.result.view(), fresh.result.view()));
  }
}

template <class X>
void expect_non_finite_numbers_in_their_row_only(double density = 1) {
  const Images<X> images(40, 50, density);
  for (const float poison :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (const Form form : kForms) {
      Product<X> clean(form, images, 20), poisoned(form, images, 20);
      clean.run();
      poisoned.other_at(13, 39) = poison;
      poisoned.run();
      for (std::size_t w = 0; w < 20; ++w) {
        for (std::size_t i = 0; i < clean.length(); ++i) {
          ASSERT_TRUE(w == 13 ? std::isnan(poisoned.result_at(w, i))
                              : poisoned.result_at(w, i) == clean.result_at(w, i));
        }
      }
    }
  }
}

template <class X>
void read_to_the_end_of_images() {
  for (const std::size_t cols : {1, 3, 63, 64, 65, 784}) {
    const PageEndBuffer<float> memory(5 * cols, "bytes");
    const std::span bytes = std::as_bytes(memory.span()).last(5 * cols);
    const std::vector<std::uint32_t> chosen = {4, 0, 4};
    X x;
    x.reserve(3, cols, ByteMatrix::Products::all);
    x.assign({reinterpret_cast<const std::uint8_t*>(bytes.data()), 5, cols}, chosen, kScale,
             kShift);
    const PageEndBuffer<float> b(2 * cols, "b"), c(6, "c");
    matmul_by_transposed(x, MatrixView<const float>(b.data(), 2, cols), MatrixView(c.data(), 3, 2));
    const PageEndBuffer<float> a(6, "a"), g(2 * cols, "g");
    matmul_transposed(MatrixView<const float>(a.data(), 3, 2), x, MatrixView(g.data(), 2, cols));
  }
}

template <class X>
void expect_shapes_checked() {
  const Images<X> images(4, 6);
  std::vector<float> memory(100);
  const auto view = [&](std::size_t rows, std::size_t cols) {
    return MatrixView<float>(memory.data(), rows, cols);
  };
  EXPECT_EQ(error_of<ShapeError>([&] { matmul_by_transposed(images.x, view(3, 5), view(4, 3)); }),
            "[matmul_by_transposed] B: expected 3 x 6, got 3 x 5");
  EXPECT_EQ(error_of<ShapeError>([&] { matmul_transposed(view(5, 3), images.x, view(3, 6)); }),
            "[matmul_transposed] A: expected 4 x 3, got 5 x 3");
  EXPECT_EQ(error_of<ShapeError>([&] { matmul_transposed(view(4, 3), images.x, view(3, 5)); }),
            "[matmul_transposed] C: expected 3 x 6, got 3 x 5");
}

}  // namespace ravine::testing
