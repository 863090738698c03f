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

std::vector<double> random_direction(const ParameterLayout& layout, std::uint64_t seed,
                                     std::string_view name) {
  std::vector<double> direction(layout.size());
  RandomStream(seed, name).fill_normal(std::span<double>(direction));
  const std::vector<double> norms = member_norms(layout, direction);
  for (const ParameterBlock& block : layout.blocks()) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      direction[block.offset + i] /= norms[block.member];
    }
  }
  return direction;
}

}  // namespace ravine
