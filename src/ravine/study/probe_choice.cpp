#include "ravine/study/probe_choice.hpp"

namespace ravine {

void switch_on(ProbeChoice& probes, std::string_view name) {
  for (const auto& [known, on] : kProbes) {
    if (name == known || name == "all") probes.*on = true;
  }
}

std::vector<std::string> names_of(const ProbeChoice& probes) {
  std::vector<std::string> names;
  for (const auto& [name, on] : kProbes) {
    if (probes.*on) names.emplace_back(name);
  }
  return names;
}

void check(const ProbeChoice& probes, OptionCheck& options) {
  options.demand(probes.every >= 1 && probes.every <= 1'000'000, "probe every", "1 to 1000000",
                 probes.every);
  options.demand(probes.any() || probes.every == 1, "probe every", "no value without a probe",
                 probes.every, "choose with --probe, e.g. --probe all");
}

}  // namespace ravine
