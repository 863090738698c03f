#include "ravine/probe/filter_direction.hpp"

#include <cmath>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/random/random.hpp"

namespace ravine {

std::vector<double> filter_direction(const ParameterLayout& layout,
                                     std::span<const double> parameters, std::uint64_t seed,
                                     std::string_view name) {
  std::vector<double> direction(layout.size());
  RandomStream(seed, name).fill_normal(std::span<double>(direction));
  for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
    const MatrixView<double> d = layout.view(std::span(direction), b);
    const MatrixView<const double> w = layout.view(parameters, b);
    for (std::size_t i = 0; i < d.rows; ++i) {
      const double length = squared_norm(std::span<const double>(d.row(i)));
      const double factor = d.rows == 1 ? 0 : std::sqrt(squared_norm(w.row(i)) / length);
      for (double& x : d.row(i)) x *= factor;
    }
  }
  return direction;
}

}  // namespace ravine
