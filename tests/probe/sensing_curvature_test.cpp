#include "ravine/probe/sensing_curvature.hpp"

#include <cmath>
#include <utility>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <gtest/gtest.h>

#include "probe/small_objectives.hpp"
#include "ravine/base/error.hpp"
#include "ravine/probe/hessian_spectrum.hpp"

namespace ravine {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::normal_numbers;
using testing::SmallSensing;

constexpr std::size_t kDimension = 5;
const std::vector<double> kSigma = {9, 4, 1};

MatrixXd random_orthogonal(Index size, std::string_view name) {
  const std::vector<double> entries = normal_numbers(static_cast<std::size_t>(size * size), name);
  return Eigen::HouseholderQR<MatrixXd>(Eigen::Map<const MatrixXd>(entries.data(), size, size))
      .householderQ();
}

// Row-major entries.
std::vector<double> entries_of(const MatrixXd& m) {
  std::vector<double> entries;
  for (Index i = 0; i < m.rows(); ++i) {
    for (Index j = 0; j < m.cols(); ++j) entries.push_back(m(i, j));
  }
  return entries;
}

// The population loss with eigenvalues kSigma in a random basis.
class CriticalPoints : public ::testing::TestWithParam<std::size_t> {
 protected:
  std::size_t columns() const { return GetParam(); }
  MatrixXd truth() const {
    const VectorXd sigma = Eigen::Map<const VectorXd>(kSigma.data(), 3);
    return basis_.leftCols(3) * sigma.asDiagonal() * basis_.leftCols(3).transpose();
  }
  // The critical point of the kept eigenpairs, in random directions of the columns of U.
  std::vector<double> point(const std::vector<bool>& kept) const {
    const MatrixXd rotation = random_orthogonal(static_cast<Index>(columns()), "columns");
    MatrixXd u = MatrixXd::Zero(kDimension, static_cast<Index>(columns()));
    Index column = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (!kept[i]) continue;
      u += std::sqrt(kSigma[i]) * basis_.col(static_cast<Index>(i)) * rotation.row(column++);
    }
    return entries_of(u);
  }
  std::vector<std::vector<bool>> subsets() const {
    std::vector<std::vector<bool>> subsets;
    for (unsigned bits = 0; bits < 8; ++bits) {
      std::vector<bool> kept = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
      if (static_cast<std::size_t>(std::ranges::count(kept, true)) <= columns()) {
        subsets.push_back(std::move(kept));
      }
    }
    return subsets;
  }

  const MatrixXd basis_ = random_orthogonal(kDimension, "basis");
  ThreadTeam team_{1};
  const std::vector<double> truth_ = entries_of(truth());
  MatrixSensing population_ = population_sensing(
      MatrixView<const double>(truth_.data(), kDimension, kDimension), columns(), team_);
};

TEST_P(CriticalPoints, HaveNoGradient) {
  for (const std::vector<bool>& kept : subsets()) {
    for (const double g : claim_at(population_, point(kept), 0).gradient) EXPECT_NEAR(g, 0, 1e-12);
  }
}

TEST_P(CriticalPoints, HaveExactlyTheCurvaturesOfTheory) {
  for (const std::vector<bool>& kept : subsets()) {
    const std::vector<double> u = point(kept);
    const MatrixXd hessian = dense_matrix(hessian_operator(population_, u), u.size());
    const VectorXd measured = Eigen::SelfAdjointEigenSolver<MatrixXd>(hessian).eigenvalues();
    const std::vector<double> expected = population_curvatures(kSigma, kept, kDimension, columns());
    ASSERT_EQ(expected.size(), u.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(measured[static_cast<Index>(i)], expected[i], 1e-12) << i;
    }
  }
}

// Fewer columns than the rank, as many, and more.
INSTANTIATE_TEST_SUITE_P(Columns, CriticalPoints, ::testing::Values(2, 3, 5));

TEST(PopulationCurvatures, AreStrictlyNegativeSomewhereUnlessAllIsKept) {
  for (const std::size_t columns : {3, 4}) {
    for (unsigned bits = 0; bits < 8; ++bits) {
      const std::vector<bool> kept = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
      const double smallest = population_curvatures(kSigma, kept, kDimension, columns).front();
      if (bits == 7) {
        EXPECT_EQ(smallest, 0) << "rotations and free columns change nothing";
      } else {
        EXPECT_LE(smallest, -2 * kSigma.back());
      }
    }
  }
}

