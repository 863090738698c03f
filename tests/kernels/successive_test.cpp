#include "ravine/kernels/successive.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/successive.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "support/bits.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;
using testing::Placement;
using testing::same_bits;

// 0, 1, 3, 7, N - 1, N, N + 1, 3 N, 8 N + 2 for vectors of 2, 4, 8 and 16 numbers.
const std::vector<std::size_t> kSizes = {0,  1,  2,  3,  5,  6,  7,  8,  9,  12, 15,
                                         16, 17, 18, 24, 31, 33, 34, 48, 63, 66, 130};
constexpr Placement kPlacements[] = {{0, 0}, {1, 0}, {3, 0}};

class Successive : public testing::WithInstructionSet {};

template <class T>
void expect_close(std::size_t size, Placement placement) {
  SCOPED_TRACE(::testing::Message() << size << " from " << placement.offset);
  const auto now = GuardedMatrix<T>::normal(1, size, "x", placement);
  const auto before = GuardedMatrix<T>::normal(1, size, "kept", placement);
  const std::span<const T> x = now.view().row(0);
  const double error = static_cast<double>(size) * std::numeric_limits<double>::epsilon();

  auto kept = before, exact = before;
  const ChangeSums sums = change_and_keep(x, kept.view().row(0));
  const ChangeSums expected = ref::change_and_keep(x, exact.view().row(0));
  EXPECT_NEAR(sums.square, expected.square, error * expected.square);
  EXPECT_NEAR(sums.change, expected.change, error * expected.change);
  EXPECT_TRUE(same_bits(kept.view().row(0), x) && same_bits(exact.view().row(0), x));
  EXPECT_TRUE(kept.intact());

  const ProductSums products = square_and_product(x, before.view().row(0));
  EXPECT_EQ(products.square, squared_norm(x));
  EXPECT_EQ(products.product, dot(x, std::span<const T>(before.view().row(0))));
  const ProductSums plain = ref::square_and_product(x, before.view().row(0));
  EXPECT_NEAR(products.square, plain.square, error * plain.square);
  double magnitude = 0;
  for (std::size_t i = 0; i < size; ++i) magnitude += std::abs(x[i] * before.view()(0, i));
  EXPECT_NEAR(products.product, plain.product, 2 * error * magnitude);
}

TEST_P(Successive, SumsAgreeAndTheVectorIsKept) {
  for (const std::size_t size : kSizes) {
    for (const Placement placement : kPlacements) {
      expect_close<float>(size, placement);
      expect_close<double>(size, placement);
    }
  }
}

TEST_P(Successive, SumsOfFloatsBeyondFloatRange) {
  const std::vector<float> tiny(35, 3e-30F);
  std::vector<float> kept(35, 1e-30F);
  const ChangeSums sums = change_and_keep(tiny, kept);
  EXPECT_NEAR(sums.square / (35 * 9e-60), 1, 1e-6);
  EXPECT_NEAR(sums.change / (35 * 4e-60), 1, 1e-6);
}

TEST_P(Successive, NonFiniteNumbersShow) {
  for (std::size_t place = 0; place < 35; ++place) {
    std::vector<float> x(35, 1), kept(35, 2);
    x[place] = NAN;
    const ChangeSums sums = change_and_keep(x, kept);
    EXPECT_TRUE(std::isnan(sums.square) && std::isnan(sums.change));
    const ProductSums products = square_and_product(std::span<const float>(x), kept);
    EXPECT_TRUE(std::isnan(products.square) && std::isnan(products.product));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Successive,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
