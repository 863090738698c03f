#include "ravine/diagnosis/remarks.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/diagnosis/rules.hpp"

namespace ravine {

namespace {

constexpr double kTinyBeside = 1e-3;  // of the norms of both neighbours

/// "the gradient of a, b and 3 more layers".
std::string gradient_of(const std::vector<std::string>& names) {
  return fmt::format("the gradient of {}", first_names(names, 3));
}

void add_tiny_layers(const Measures& m, std::vector<std::string>& remarks) {
  for (std::size_t l = 1; l + 1 < m.layers.size(); ++l) {
    const double norm = m.layers[l].median;
    const double beside = std::min(m.layers[l - 1].median, m.layers[l + 1].median);
    if (!(norm > 0 && norm < kTinyBeside * beside)) continue;
    remarks.push_back(
        fmt::format("the norm of {} is {:.2g} times the smaller of its neighbours': it hardly "
                    "learns, though gradients pass it",
                    m.layers[l].name, norm / beside));
  }
}

/// Zeros that go on to the end but are too few for a dead layer, or that come and go.
void add_zeros(const Measures& m, std::vector<std::string>& remarks) {
  std::vector<std::string> ending, passing;
  double longest = 0, largest = 0;
  for (const LayerMeasures& layer : m.layers) {
    if (is_silent(m, layer)) continue;
    const double at_end = layer.zero_share_at_end * static_cast<double>(m.steps);
    if (at_end > kDeadSteps - 0.5) {
      ending.push_back(layer.name);
      longest = std::max(longest, at_end);
    } else if (layer.zero_share >= kDeadShare) {
      passing.push_back(layer.name);
      largest = std::max(largest, layer.zero_share);
    }
  }
  if (!ending.empty()) {
    remarks.push_back(fmt::format("{} is exactly zero in the last {}: dead if that goes on",
                                  gradient_of(ending), counted(std::llround(longest), "step")));
  }
  if (!passing.empty()) {
    remarks.push_back(fmt::format("{} is exactly zero at {:.2g} % of the steps",
                                  gradient_of(passing), 100 * largest));
  }
}

}  // namespace

std::vector<std::string> remarks_on(const Measures& m) {
  std::vector<std::string> remarks;
  add_tiny_layers(m, remarks);
  add_zeros(m, remarks);
  return remarks;
}

}  // namespace ravine