TEST(PopulationCurvatures, OfRankOneAreThoseOfTheProblemSet) {
  const std::vector<double> square = {7};  // |u*|^2
  EXPECT_EQ(population_curvatures(square, {false}, 3, 1), (std::vector<double>{-14, 0, 0}));
  EXPECT_EQ(population_curvatures(square, {true}, 3, 1), (std::vector<double>{14, 14, 28}));
}

TEST(PopulationCurvatures, RefuseWhatIsNoSubset) {
  EXPECT_THROW(population_curvatures(kSigma, {true, true}, 5, 3), ShapeError);
  EXPECT_THROW(population_curvatures(kSigma, {true, true, true}, 2, 3), ShapeError);
  EXPECT_THROW(population_curvatures(kSigma, {true, true, true}, 5, 2), ShapeError);
}

// The Hessian's ends for the loss of a Gaussian instance at U*, or at 0.
Range sampled_ends(std::size_t rank, std::size_t measurements, bool at_truth) {
  SmallSensing instance(8, rank, rank, measurements, {"1"});
  std::vector<double> u = normal_numbers(8 * rank, "truth");
  if (!at_truth) std::ranges::fill(u, 0.0);
  const SpectrumEnds ends = hessian_spectrum(instance.sensing, u);
  return {ends.smallest.value, ends.largest.value};
}

std::vector<double> sigma_of_rank(std::size_t rank) {
  const std::vector<double> truth = testing::low_rank_truth(8, rank);
  const VectorXd all =
      Eigen::SelfAdjointEigenSolver<MatrixXd>(Eigen::Map<const MatrixXd>(truth.data(), 8, 8))
          .eigenvalues();
  std::vector<double> sigma(all.data() + 8 - rank, all.data() + 8);
  std::ranges::reverse(sigma);
  return sigma;
}

Range widened(const Range& range) { return {range.low - 1e-9, range.high + 1e-9}; }

TEST(SampledCurvature, LiesInTheRangesOfTheoryForEveryNumberOfMeasurements) {
  for (const std::size_t rank : {1, 2, 3}) {
    const std::vector<double> sigma = sigma_of_rank(rank);
    for (const std::size_t m : {10, 40, 100, 400, 4000}) {
      const CurvatureRanges at_truth = sampled_curvature_at_truth(sigma, 8, m);
      const Range truth_ends = sampled_ends(rank, m, true);
      EXPECT_TRUE(widened(at_truth.smallest).contains(truth_ends.low)) << rank << " " << m;
      EXPECT_TRUE(widened(at_truth.largest).contains(truth_ends.high)) << rank << " " << m;
      const CurvatureRanges at_zero = sampled_curvature_at_zero(sigma, 8, m);
      const Range zero_ends = sampled_ends(rank, m, false);
      EXPECT_TRUE(at_zero.smallest.contains(zero_ends.low)) << rank << " " << m;
      EXPECT_TRUE(at_zero.largest.contains(zero_ends.high)) << rank << " " << m;
    }
  }
}

TEST(SampledCurvature, DeviatesLessWithMoreMeasurements) {
  const std::vector<double> sigma = sigma_of_rank(1);
  const auto deviation = [&](std::size_t m, bool at_truth) {
    const Range ends = sampled_ends(1, m, at_truth);
    const double low = at_truth ? 2 * sigma[0] : -2 * sigma[0];
    const double high = at_truth ? 4 * sigma[0] : 0;
    return std::max(std::abs(ends.low - low), std::abs(ends.high - high)) / sigma[0];
  };
  for (const bool at_truth : {true, false}) {
    EXPECT_GT(deviation(100, at_truth), 0.1);
    EXPECT_LT(deviation(10'000, at_truth), 0.3 * deviation(100, at_truth));
  }
}

TEST(SampledCurvature, RangesShrinkWithTheRootOfTheMeasurements) {
  const auto width = [](const Range& range) { return range.high - range.low; };
  const std::vector<double> sigma = {9};
  const auto ratio = [&](auto ranges_of, auto end) {
    return width(ranges_of(sigma, 10, 1'000'000).*end) / width(ranges_of(sigma, 10, 10'000).*end);
  };
  EXPECT_NEAR(ratio(sampled_curvature_at_truth, &CurvatureRanges::smallest), 0.1, 0.01);
  EXPECT_NEAR(ratio(sampled_curvature_at_truth, &CurvatureRanges::largest), 0.1, 0.01);
  EXPECT_NEAR(ratio(sampled_curvature_at_zero, &CurvatureRanges::smallest), 0.1, 0.01);
}

}  // namespace
}  // namespace ravine
