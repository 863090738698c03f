#include "ravine/study/slice.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "ravine/data/npy.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/record/run_record.hpp"
#include "ravine/study/sensing_instance.hpp"
#include "support/temporary_folder.hpp"

namespace ravine::testing {
namespace {

constexpr std::size_t kDimension = 6;

class SliceStudy : public ::testing::Test {
 protected:
  SliceStudy() {
    context_.team = &team_;
    context_.folder = folder_.path();
    config_.population = true;
    config_.instance = {.dimension = kDimension, .true_rank = 2};
    config_.points = 5;
    config_.iterations = 0;
    truth_ = random_truth_factor(config_.instance);
  }

  /// Writes a factor of two columns and returns its name.
  std::string factor(const std::string& name, const std::vector<double>& u) {
    const auto path = folder_ / name;
    write_npy(path, NpyView{{kDimension, 2}, std::span<const double>(u)});
    return path.string();
  }

  /// U* Q with Q = [[c, s], [-s, c]], or another matrix of four entries.
  std::vector<double> truth_times(const std::array<double, 4>& q) const {
    std::vector<double> u(truth_.size());
    for (std::size_t i = 0; i < u.size(); i += 2) {
      u[i] = truth_[i] * q[0] + truth_[i + 1] * q[2];
      u[i + 1] = truth_[i] * q[1] + truth_[i + 1] * q[3];
    }
    return u;
  }

  RunRecord slice(std::vector<std::string> through) {
    config_.through = std::move(through);
    run_slice(config_, context_);
    return read_run(folder_.path());
  }

  TemporaryFolder folder_;
  ThreadTeam team_{1};
  StudyContext context_;
  SliceConfig config_;
  std::vector<double> truth_;  // U*, (d, 2)
};

// |U* (2 I - Q - Q^T) U*^T|_F^2 / 32.
double barrier_between_turns(const std::vector<double>& truth, const std::array<double, 4>& q) {
  const double m[] = {2 - 2 * q[0], -q[1] - q[2], -q[1] - q[2], 2 - 2 * q[3]};
  double squares = 0;
  for (std::size_t i = 0; i < truth.size(); i += 2) {
    for (std::size_t j = 0; j < truth.size(); j += 2) {
      const double entry = truth[i] * (m[0] * truth[j] + m[1] * truth[j + 1]) +
                           truth[i + 1] * (m[2] * truth[j] + m[3] * truth[j + 1]);
      squares += entry * entry;
    }
  }
  return squares / 32;
}

TEST_F(SliceStudy, BetweenTheTruthAndTheTruthTurnedHasTheBarrierOfTheFormulaAndNoneAligned) {
  const std::array<std::array<double, 4>, 3> turns{
      {{-1, 0, 0, -1}, {0, 1, -1, 0}, {0.6, 0.8, 0.8, -0.6}}};
  for (const auto& q : turns) {
    const RunRecord run = slice({factor("a.npy", truth_), factor("b.npy", truth_times(q))});
    const double expected = barrier_between_turns(truth_, q);
    EXPECT_NEAR(run.number("/results/segments/0/barrier"), expected, 1e-10 * expected);
    EXPECT_NEAR(run.number("/results/segments/0/barrier_at"), 0.5, 1e-12);
    EXPECT_LT(run.number("/results/segments/1/barrier"), 1e-20 * expected);
    EXPECT_TRUE(run.manifest()["results"]["same_point"].get<bool>());
    EXPECT_EQ(run.text("/results/third_point"), "random");
    EXPECT_EQ(run.text("/results/points/1/verdict"), "minimum");
    EXPECT_LT(run.number("/results/points/1/relative_error"), 1e-12);
  }
}

TEST_F(SliceStudy, OfOppositePointsPassesTheSaddleAtZero) {
  const RunRecord run =
      slice({factor("a.npy", truth_), factor("b.npy", truth_times({-1, 0, 0, -1}))});
  EXPECT_NEAR(run.number("/results/segments/0/relative_barrier"), 1, 1e-12);
}

TEST_F(SliceStudy, OfPointsThatDifferHoldsTheAlignedOneInItsPlane) {
  std::vector<double> other = truth_times({0, 1, -1, 0});
  other[3] += 2;
  const RunRecord run = slice({factor("a.npy", truth_), factor("b.npy", other)});
  EXPECT_EQ(run.text("/results/third_point"), "aligned");
  const CsvTable& points = run.table("slice_points.csv");
  for (const double off : points.numbers("off_plane")) EXPECT_LT(off, 1e-12);
  EXPECT_NEAR(points.numbers("x")[1], 1, 1e-12);
  EXPECT_LT(run.number("/results/segments/1/length"), run.number("/results/segments/0/length"));
  const auto arrays = read_npz(folder_ / "arrays.npz");
  for (const char* name : {"A", "B", "B aligned", "X_true"}) EXPECT_TRUE(arrays.contains(name));
}

TEST_F(SliceStudy, GoesThroughAThirdPointWhereOneIsGiven) {
  std::vector<double> a = truth_, b = truth_, c = truth_;
  b[0] += 1;
  c[1] -= 2;
  const RunRecord run = slice({factor("a.npy", a), factor("b.npy", b), factor("c.npy", c)});
  EXPECT_EQ(run.text("/results/third_point"), "given");
  const CsvTable& points = run.table("slice_points.csv");
  EXPECT_EQ(points.texts("point")[2], "C");
  EXPECT_NEAR(points.numbers("x")[2], 0, 1e-12);
  EXPECT_NEAR(points.numbers("y")[2], 2, 1e-12) << "in units of the distance from A to B";
}

TEST_F(SliceStudy, DrawsDescentsThatEndAtMinima) {
  config_.population = false;
  config_.instance.measurements = 200;
  config_.iterations = 2000;
  const RunRecord run =
      slice({factor("a.npy", truth_), factor("b.npy", truth_times({0, 1, -1, 0}))});
  const CsvTable& paths = run.table("slice_paths.csv");
  const std::vector<double> path = paths.numbers("path"), loss = paths.numbers("loss");
  EXPECT_EQ(path.back(), 6);
  EXPECT_LT(loss.back(), 1e-6 * run.number("/results/loss_at_zero"));
  EXPECT_EQ(run.table("slice.csv").row_count(), 25u);
}

}  // namespace
}  // namespace ravine::testing
