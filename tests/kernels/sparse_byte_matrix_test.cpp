#include "ravine/kernels/sparse_byte_matrix.hpp"

#include <algorithm>

#include "support/image_products.hpp"
#include "support/instruction_sets.hpp"

namespace ravine {
namespace {

using testing::Form;
using testing::kForms;
using testing::Placement;
using Images = testing::Images<SparseByteMatrix>;
using Product = testing::Product<SparseByteMatrix>;

// Shares of bytes that are not background: of blank images, of digits, of images without any.
constexpr double kDensities[] = {0, 0.2, 1};

class SparseByteProducts : public testing::WithInstructionSet {};

/// Each addition rounds once more.
void expect_close(Product& product) {
  testing::expect_close(
      product, static_cast<double>(product.depth() + 4) * std::numeric_limits<float>::epsilon() / 2,
      0);
}

TEST_P(SparseByteProducts, AgreeWithSumsInDoubleForAllPairsOfSizes) {
  const std::vector<std::size_t> sizes = {1, 3, 7, 8, 15, 17, 31, 33, 63, 65, 127, 128, 130, 260};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (std::size_t j = 0; j < sizes.size(); ++j) {
      const Images images(sizes[i], sizes[j], kDensities[(i + j) % 3], i % 2 == 0 ? 0 : 255);
      for (const Form form : kForms) {
        Product product(form, images, sizes[(i + 2 * j) % sizes.size()],
                        i % 2 == 0 ? Placement{} : Placement{1, 3});
        expect_close(product);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(SparseByteProducts, GiveTheSameBitsHoweverTheOtherOperandAndTheImagesAreCut) {
  for (const double density : kDensities) {
    testing::expect_same_bits_however_cut<SparseByteMatrix>(density);
  }
}

TEST_P(SparseByteProducts, AreAddedToWhatIsThere) {
  for (const auto& [rows, cols] : {std::pair{40, 50}, std::pair{150, 140}}) {
    const Images images(rows, cols, 0.2);
    for (const Form form : kForms) {
      Product once(form, images, 20, {1, 3}), more(form, images, 20, {1, 3});
      once.run();
      for (std::size_t i = 0; i < more.result.view().rows; ++i) {
        std::ranges::fill(more.result.view().row(i), 1024.0f);
      }
      more.run(Store::accumulate);
      for (std::size_t w = 0; w < 20; ++w) {
        for (std::size_t i = 0; i < once.length(); ++i) {
          ASSERT_NEAR(more.result_at(w, i), 1024 + once.result_at(w, i),
                      static_cast<double>(once.depth()) * std::ldexp(1, -13));
        }
      }
      ASSERT_TRUE(more.result.intact());
    }
  }
}

TEST_P(SparseByteProducts, ForgetWhatALargerBatchLeft) {
  for (const double density : kDensities) {
    testing::expect_what_a_larger_batch_left_forgotten<SparseByteMatrix>(density);
  }
}

TEST_P(SparseByteProducts, ForgetWhatWiderImagesLeft) {
  const Images narrow(37, 70);
  for (const Form form : kForms) {
    Images images(37, 130);
    images.assign(narrow);
    Product fresh(form, narrow, 20), reused(form, images, 20);
    fresh.run();
    reused.run();
    EXPECT_TRUE(testing::same_bits(reused.result.view(), fresh.result.view()));
  }
}

TEST_P(SparseByteProducts, OfNoTermsAreZero) {
  SparseByteMatrix empty;
  empty.reserve(4, 100, ByteMatrix::Products::all);
  const std::vector<std::uint8_t> bytes(100);
  std::vector<float> c(300, 5);
  empty.assign({bytes.data(), 1, 100}, {}, 1, 0);
  matmul_transposed({c.data(), 0, 3}, empty, {c.data(), 3, 100});
  EXPECT_EQ(c, std::vector<float>(300, 0));
  const std::uint32_t one = 0;
  empty.assign({bytes.data(), 1, 0}, {&one, 1}, 1, 0);
  c.assign(7, 5);
  matmul_by_transposed(empty, {c.data(), 7, 0}, {c.data(), 1, 7});
  EXPECT_EQ(c, std::vector<float>(7, 0));
}

TEST_P(SparseByteProducts, SpreadNonFiniteNumbersToTheirRowOnly) {
  for (const double density : kDensities) {
    testing::expect_non_finite_numbers_in_their_row_only<SparseByteMatrix>(density);
  }
}

TEST_P(SparseByteProducts, ReadNoByteBehindTheImages) {
  testing::read_to_the_end_of_images<SparseByteMatrix>();
}

TEST_P(SparseByteProducts, CheckShapes) { testing::expect_shapes_checked<SparseByteMatrix>(); }

TEST(SparseByteMatrix, ListsWhereAnyOfFourRowsOrColumnsIsNotBackground) {
  constexpr int kBackground = 200;
  const Images images(203, 131, 0.1, kBackground);
  const auto is_listed = [](std::span<const std::uint8_t> list, std::size_t place) {
    return std::ranges::binary_search(list, static_cast<std::uint8_t>(place));
  };
  constexpr std::size_t kGroup = SparseByteMatrix::kGroup, kBlock = SparseByteMatrix::kBlock;
  const auto byte = [&](std::size_t i, std::size_t j) {
    return i < 203 && j < 131 ? int{images.bytes[images.chosen[i] * 131 + j]} : kBackground;
  };
  for (std::size_t i = 0; i < 203; ++i) {
    for (std::size_t j = 0; j < 131; ++j) {
      bool in_rows = false, in_columns = false;
      for (std::size_t n = 0; n < kGroup; ++n) {
        in_rows |= byte(i / kGroup * kGroup + n, j) != kBackground;
        in_columns |= byte(i, j / kGroup * kGroup + n) != kBackground;
      }
      ASSERT_EQ(is_listed(images.x.columns_of(i / kGroup, j / kBlock), j % kBlock), in_rows);
      ASSERT_EQ(is_listed(images.x.rows_of(j / kGroup, i / kBlock), i % kBlock), in_columns);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, SparseByteProducts,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

}  // namespace
}  // namespace ravine
