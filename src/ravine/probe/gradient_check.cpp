#include "ravine/probe/gradient_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

namespace {

constexpr std::size_t kSteps = 4;       // sizes tried at a coordinate
constexpr double kStepReduction = 8.0;  // from one size to the next
// The least typical size of a block's gradient, relative to that of all blocks. A bias ahead of a
// batch normalisation has a gradient of 0, and rounding is all that differences see of it.
constexpr double kLeastBlock = 1e-4;

// A coordinate of the flat vector on its way through the check.
struct Coordinate {
  std::size_t block;
  std::size_t index;  // in the flat vector
};

// A derivative from differences and how well two step sizes agree on it.
struct Derivative {
  double value = std::numeric_limits<double>::quiet_NaN();
  double uncertainty = std::numeric_limits<double>::infinity();
};

void check_options(const GradientCheckOptions& options) {
  if (options.coordinates_per_block == 0) {
    throw ConfigError(error_text("gradient_check", "coordinates_per_block", "at least 1", "0"));
  }
  if (!(options.first_step > 0) || !std::isfinite(options.first_step)) {
    throw ConfigError(error_text("gradient_check", "first_step", "a positive number",
                                 fmt::format("{:g}", options.first_step)));
  }
}

// Where to look in one block: everywhere, or at a random sample without repetition.
std::vector<Coordinate> choose_coordinates(const ParameterLayout& layout, std::size_t block,
                                           const GradientCheckOptions& options) {
  const ParameterBlock& chosen = layout.blocks()[block];
  const std::size_t count = std::min(chosen.size(), options.coordinates_per_block);
  std::vector<Coordinate> coordinates;
  if (count == chosen.size()) {
    for (std::size_t i = 0; i < count; ++i) coordinates.push_back({block, chosen.offset + i});
    return coordinates;
  }
  const std::vector<std::uint32_t> order =
      RandomStream(options.seed, "gradient check of " + chosen.name)
          .permutation(static_cast<std::uint32_t>(chosen.size()));
  for (std::size_t i = 0; i < count; ++i) coordinates.push_back({block, chosen.offset + order[i]});
  return coordinates;
}

// Each member's coordinates in the order of the check.
std::vector<std::vector<Coordinate>> coordinates_by_member(const ParameterLayout& layout,
                                                           const GradientCheckOptions& options) {
  std::vector<std::vector<Coordinate>> by_member(layout.members());
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    std::vector<Coordinate>& of_member = by_member[layout.blocks()[b].member];
    const std::vector<Coordinate> of_block = choose_coordinates(layout, b, options);
    of_member.insert(of_member.end(), of_block.begin(), of_block.end());
  }
  return by_member;
}

// A slope by differences with what rounding of the two losses may do to it.
struct Slope {
  double value = 0;
  double rounding = 0;
};

// Of the slopes at ever finer steps, the finer of the two neighbours that agree best. Rounding
// counts as disagreement, else two slopes that are mostly rounding could agree by chance.
Derivative best_agreed(std::span<const Slope> slopes) {
  Derivative best;
  for (std::size_t i = 0; i + 1 < slopes.size(); ++i) {
    const Slope& finer = slopes[i + 1];
    const double disagreement = std::abs(slopes[i].value - finer.value) + finer.rounding;
    if (disagreement < best.uncertainty) best = {finer.value, disagreement};
  }
  return best;
}

// Differences of losses, for every member along one coordinate of its own.
class LossDifferences {
 public:
  LossDifferences(std::span<const double> point, const LossFunction& losses, std::size_t members)
      : point_(point),
        losses_(losses),
        displaced_(point.begin(), point.end()),
        above_(members),
        below_(members) {}

  // The derivative of member k along coordinates[k], which is null where k sits this one out.
  std::vector<Derivative> derivatives(std::span<const Coordinate* const> coordinates,
                                      double first_step) {
    std::vector<std::array<Slope, kSteps>> slopes(coordinates.size());
    double relative_step = first_step;
    for (std::size_t s = 0; s < kSteps; ++s, relative_step /= kStepReduction) {
      std::vector<double> width(coordinates.size());
      displace(coordinates, relative_step, above_, width);
      displace(coordinates, -relative_step, below_, width);
      for (std::size_t k = 0; k < slopes.size(); ++k) {
        const double size = std::max(std::abs(above_[k]), std::abs(below_[k]));
        slopes[k][s] = {(above_[k] - below_[k]) / width[k],
                        2 * std::numeric_limits<double>::epsilon() * size / width[k]};
      }
    }
    std::vector<Derivative> derivatives;
    for (const auto& of_member : slopes) derivatives.push_back(best_agreed(of_member));
    return derivatives;
  }

