#include "ravine/kernels/symmetric_panel.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/ref/symmetric_panel.hpp"
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

/// A panel of h rows and c columns, vectors longer than c and what is added to.
struct PanelData {
  PanelData(std::size_t h, std::size_t c, std::size_t vectors, Placement placement = {})
      : rows(h),
        cols(c),
        elements(GuardedMatrix<double>::normal(1, h * c, "panel", placement)),
        x(GuardedMatrix<double>::normal(vectors, c + 3, "x", placement)),
        y(GuardedMatrix<double>::normal(vectors, c + 3, "y", placement)) {
    for (std::size_t i = 0; i < h; ++i) {
      for (std::size_t j = 0; j < i; ++j) panel()(j, c - h + i) = panel()(i, c - h + j);
    }
  }

  SymmetricPanel<double> panel() { return {elements.view().data, rows, cols}; }

  void make_absolute() {
    for (const MatrixView<double> view : {elements.view(), x.view(), y.view()}) {
      for (std::size_t i = 0; i < view.rows; ++i) {
        for (double& value : view.row(i)) value = std::abs(value);
      }
    }
  }

  std::size_t rows, cols;
  GuardedMatrix<double> elements, x, y;
};

/// Sums of n terms round by at most (n + 1) eps/2 times the sum of their absolute values.
void expect_panel_close(std::size_t h, std::size_t c, std::size_t vectors, Placement placement) {
  SCOPED_TRACE(::testing::Message() << h << " x " << c << ", " << vectors << " vectors");
  PanelData data(h, c, vectors, placement), exact(h, c, vectors), magnitude(h, c, vectors);
  magnitude.make_absolute();
  symmetric_panel(data.panel(), data.x.view(), data.y.view());
  ref::symmetric_panel(exact.panel(), exact.x.view(), exact.y.view());
  ref::symmetric_panel(magnitude.panel(), magnitude.x.view(), magnitude.y.view());
  for (std::size_t k = 0; k < vectors; ++k) {
    for (std::size_t j = 0; j < c + 3; ++j) {
      ASSERT_NEAR(data.y.view()(k, j), exact.y.view()(k, j),
                  static_cast<double>(c + 2) * std::numeric_limits<double>::epsilon() *
                      magnitude.y.view()(k, j))
          << k << ", " << j;
    }
  }
  ASSERT_TRUE(data.elements.intact() && data.x.intact() && data.y.intact());
}

class SymmetricPanelProduct : public testing::WithInstructionSet {};

TEST_P(SymmetricPanelProduct, AgreesWithTheReferenceForAllPairsOfSizes) {
  // Around groups of 4, 8, 12 and 14 rows, vectors of 2, 4 and 8 numbers, and tiles of 6 vectors.
  const std::vector<std::size_t> vector_counts = {0, 1, 2, 3, 5, 6, 7, 12, 13};
  std::size_t next = 0;
  for (const std::size_t h : {0, 1, 3, 4, 7, 8, 9, 13, 15, 30, 66, 112}) {
    for (const std::size_t before : {0, 1, 3, 7, 8, 9, 15, 24, 66}) {
      expect_panel_close(h, before + h, vector_counts[next++ % vector_counts.size()], {});
      expect_panel_close(h, before + h, vector_counts[next++ % vector_counts.size()], {1, 3});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(SymmetricPanelProduct, AgreesWithTheReferenceWhereItsBlocksEnd) {
  constexpr std::size_t kBlock = SymmetricPanel<double>::kBlockColumns;
  for (const std::size_t c : {kBlock - 1, kBlock, kBlock + 1, kBlock + 8, kBlock + 9, 3 * kBlock,
                              3 * kBlock + 5, 7 * kBlock - 25}) {
    for (const std::size_t vectors : {1, 3, 7}) {
      expect_panel_close(9, c, vectors, {1, 3});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(SymmetricPanelProduct, GivesEachVectorTheBitsItHasAlone) {
  PanelData together(29, 615, 14);
  const PanelData before = together;
  symmetric_panel(together.panel(), together.x.view(), together.y.view());
  for (std::size_t k = 0; k < 14; ++k) {
    PanelData alone = before;
    symmetric_panel(alone.panel(), alone.x.view().middle_rows(k, 1),
                    alone.y.view().middle_rows(k, 1));
    EXPECT_TRUE(same_bits(alone.y.view().row(k), together.y.view().row(k))) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, SymmetricPanelProduct,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

TEST(SymmetricPanelShapes, AreCheckedAndNamed) {
  std::vector<double> memory(100);
  const auto error = [&](std::size_t h, std::size_t c, std::size_t n, std::size_t y_rows) {
    return error_of<ShapeError>([&] {
      symmetric_panel(SymmetricPanel<const double>{memory.data(), h, c},
                      MatrixView<const double>(memory.data(), 2, n),
                      MatrixView<double>(memory.data(), y_rows, n));
    });
  };
  const std::string expected =
      "[symmetric_panel] panel: expected no more rows than columns and 112, at most 6 columns, "
      "got ";
  EXPECT_EQ(error(4, 3, 6, 2), expected + "4 x 3");
  EXPECT_EQ(error(2, 7, 6, 2), expected + "2 x 7");
  EXPECT_EQ(error(2, 6, 6, 3), "[symmetric_panel] y: expected 2 x 6, got 3 x 6");
}

}  // namespace
}  // namespace ravine
