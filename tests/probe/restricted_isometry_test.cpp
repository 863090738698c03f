#include "ravine/probe/restricted_isometry.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/objective/random_ensemble.hpp"
#include "ravine/objective/svec.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

TEST(RestrictedIsometry, OfAllEntriesIsExact) {
  ThreadTeam team(2);
  const auto all = random_ensemble(EnsembleKind::entries, 9, svec_size(9), 1, team);
  const IsometryEstimate found = estimate_isometry(all, 4, 20, 5, team);
  EXPECT_LT(found.lower_bound, 1e-13);
}

TEST(RestrictedIsometry, OfGaussianMeasurementsIsThatOfAChiSquare) {
  // m times the ratio of one X is chi-square with m degrees of freedom: 100 draws stray from 1 by
  // between 1.5 and 5 standard deviations sqrt(2 / m).
  ThreadTeam team(2);
  double last = 1;
  for (const std::size_t m : {200, 1800}) {
    const auto gaussian = random_ensemble(EnsembleKind::gaussian, 16, m, 1, team);
    const IsometryEstimate found = estimate_isometry(gaussian, 4, 100, 5, team);
    const double deviation = std::sqrt(2 / static_cast<double>(m));
    EXPECT_GT(found.lower_bound, 1.5 * deviation);
    EXPECT_LT(found.lower_bound, 5 * deviation);
    EXPECT_LT(found.least_ratio, 1);
    EXPECT_GT(found.largest_ratio, 1);
    EXPECT_LT(found.lower_bound, last);
    last = found.lower_bound;
  }
}

TEST(RestrictedIsometry, SeesThatRankOneMeasurementsAreNone) {
  // Their second moment has tr(X)^2 beside 2 |X|^2, and heavy tails.
  ThreadTeam team(2);
  const auto rank_one = random_ensemble(EnsembleKind::rank_one, 16, 1800, 1, team);
  const auto gaussian = random_ensemble(EnsembleKind::gaussian, 16, 1800, 1, team);
  EXPECT_GT(estimate_isometry(rank_one, 4, 100, 5, team).lower_bound,
            2 * estimate_isometry(gaussian, 4, 100, 5, team).lower_bound);
}

TEST(RestrictedIsometry, HasTheSameBitsForAnyTeamAndRefusesOddRanks) {
  ThreadTeam one(1), three(3);
  const auto ensemble = random_ensemble(EnsembleKind::rademacher, 8, 40, 1, one);
  EXPECT_EQ(estimate_isometry(ensemble, 2, 13, 5, one).lower_bound,
            estimate_isometry(ensemble, 2, 13, 5, three).lower_bound);
  for (const std::size_t rank : {0, 3, 10}) {
    EXPECT_THAT(
        testing::error_of<ConfigError>([&] { estimate_isometry(ensemble, rank, 5, 1, one); }),
        ::testing::HasSubstr("an even rank of at most 8"));
  }
}

}  // namespace
}  // namespace ravine
