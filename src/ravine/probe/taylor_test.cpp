#include "ravine/probe/taylor_test.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/line_fit.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/random_direction.hpp"

namespace ravine {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kCleanOverRounding = 100;  // then rounding moves a local order by at most 0.03
constexpr double kOrderSpread = 0.2;        // of local orders that belong together
constexpr std::size_t kLeastFitted = 3;

void check_options(const TaylorOptions& options) {
  if (options.halvings < 2) {
    throw ConfigError(
        error_text("taylor_test", "halvings", "at least 2", fmt::format("{}", options.halvings)));
  }
  if (!(options.first_step > 0) || !std::isfinite(options.first_step)) {
    throw ConfigError(error_text("taylor_test", "first_step", "a positive number",
                                 fmt::format("{:g}", options.first_step)));
  }
}

// <gradient, v> of each member.
std::vector<double> member_slopes(const ParameterLayout& layout, std::span<const double> gradient,
                                  std::span<const double> v) {
  std::vector<double> slopes(layout.members());
  for (const ParameterBlock& block : layout.blocks()) {
    slopes[block.member] +=
        dot(gradient.subspan(block.offset, block.size()), v.subspan(block.offset, block.size()));
  }
  return slopes;
}

// point + v, each member's part of v times its distance.
std::vector<double> displaced(const ParameterLayout& layout, std::span<const double> point,
                              std::span<const double> v, std::span<const double> distances) {
  std::vector<double> result(point.begin(), point.end());
  for (const ParameterBlock& block : layout.blocks()) {
    add_scaled(distances[block.member], v.subspan(block.offset, block.size()),
               std::span(result).subspan(block.offset, block.size()));
  }
  return result;
}

// A unit direction for every member: half random, so that it sees all coordinates, half along the
// gradient, where the loss bends most. Along a random direction alone the curvature of a loss in a
// hundred thousand dimensions drowns in rounding before the last kink of a ReLU network is behind.
std::vector<double> test_direction(const ParameterLayout& layout, std::span<const double> gradient,
                                   std::uint64_t seed) {
  std::vector<double> v = random_direction(layout, seed, "taylor direction");
  const std::vector<double> gradient_norms = member_norms(layout, gradient);
  std::vector<double> weights;
  for (const double norm : gradient_norms) {
    weights.push_back(norm > 0 && std::isfinite(norm) ? 1 / norm : 0);
  }
  v = displaced(layout, v, gradient, weights);
  normalise_members(layout, v);
  return v;
}

TaylorRemainder remainder_at(double distance, double loss, double start, double slope) {
  TaylorRemainder result;
  result.distance = distance;
  result.remainder = std::abs(loss - start - distance * slope);
  const double rounding = std::numeric_limits<double>::epsilon() *
                          std::max({std::abs(loss), std::abs(start), std::abs(distance * slope)});
  result.clean = result.remainder >= kCleanOverRounding * rounding && result.remainder > 0;
  return result;
}

void set_local_orders(std::vector<TaylorRemainder>& remainders) {
  double previous = kNaN;
  for (TaylorRemainder& at : remainders) {
    at.order = std::log2(previous / at.remainder);
    previous = at.remainder;
  }
}

// The remainders above rounding, and of them the smallest whose local orders belong together:
// larger ones still carry a higher derivative or a kink. Nothing here knows which order is the
// right one.
std::span<const TaylorRemainder> to_be_fitted(std::span<const TaylorRemainder> remainders) {
  const auto not_clean = [](const TaylorRemainder& at) { return !at.clean; };
  const auto clean = remainders.first(
      static_cast<std::size_t>(std::ranges::find_if(remainders, not_clean) - remainders.begin()));
  if (clean.size() < kLeastFitted) return {};
  std::size_t first = clean.size() - kLeastFitted;
  const double last_order = clean.back().order;
  while (first > 0 && std::abs(clean[first].order - last_order) <= kOrderSpread) --first;
  return clean.subspan(first);
}

// The slope of log remainder over log distance.
double fitted_order(std::span<const TaylorRemainder> remainders) {
  std::vector<double> distances, sizes;
  for (const TaylorRemainder& at : remainders) {
    distances.push_back(std::log(at.distance));
    sizes.push_back(std::log(at.remainder));
  }
  return fit_line(distances, sizes).slope;
}

void conclude(TaylorTest& test) {
  set_local_orders(test.remainders);
  const std::span<const TaylorRemainder> fitted = to_be_fitted(test.remainders);
  test.fitted = fitted.size();
  test.order = fitted_order(fitted);
  test.exact = std::ranges::none_of(test.remainders, [](const TaylorRemainder& at) {
    return at.clean || !std::isfinite(at.remainder);
  });
}

}  // namespace

bool TaylorTest::passes(double tolerance) const { return exact || order >= 2 - tolerance; }

std::vector<TaylorTest> detail::taylor_test(const ParameterLayout& layout,
                                            std::span<const double> point, const PointClaim& claim,
                                            const LossFunction& losses,
                                            const TaylorOptions& options) {
  check_options(options);
  const std::vector<double> v = test_direction(layout, claim.gradient, options.seed);
  const std::vector<double> slopes = member_slopes(layout, claim.gradient, v);
  std::vector<double> distances = member_norms(layout, point);
  for (double& distance : distances) distance = options.first_step * (distance > 0 ? distance : 1);
  std::vector<TaylorTest> tests(layout.members());
  std::vector<double> at(layout.members());
  for (int halving = 0; halving <= options.halvings; ++halving) {
    losses(displaced(layout, point, v, distances), at);
    for (std::size_t k = 0; k < tests.size(); ++k) {
      tests[k].remainders.push_back(remainder_at(distances[k], at[k], claim.losses[k], slopes[k]));
      distances[k] /= 2;
    }
  }
  for (std::size_t k = 0; k < tests.size(); ++k) {
    tests[k].member = k;
    tests[k].slope = slopes[k];
    conclude(tests[k]);
  }
  return tests;
}

}  // namespace ravine
