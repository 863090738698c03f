#include "ravine/kernels/measurement_pass.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/ref/measurement_pass.hpp"
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

/// Rows, values and candidates of a pass with its results.
template <class T>
struct PassData {
  PassData(std::size_t m, std::size_t p, std::size_t candidates, Placement placement = {})
      : rows(GuardedMatrix<T>::normal(m, p, "rows", placement)),
        values(GuardedMatrix<double>::normal(1, m, "values")),
        x(GuardedMatrix<double>::normal(candidates, p, "x", placement)),
        residuals(candidates, m, placement),
        adjoint(GuardedMatrix<double>::normal(candidates, p, "adjoint", placement)) {}

  void run() {
    measurement_pass(rows.view(), values.view().row(0), x.view(), residuals.view(), adjoint.view());
  }
  void run_reference() {
    ref::measurement_pass(rows.view(), values.view().row(0), x.view(), residuals.view(),
                          adjoint.view());
  }

  GuardedMatrix<T> rows;
  GuardedMatrix<double> values, x, residuals, adjoint;
};

template <class T>
void make_absolute(MatrixView<T> matrix, double sign = 1) {
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    for (T& value : matrix.row(i)) value = static_cast<T>(sign * std::abs(value));
  }
}

/// Sums of n terms round by at most (n + 1) eps/2 times the sum of their absolute values, which the
/// same pass over absolute values gives.
template <class T>
void expect_pass_close(std::size_t m, std::size_t p, std::size_t candidates, Placement placement) {
  SCOPED_TRACE(::testing::Message() << m << " x " << p << ", " << candidates << " candidates");
  PassData<T> data(m, p, candidates, placement);
  PassData<T> exact(m, p, candidates), magnitude(m, p, candidates);
  make_absolute(magnitude.rows.view());
  make_absolute(magnitude.x.view());
  make_absolute(magnitude.adjoint.view());
  make_absolute(magnitude.values.view(), -1);
  data.run();
  exact.run_reference();
  magnitude.run_reference();
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  for (std::size_t k = 0; k < candidates; ++k) {
    for (std::size_t i = 0; i < m; ++i) {
      ASSERT_NEAR(data.residuals.view()(k, i), exact.residuals.view()(k, i),
                  static_cast<double>(p + 2) * kEpsilon * magnitude.residuals.view()(k, i));
    }
    for (std::size_t j = 0; j < p; ++j) {
      ASSERT_NEAR(data.adjoint.view()(k, j), exact.adjoint.view()(k, j),
                  static_cast<double>(m + p + 4) * kEpsilon * magnitude.adjoint.view()(k, j));
    }
  }
  ASSERT_TRUE(data.rows.intact() && data.x.intact());
  ASSERT_TRUE(data.residuals.intact() && data.adjoint.intact());
}

// Two groups of 8 such rows exceed what the pass counts on of the second-level cache.
template <class T>
constexpr std::size_t kLongRow = (2 << 20) / (2 * 8 * sizeof(T)) + 5;

class MeasurementPass : public testing::WithInstructionSet {};