 private:
  // Evaluates with every coordinate moved, and adds to `width` how far rounding let it move.
  void displace(std::span<const Coordinate* const> coordinates, double relative_step,
                std::span<double> losses, std::span<double> width) {
    for (std::size_t k = 0; k < coordinates.size(); ++k) {
      if (coordinates[k] == nullptr) continue;
      const double x = point_[coordinates[k]->index];
      double& moved = displaced_[coordinates[k]->index];
      moved = x + relative_step * std::max(1.0, std::abs(x));
      width[k] += std::abs(moved - x);
    }
    losses_(displaced_, losses);
    for (const Coordinate* c : coordinates) {
      if (c != nullptr) displaced_[c->index] = point_[c->index];
    }
  }

  std::span<const double> point_;
  const LossFunction& losses_;
  std::vector<double> displaced_;
  std::vector<double> above_;
  std::vector<double> below_;
};

CoordinateCheck compare(const ParameterBlock& block, std::size_t index, double analytic,
                        const Derivative& numeric, double typical) {
  CoordinateCheck check;
  check.row = (index - block.offset) / block.cols;
  check.col = (index - block.offset) % block.cols;
  check.analytic = analytic;
  check.numeric = numeric.value;
  check.uncertainty = numeric.uncertainty;
  check.absolute = std::abs(analytic - numeric.value);
  if (!std::isfinite(check.absolute)) {
    check.absolute = check.relative = std::numeric_limits<double>::infinity();
  } else if (check.absolute > 0) {
    check.relative =
        check.absolute / std::max({std::abs(analytic), std::abs(numeric.value), typical});
  }
  return check;
}

void include(BlockCheck& block, const CoordinateCheck& coordinate) {
  const bool first = block.checked++ == 0;
  if (first || coordinate.absolute > block.worst_absolute.absolute) {
    block.worst_absolute = coordinate;
  }
  if (first || coordinate.relative > block.worst_relative.relative) {
    block.worst_relative = coordinate;
  }
}

// Root mean square of the finite ones.
double typical_size(std::span<const double> gradient) {
  double sum = 0;
  std::size_t count = 0;
  for (const double g : gradient) {
    if (!std::isfinite(g)) continue;
    sum += g * g;
    ++count;
  }
  return count == 0 ? 0 : std::sqrt(sum / static_cast<double>(count));
}

// The sizes that deviations are compared with, one a block.
std::vector<double> typical_sizes(const ParameterLayout& layout, std::span<const double> gradient) {
  std::vector<double> of_members(layout.members()), of_blocks;
  for (const ParameterBlock& block : layout.blocks()) {
    const double size = typical_size(gradient.subspan(block.offset, block.size()));
    of_blocks.push_back(size);
    of_members[block.member] = std::max(of_members[block.member], size);
  }
  for (std::size_t b = 0; b < of_blocks.size(); ++b) {
    of_blocks[b] = std::max(of_blocks[b], kLeastBlock * of_members[layout.blocks()[b].member]);
  }
  return of_blocks;
}

// A number that is not finite is wrong wherever it stands, so it is found without sampling.
void include_first_non_finite(BlockCheck& result, const ParameterBlock& block,
                              std::span<const double> gradient) {
  const auto of_block = gradient.subspan(block.offset, block.size());
  const auto found = std::ranges::find_if_not(of_block, [](double g) { return std::isfinite(g); });
  if (found == of_block.end()) return;
  const auto index = block.offset + static_cast<std::size_t>(found - of_block.begin());
  include(result, compare(block, index, *found, {}, 0));
}

}  // namespace

std::vector<BlockCheck> detail::check_gradient(const ParameterLayout& layout,
                                               std::span<const double> point,
                                               std::span<const double> gradient,
                                               const LossFunction& losses,
                                               const GradientCheckOptions& options) {
  check_options(options);
  std::vector<BlockCheck> result;
  const std::vector<double> typical = typical_sizes(layout, gradient);
  for (const ParameterBlock& block : layout.blocks()) {
    result.push_back({block.name, block.member, 0, {}, {}});
    include_first_non_finite(result.back(), block, gradient);
  }
  const std::vector<std::vector<Coordinate>> by_member = coordinates_by_member(layout, options);
  std::size_t rounds = 0;
  for (const auto& of_member : by_member) rounds = std::max(rounds, of_member.size());
  LossDifferences differences(point, losses, layout.members());
  std::vector<const Coordinate*> coordinates(layout.members());
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t k = 0; k < by_member.size(); ++k) {
      coordinates[k] = round < by_member[k].size() ? &by_member[k][round] : nullptr;
    }
    const std::vector<Derivative> numeric =
        differences.derivatives(coordinates, options.first_step);
    for (std::size_t k = 0; k < by_member.size(); ++k) {
      if (coordinates[k] == nullptr) continue;
      const auto [b, index] = *coordinates[k];
      include(result[b],
              compare(layout.blocks()[b], index, gradient[index], numeric[k], typical[b]));
    }
  }
  return result;
}

const BlockCheck& worst_of(std::span<const BlockCheck> blocks) {
  return *std::ranges::max_element(
      blocks, {}, [](const BlockCheck& block) { return block.worst_relative.relative; });
}

}  // namespace ravine
