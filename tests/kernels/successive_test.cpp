#include "ravine/kernels/successive.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/successive.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "support/guarded_matrix.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::GuardedMatrix;
using testing::kAwkwardSizes;
using testing::kPlacements;
using testing::Placement;

class Successive : public testing::WithInstructionSet {};

template <class T>
void expect_close(std::size_t size, Placement placement) {
  SCOPED_TRACE(::testing::Message() << size << " from " << placement.offset);
  const auto now = GuardedMatrix<T>::normal(1, size, "x", placement);
  const auto before = GuardedMatrix<T>::normal(1, size, "before", placement);
  const std::span<const T> x = now.view().row(0);
  const double error = static_cast<double>(size) * std::numeric_limits<double>::epsilon();

  const ProductSums products = square_and_product(x, before.view().row(0));
  EXPECT_EQ(products.square, squared_norm(x));
  EXPECT_EQ(products.product, dot(x, std::span<const T>(before.view().row(0))));
  const ProductSums plain = ref::square_and_product(x, before.view().row(0));
  EXPECT_NEAR(products.square, plain.square, error * plain.square);
  double magnitude = 0;
  for (std::size_t i = 0; i < size; ++i) magnitude += std::abs(x[i] * before.view()(0, i));
  EXPECT_NEAR(products.product, plain.product, 2 * error * magnitude);
}

TEST_P(Successive, SumsAgreeWithPlainOnes) {
  for (const std::size_t size : kAwkwardSizes) {
    for (const Placement placement : kPlacements) {
      expect_close<float>(size, placement);
      expect_close<double>(size, placement);
    }
  }
}

TEST_P(Successive, NonFiniteNumbersShow) {
  for (std::size_t place = 0; place < 35; ++place) {
    std::vector<float> x(35, 1);
    const std::vector<float> before(35, 2);
    x[place] = NAN;
    const ProductSums products = square_and_product(std::span<const float>(x), before);
    EXPECT_TRUE(std::isnan(products.square) && std::isnan(products.product));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Successive,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
