#include "ravine/kernels/symmetric_panel.hpp"

#include <cmath>
#include <limits>
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
      : panel(GuardedMatrix<double>::normal(h, c, "panel", placement)),
        x(GuardedMatrix<double>::normal(vectors, c + 3, "x", placement)),
        y(GuardedMatrix<double>::normal(vectors, c + 3, "y", placement)) {
    for (std::size_t i = 0; i < h; ++i) {
      for (std::size_t j = 0; j < i; ++j) panel.view()(j, c - h + i) = panel.view()(i, c - h + j);
    }
  }

  void make_absolute() {
    for (const MatrixView<double> view : {panel.view(), x.view(), y.view()}) {
      for (std::size_t i = 0; i < view.rows; ++i) {
        for (double& value : view.row(i)) value = std::abs(value);
      }
    }
  }

  GuardedMatrix<double> panel, x, y;
};

/// Sums of n terms round by at most (n + 1) eps/2 times the sum of their absolute values.
void expect_panel_close(std::size_t h, std::size_t c, std::size_t vectors, Placement placement) {
  SCOPED_TRACE(::testing::Message() << h << " x " << c << ", " << vectors << " vectors");
  PanelData data(h, c, vectors, placement), exact(h, c, vectors), magnitude(h, c, vectors);
  magnitude.make_absolute();
  symmetric_panel(data.panel.view(), data.x.view(), data.y.view());
  ref::symmetric_panel(exact.panel.view(), exact.x.view(), exact.y.view());
  ref::symmetric_panel(magnitude.panel.view(), magnitude.x.view(), magnitude.y.view());
  for (std::size_t k = 0; k < vectors; ++k) {
    for (std::size_t j = 0; j < c + 3; ++j) {
      ASSERT_NEAR(data.y.view()(k, j), exact.y.view()(k, j),
                  static_cast<double>(c + 2) * std::numeric_limits<double>::epsilon() *
                      magnitude.y.view()(k, j))
          << k << ", " << j;
    }
  }
  ASSERT_TRUE(data.panel.intact() && data.x.intact() && data.y.intact());
}

class SymmetricPanel : public testing::WithInstructionSet {};

TEST_P(SymmetricPanel, AgreesWithTheReferenceForAllPairsOfSizes) {
  // Around groups of 4 and 8 rows, vectors of 2, 4 and 8 numbers, and tiles of 6 vectors.
  const std::vector<std::size_t> vector_counts = {0, 1, 2, 3, 5, 6, 7, 12, 13};
  std::size_t next = 0;
  for (const std::size_t h : {0, 1, 3, 4, 7, 8, 9, 24, 66}) {
    for (const std::size_t before : {0, 1, 3, 7, 8, 9, 15, 24, 66}) {
      expect_panel_close(h, before + h, vector_counts[next++ % vector_counts.size()], {});
      expect_panel_close(h, before + h, vector_counts[next++ % vector_counts.size()], {1, 3});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(SymmetricPanel, AgreesWithTheReferenceWhereItsTilesEnd) {
  for (const std::size_t c : {511, 512, 513, 520, 1024, 1543}) {
    for (const std::size_t vectors : {1, 3, 7}) {
      expect_panel_close(9, c, vectors, {1, 3});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(SymmetricPanel, GivesEachVectorTheBitsItHasAlone) {
  PanelData together(29, 615, 14);
  const PanelData before = together;
  symmetric_panel(together.panel.view(), together.x.view(), together.y.view());
  for (std::size_t k = 0; k < 14; ++k) {
    PanelData alone = before;
    symmetric_panel(alone.panel.view(), alone.x.view().middle_rows(k, 1),
                    alone.y.view().middle_rows(k, 1));
    EXPECT_TRUE(same_bits(alone.y.view().row(k), together.y.view().row(k))) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, SymmetricPanel,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

TEST(SymmetricPanelShapes, AreCheckedAndNamed) {
  std::vector<double> memory(100);
  const auto error = [&](std::size_t h, std::size_t c, std::size_t n, std::size_t y_rows) {
    return error_of<ShapeError>([&] {
      symmetric_panel(MatrixView<const double>(memory.data(), h, c),
                      MatrixView<const double>(memory.data(), 2, n),
                      MatrixView<double>(memory.data(), y_rows, n));
    });
  };
  EXPECT_EQ(error(4, 3, 6, 2),
            "[symmetric_panel] panel: expected no more rows than columns, at most 6 of them, got 4 "
            "x 3");
  EXPECT_EQ(error(2, 7, 6, 2),
            "[symmetric_panel] panel: expected no more rows than columns, at most 6 of them, got 2 "
            "x 7");
  EXPECT_EQ(error(2, 6, 6, 3), "[symmetric_panel] y: expected 2 x 6, got 3 x 6");
}

}  // namespace
}  // namespace ravine
