#include "ravine/kernels/byte_matrix.hpp"

#include "support/image_products.hpp"

namespace ravine {
namespace {

using testing::Form;
using testing::kForms;
using testing::Placement;
using Images = testing::Images<ByteMatrix>;
using Product = testing::Product<ByteMatrix>;

/// The other operand is rounded at 2^-30 of its row's largest magnitude at most; what was added
/// exactly is converted and scaled with a handful of roundings, however long the sum.
void expect_close(Product& product) {
  testing::expect_close(product, 4 * std::numeric_limits<float>::epsilon(), std::ldexp(1, -30));
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
      for (const Form form : kForms) {
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
    for (const Form form : kForms) {
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
  testing::expect_same_bits_however_cut<ByteMatrix>();
}

TEST_F(ByteProducts, AreAddedToWhatIsThere) {
  const Images images(40, 50);
  for (const Form form : kForms) {
    Product once(form, images, 20, {1, 3}), twice(form, images, 20, {1, 3});
    once.run();
    twice.run();
    twice.run(Store::accumulate);
    for (std::size_t w = 0; w < 20; ++w) {
      for (std::size_t i = 0; i < once.length(); ++i) {
        ASSERT_EQ(twice.result_at(w, i), 2 * once.result_at(w, i));
      }
    }
    ASSERT_TRUE(twice.result.intact());
  }
}

TEST_F(ByteProducts, ForgetWhatALargerBatchLeft) {
  testing::expect_what_a_larger_batch_left_forgotten<ByteMatrix>();
}

TEST_F(ByteProducts, SpreadNonFiniteNumbersToTheirRowOnly) {
  testing::expect_non_finite_numbers_in_their_row_only<ByteMatrix>();
}

TEST_F(ByteProducts, KeepEveryDigitOfTinyAndHugeNumbersAndZerosOfDeadUnits) {
  const Images images(40, 50);
  for (const Form form : kForms) {
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
  testing::read_to_the_end_of_images<ByteMatrix>();
}

TEST_F(ByteProducts, CheckShapes) { testing::expect_shapes_checked<ByteMatrix>(); }

}  // namespace
}  // namespace ravine
