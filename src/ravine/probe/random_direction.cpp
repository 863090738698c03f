#include "ravine/probe/random_direction.hpp"

#include <cmath>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

std::vector<double> member_norms(const ParameterLayout& layout, std::span<const double> flat) {
  std::vector<double> norms(layout.members());
  for (const ParameterBlock& block : layout.blocks()) {
    norms[block.member] += squared_norm(flat.subspan(block.offset, block.size()));
  }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

void normalise_members(const ParameterLayout& layout, std::span<double> flat) {
  const std::vector<double> norms = member_norms(layout, flat);
  for (const ParameterBlock& block : layout.blocks()) {
    if (norms[block.member] == 0) continue;
    for (double& x : flat.subspan(block.offset, block.size())) x /= norms[block.member];
  }
}

std::vector<double> random_direction(const ParameterLayout& layout, std::uint64_t seed,
                                     std::string_view name) {
  std::vector<double> direction(layout.size());
  RandomStream(seed, name).fill_normal(std::span<double>(direction));
  normalise_members(layout, direction);
  return direction;
}

}  // namespace ravine
