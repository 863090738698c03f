#include "ravine/kernels/byte_matrix.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/bits.hpp"
#include "support/error_of.hpp"
#include "support/guarded_matrix.hpp"
#include "support/page_end_buffer.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::GuardedMatrix;
using testing::PageEndBuffer;
using testing::Placement;
using testing::same_bits;

constexpr float kScale = 0.0127f, kShift = -0.424f;

/// Images, some of which are chosen, and what a byte matrix of them stands for.
struct Images {
  Images(std::size_t rows, std::size_t cols) : bytes(rows * cols), chosen(rows) {
    const RandomStream stream(1, "images");
    std::vector<double> uniform(bytes.size());
    stream.fill_uniform(std::span(uniform), 0, 256);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(uniform[i]);
    std::iota(chosen.rbegin(), chosen.rend(), 0U);
    if (rows > 2) chosen[1] = chosen[0];
    x.reserve(rows, cols, ByteMatrix::Products::all);
    x.assign({bytes.data(), rows, cols}, chosen, kScale, kShift);
  }

  /// The numbers in double.
  std::vector<double> numbers() const {
    std::vector<double> result;
    for (const std::uint32_t row : chosen) {
      for (std::size_t j = 0; j < x.cols(); ++j) {
        result.push_back(static_cast<double>(kScale) * bytes[row * x.cols() + j] +
                         static_cast<double>(kShift));
      }
    }
    return result;
  }

  std::vector<std::uint8_t> bytes;
  std::vector<std::uint32_t> chosen;
  ByteMatrix x;
};

enum class Form { by_transposed, transposed };

/// A product of byte matrix and floats with `width` results for each row, or column, of images.
struct Product {
  Product(Form which, const Images& of, std::size_t width, Placement placement = {})
      : form(which),
        images(of),
        other(form == Form::by_transposed
                  ? GuardedMatrix<float>::normal(width, of.x.cols(), "other", placement)
                  : GuardedMatrix<float>::normal(of.x.rows(), width, "other", placement)),
        result(form == Form::by_transposed ? GuardedMatrix<float>(of.x.rows(), width, placement)
                                           : GuardedMatrix<float>(width, of.x.cols(), placement)) {}

  void run() {
    if (form == Form::by_transposed) {
      matmul_by_transposed(images.x, other.view(), result.view());
    } else {
      matmul_transposed(other.view(), images.x, result.view());
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
  const Images& images;
  GuardedMatrix<float> other, result;
};

/// The other operand is rounded at 2^-30 of its row's largest magnitude at most; what was added
/// exactly is converted and scaled with a handful of roundings, however long the sum.
void expect_close(Product& product) {
  SCOPED_TRACE(::testing::Message() << (product.form == Form::transposed ? "A^T X" : "X B^T")
                                    << ", " << product.images.x.rows() << " x "
                                    << product.images.x.cols() << ", width " << product.width());
  product.run();
  const std::vector<double> x = product.images.numbers();
  const auto number = [&](std::size_t p, std::size_t i) {
    return product.form == Form::by_transposed ? x[i * product.images.x.cols() + p]
                                               : x[p * product.images.x.cols() + i];
  };
  constexpr double kRounding = 4 * std::numeric_limits<float>::epsilon();
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
        magnitude += std::abs(factor) * (number(p, i) + 2 * std::abs(static_cast<double>(kShift)));
        numbers += std::abs(number(p, i));
      }
      ASSERT_NEAR(product.result_at(w, i), exact,
                  std::ldexp(largest * numbers, -30) + kRounding * magnitude)
          << "at " << w << ", " << i;
    }
  }
  ASSERT_TRUE(product.other.intact() && product.result.intact());
}

class ByteProducts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_byte_products()) GTEST_SKIP() << "this machine has no matrix instructions for bytes";
  }
};

