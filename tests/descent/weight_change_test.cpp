#include "ravine/descent/weight_change.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/kernels/ref/vector_ops.hpp"
#include "support/bits.hpp"
#include "support/vectors.hpp"

namespace ravine {
namespace {

ParameterLayout awkward_layout() {
  ParameterLayout layout;
  layout.add("two chunks and a rest", 127, 131);
  layout.add("small", 1, 3);
  return layout;
}

struct Measured {
  std::vector<double> norms = std::vector<double>(3, -5);
  std::vector<double> ratios = std::vector<double>(3, -5);
};

Measured last_of(const std::vector<std::vector<double>>& points, int threads, UpdateSource source) {
  const ParameterLayout layout = awkward_layout();
  const std::vector<Chunk> chunks = cut_into_chunks(layout);
  WeightChange<double> change(layout, chunks, source);
  const std::vector<double> gradient_norms = {3, 4};
  Measured measured;
  ThreadTeam team(threads);
  for (const std::vector<double>& point : points) {
    team.run([&](int member) { change.visit(point, team, member); });
    change.finish(0.5, gradient_norms, measured.norms, measured.ratios);
  }
  return measured;
}

TEST(WeightChange, IsTheLengthOfTheStepOverThatOfTheWeightsBefore) {
  const ParameterLayout layout = awkward_layout();
  const std::vector<double> before = testing::normals(layout.size(), "before");
  std::vector<double> after = before;
  ref::add_scaled(-1e-9, testing::normals(layout.size(), "step"), after);
  const Measured measured =
      last_of({testing::normals(layout.size(), "start"), before, after}, 1, UpdateSource::measured);
  std::vector<double> difference = after;
  ref::add_scaled(-1, before, difference);
  const auto norm = [](std::span<const double> x) { return std::sqrt(ref::squared_norm(x)); };
  for (std::size_t b = 0; b < 3; ++b) {
    const std::size_t offset = b < 2 ? layout.blocks()[b].offset : 0;
    const std::size_t size = b < 2 ? layout.blocks()[b].size() : layout.size();
    const double expected = norm(std::span(difference).subspan(offset, size)) /
                            norm(std::span(before).subspan(offset, size));
    EXPECT_NEAR(measured.ratios[b], expected, 1e-12 * expected) << b;
    EXPECT_NEAR(measured.norms[b], norm(std::span(after).subspan(offset, size)), 1e-11) << b;
  }
  for (const int threads : {2, 3, 8}) {
    const Measured again = last_of({testing::normals(layout.size(), "start"), before, after},
                                   threads, UpdateSource::measured);
    EXPECT_TRUE(testing::same_bits(again.ratios, measured.ratios)) << threads;
    EXPECT_TRUE(testing::same_bits(again.norms, measured.norms)) << threads;
  }
}

TEST(WeightChange, OfPlainStepsIsTheLearningRateTimesTheGradient) {
  const std::vector<double> w = testing::normals(awkward_layout().size(), "w");
  const Measured plain = last_of({w, w}, 2, UpdateSource::gradient);
  EXPECT_NEAR(plain.ratios[0], 0.5 * 3 / plain.norms[0], 1e-15);
  EXPECT_NEAR(plain.ratios[1], 0.5 * 4 / plain.norms[1], 1e-15);
  EXPECT_NEAR(plain.ratios[2], 0.5 * 5 / plain.norms[2], 1e-15);
  for (const double ratio : last_of({w}, 2, UpdateSource::gradient).ratios) {
    EXPECT_TRUE(std::isnan(ratio)) << "there was no update yet";
  }
}

TEST(WeightChange, RatiosAreUnknownAtFirstAndWhereNotWanted) {
  const std::vector<double> w = testing::normals(awkward_layout().size(), "w");
  for (const double ratio : last_of({w}, 2, UpdateSource::measured).ratios)
    EXPECT_TRUE(std::isnan(ratio));
  const Measured norms_only = last_of({w, w}, 2, UpdateSource::none);
  for (const double ratio : norms_only.ratios) EXPECT_TRUE(std::isnan(ratio));
  EXPECT_TRUE(
      testing::same_bits(norms_only.norms, last_of({w, w}, 2, UpdateSource::measured).norms));
}

}  // namespace
}  // namespace ravine
