#include "ravine/report/comparison.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "ravine/report/network_comparison.hpp"
#include "ravine/report/rule_comparison.hpp"

namespace ravine::report {

std::map<std::size_t, Comparison> comparisons_of(const std::vector<RunRecord>& runs) {
  std::map<std::string, std::vector<const RunRecord*>> experiments;
  for (const RunRecord& run : runs) {
    if (run.has("/experiment/id")) experiments[run.text("/experiment/id")].push_back(&run);
  }
  std::map<std::size_t, Comparison> comparisons;
  for (const auto& [id, members] : experiments) {
    auto comparison = compare_rules(members);
    if (!comparison) comparison = compare_networks(members);
    if (comparison) comparisons.emplace(members.front() - runs.data(), std::move(*comparison));
  }
  std::map<std::string, std::size_t> count;
  for (auto& [place, comparison] : comparisons) {
    for (FigureScript& figure : comparison.figures) {
      const std::size_t number = ++count[figure.name];
      if (number > 1) figure.name += fmt::format("-{}", number);
    }
  }
  return comparisons;
}

}  // namespace ravine::report