TEST_P(MeasurementPass, AgreesWithTheReferenceForAllPairsOfSizes) {
  // Around blocks of 4 and 8 rows, vectors of 2, 4 and 8 numbers, and tiles of 6 candidates.
  const std::vector<std::size_t> row_counts = {0, 1, 3, 4, 7, 8, 9, 24, 66};
  const std::vector<std::size_t> lengths = {0, 1, 3, 7, 8, 9, 15, 24, 66};
  const std::vector<std::size_t> candidate_counts = {0, 1, 2, 3, 5, 6, 7, 12, 13};
  for (std::size_t i = 0; i < row_counts.size(); ++i) {
    for (std::size_t j = 0; j < lengths.size(); ++j) {
      const std::size_t candidates = candidate_counts[(i + j) % candidate_counts.size()];
      expect_pass_close<float>(row_counts[i], lengths[j], candidates, {});
      expect_pass_close<double>(row_counts[i], lengths[j], candidates, {1, 3});
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(MeasurementPass, AgreesWithTheReferenceWhereItsTilesEnd) {
  // Of many candidates a tile of columns passes at a time, for some rows. Of few, fetches cross the
  // ends of rows that are longer or shorter than what is fetched ahead.
  for (const std::size_t p : {255, 256, 257, 511, 513, 528, 529, 1024, 1543}) {
    expect_pass_close<float>(9, p, 3, {1, 3});
    expect_pass_close<double>(25, p, 1, {});
    expect_pass_close<float>(49, p, 7, {});
    if (HasFatalFailure()) return;
  }
}

TEST_P(MeasurementPass, AgreesWithTheReferenceForRowsTooLongForTheCache) {
  for (const std::size_t candidates : {1, 2, 3, 4, 6, 7}) {
    expect_pass_close<float>(17, kLongRow<float>, candidates, {1, 3});
    expect_pass_close<double>(23, kLongRow<double>, candidates, {});
    if (HasFatalFailure()) return;
  }
}

TEST_P(MeasurementPass, AgreesWithTheReferenceForBlocksTooLargeForTheCache) {
  for (const std::size_t candidates : {1, 2, 3, 4, 6, 7}) {
    expect_pass_close<float>(1061, 515, candidates, {1, 3});
    expect_pass_close<double>(543, 515, candidates, {});
    if (HasFatalFailure()) return;
  }
}

template <class T>
void expect_candidates_independent(std::size_t length) {
  PassData<T> together(29, length, 14);
  const PassData<T> before = together;
  together.run();
  for (std::size_t k = 0; k < 14; ++k) {
    PassData<T> alone = before;
    measurement_pass(alone.rows.view(), alone.values.view().row(0),
                     alone.x.view().middle_rows(k, 1), alone.residuals.view().middle_rows(k, 1),
                     alone.adjoint.view().middle_rows(k, 1));
    EXPECT_TRUE(same_bits(alone.residuals.view().row(k), together.residuals.view().row(k))) << k;
    EXPECT_TRUE(same_bits(alone.adjoint.view().row(k), together.adjoint.view().row(k))) << k;
  }
}

TEST_P(MeasurementPass, GivesEachCandidateTheBitsItHasAlone) {
  expect_candidates_independent<float>(615);
  expect_candidates_independent<double>(615);
  expect_candidates_independent<float>(kLongRow<float>);
  expect_candidates_independent<double>(kLongRow<double>);
}

void expect_same_bits_for_cut_rows(std::size_t rows, std::size_t length, std::size_t candidates,
                                   std::span<const std::size_t> cuts) {
  PassData<float> whole(rows, length, candidates);
  const PassData<float> before = whole;
  whole.run();
  for (const std::size_t cut : cuts) {
    PassData<float> parts = before;
    for (const auto& [first, count] :
         {std::pair{std::size_t{0}, cut}, std::pair{cut, rows - cut}}) {
      const MatrixView<double> r = parts.residuals.view();
      measurement_pass(parts.rows.view().middle_rows(first, count),
                       parts.values.view().row(0).subspan(first, count), parts.x.view(),
                       MatrixView<double>(r.data + first, r.rows, count, r.stride),
                       parts.adjoint.view());
    }
    EXPECT_TRUE(same_bits(parts.residuals.view(), whole.residuals.view())) << cut;
    EXPECT_TRUE(same_bits(parts.adjoint.view(), whole.adjoint.view())) << cut;
  }
}

TEST_P(MeasurementPass, GivesTheSameBitsHoweverRowsAreCut) {
  const std::vector<std::size_t> cuts = {1, 4, 5, 8, 13, 36};
  // Of a block too large for the cache, into a part that fits and one that does or does not.
  const std::vector<std::size_t> large_cuts = {20, 41, 530};
  for (const std::size_t candidates : {1, 3}) {
    expect_same_bits_for_cut_rows(37, 615, candidates, cuts);
    expect_same_bits_for_cut_rows(37, kLongRow<float>, candidates, cuts);
    expect_same_bits_for_cut_rows(1061, 515, candidates, large_cuts);
  }
}

TEST_P(MeasurementPass, NonFiniteMeasurementsReachTheirResidualAndTheAdjoint) {
  for (std::size_t column = 0; column < 11; ++column) {
    PassData<double> data(10, 11, 2);
    data.rows.view()(9, column) = std::numeric_limits<double>::quiet_NaN();
    data.run();
    for (std::size_t i = 0; i < 10; ++i) {
      EXPECT_EQ(std::isnan(data.residuals.view()(1, i)), i == 9);
    }
    for (std::size_t j = 0; j < 11; ++j) EXPECT_TRUE(std::isnan(data.adjoint.view()(1, j)));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, MeasurementPass,
                         ::testing::ValuesIn(testing::available_instruction_sets()),
                         testing::instruction_set_name);

TEST(MeasurementPassShapes, AreCheckedAndNamed) {
  std::vector<double> memory(100);
  const auto view = [&](std::size_t rows, std::size_t cols) {
    return MatrixView<double>(memory.data(), rows, cols);
  };
  const auto error = [&](std::size_t values, MatrixView<double> x, MatrixView<double> residuals,
                         MatrixView<double> adjoint) {
    return error_of<ShapeError>([&] {
      measurement_pass(MatrixView<const double>(view(4, 6)), std::span(memory).first(values), x,
                       residuals, adjoint);
    });
  };
  EXPECT_EQ(error(4, view(2, 5), view(2, 4), view(2, 6)),
            "[measurement_pass] x: expected 2 x 6, got 2 x 5");
  EXPECT_EQ(error(4, view(2, 6), view(2, 3), view(2, 6)),
            "[measurement_pass] residuals: expected 2 x 4, got 2 x 3");
  EXPECT_EQ(error(4, view(2, 6), view(2, 4), view(3, 6)),
            "[measurement_pass] adjoint: expected 2 x 6, got 3 x 6");
  EXPECT_EQ(error(3, view(2, 6), view(2, 4), view(2, 6)),
            "[measurement_pass] values: expected 1 x 4, got 1 x 3");
}

}  // namespace
}  // namespace ravine