TEST_F(ByteProducts, AgreeWithSumsInDoubleForAllPairsOfSizes) {
  const std::vector<std::size_t> sizes = {1, 3, 7, 15, 16, 17, 31, 33, 63, 64, 65, 130};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (std::size_t j = 0; j < sizes.size(); ++j) {
      const Images images(sizes[i], sizes[j]);
      for (const Form form : {Form::by_transposed, Form::transposed}) {
        Product product(form, images, sizes[(i + j) % sizes.size()],
                        i % 2 == 0 ? Placement{} : Placement{1, 3});
        expect_close(product);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_F(ByteProducts, ErrNoMoreForLongSums) {
  for (const auto& [rows, cols] : {std::pair{20, 9000}, std::pair{9000, 20}}) {
    const Images images(rows, cols);
    for (const Form form : {Form::by_transposed, Form::transposed}) {
      Product product(form, images, 5);
      expect_close(product);
    }
  }
}

TEST_F(ByteProducts, HaveRoomForTheLargestSums) {
  ByteMatrix x;
  x.reserve(1, kMaxByteDepth, ByteMatrix::Products::by_transposed);
  const std::vector<std::uint8_t> white(kMaxByteDepth, 255);
  const std::vector<std::uint32_t> chosen = {0};
  x.assign({white.data(), 1, white.size()}, chosen, 1, 1);
  // -32 * 2^24 - 128 * (2^16 + 2^8 + 1) over 2^30: the three lower digits are -128.
  const float least = std::ldexp(-545292416.0f, -30);
  const std::vector<float> b(kMaxByteDepth, least);
  float c = 0;
  matmul_by_transposed(x, MatrixView<const float>(b.data(), 1, b.size()), MatrixView(&c, 1, 1));
  EXPECT_FLOAT_EQ(c, least * 256 * kMaxByteDepth);
}

TEST_F(ByteProducts, GiveTheSameBitsHoweverTheOtherOperandAndTheImagesAreCut) {
  const Images images(101, 205);
  Product by(Form::by_transposed, images, 83), gradient(Form::transposed, images, 83);
  by.run();
  gradient.run();
  for (const std::size_t cut : {1, 2, 7, 16, 33, 64, 82}) {
    Product by_parts(Form::by_transposed, images, 83), gradient_parts(Form::transposed, images, 83);
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

    ByteMatrix few;
    few.reserve(101, 205, ByteMatrix::Products::by_transposed);
    few.assign({images.bytes.data(), 101, 205}, std::span(images.chosen).subspan(cut), kScale,
               kShift);
    GuardedMatrix<float> rest(101 - cut, 83);
    matmul_by_transposed(few, by.other.view(), rest.view());
    EXPECT_TRUE(same_bits(rest.view(), by.result.view().middle_rows(cut, 101 - cut))) << cut;
  }
}

TEST_F(ByteProducts, AreAddedToWhatIsThere) {
  const Images images(40, 50);
  for (const Form form : {Form::by_transposed, Form::transposed}) {
    Product once(form, images, 20, {1, 3}), twice(form, images, 20, {1, 3});
    once.run();
    twice.run();
    if (form == Form::by_transposed) {
      matmul_by_transposed(images.x, twice.other.view(), twice.result.view(), Store::accumulate);
    } else {
      matmul_transposed(twice.other.view(), images.x, twice.result.view(), Store::accumulate);
    }
    for (std::size_t w = 0; w < 20; ++w) {
      for (std::size_t i = 0; i < once.length(); ++i) {
        ASSERT_EQ(twice.result_at(w, i), 2 * once.result_at(w, i));
      }
    }
    ASSERT_TRUE(twice.result.intact());
  }
}

TEST_F(ByteProducts, ForgetWhatALargerBatchLeft) {
  Images images(130, 70);
  const Images few(37, 70);
  images.x.assign({few.bytes.data(), 37, 70}, few.chosen, kScale, kShift);
  for (const Form form : {Form::by_transposed, Form::transposed}) {
    Product fresh(form, few, 20), reused(form, images, 20);
    fresh.run();
    reused.run();
    EXPECT_TRUE(same_bits(reused.result.view(), fresh.result.view()));
  }
}

TEST_F(ByteProducts, SpreadNonFiniteNumbersToTheirRowOnly) {
  const Images images(40, 50);
  for (const float poison :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (const Form form : {Form::by_transposed, Form::transposed}) {
      Product clean(form, images, 20), poisoned(form, images, 20);
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

TEST_F(ByteProducts, KeepEveryDigitOfTinyAndHugeNumbersAndZerosOfDeadUnits) {
  const Images images(40, 50);
  for (const Form form : {Form::by_transposed, Form::transposed}) {
    Product usual(form, images, 20), scaled(form, images, 20);
    usual.run();
    for (std::size_t p = 0; p < usual.depth(); ++p) {
      scaled.other_at(3, p) = std::ldexp(usual.other_at(3, p), -100);
      scaled.other_at(4, p) = std::ldexp(usual.other_at(4, p), 115);
      scaled.other_at(5, p) = 0;
      scaled.other_at(6, p) = std::numeric_limits<float>::max();
      scaled.other_at(7, p) = std::ldexp(1.0f, -149);
    }
    scaled.run();
    for (std::size_t i = 0; i < usual.length(); ++i) {
      EXPECT_EQ(scaled.result_at(3, i), std::ldexp(usual.result_at(3, i), -100));
      EXPECT_EQ(scaled.result_at(4, i), std::ldexp(usual.result_at(4, i), 115));
      EXPECT_EQ(scaled.result_at(5, i), 0);
      EXPECT_EQ(scaled.result_at(6, i), std::numeric_limits<float>::infinity());
      EXPECT_GT(scaled.result_at(7, i), 0);
    }
  }
}

TEST_F(ByteProducts, ReadNoByteBehindTheImages) {
  for (const std::size_t cols : {1, 3, 63, 64, 65, 784}) {
    const PageEndBuffer<float> memory(5 * cols, "bytes");
    const std::span bytes = std::as_bytes(memory.span()).last(5 * cols);
    const std::vector<std::uint32_t> chosen = {4, 0, 4};
    ByteMatrix x;
    x.reserve(3, cols, ByteMatrix::Products::all);
    x.assign({reinterpret_cast<const std::uint8_t*>(bytes.data()), 5, cols}, chosen, kScale,
             kShift);
    const PageEndBuffer<float> b(2 * cols, "b"), c(6, "c");
    matmul_by_transposed(x, MatrixView<const float>(b.data(), 2, cols), MatrixView(c.data(), 3, 2));
    const PageEndBuffer<float> a(6, "a"), g(2 * cols, "g");
    matmul_transposed(MatrixView<const float>(a.data(), 3, 2), x, MatrixView(g.data(), 2, cols));
  }
}

TEST_F(ByteProducts, CheckShapes) {
  const Images images(4, 6);
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

}  // namespace
}  // namespace ravine
