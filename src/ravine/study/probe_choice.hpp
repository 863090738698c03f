#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ravine/base/named.hpp"
#include "ravine/base/option_check.hpp"

namespace ravine {

/// What is measured in every layer beside the gradient norms, and how often.
struct ProbeChoice {
  bool signal = false;       ///< norm of the backpropagated signal
  bool activations = false;  ///< mean, deviation, saturated share, dead units
  bool weights = false;      ///< weight norms
  bool updates = false;      ///< update-to-weight ratios
  bool cosine = false;       ///< between successive gradients
  bool samples = false;      ///< norms of the samples' gradients, noise scale
  std::int64_t every = 1;    ///< measure at steps 1, 1 + every, 1 + 2 every, ...

  bool any() const { return signal || activations || weights || updates || cosine || samples; }
};

/// The probes by the names of the command line.
inline constexpr Named<bool ProbeChoice::*> kProbes[] = {
    {"signal", &ProbeChoice::signal},   {"activations", &ProbeChoice::activations},
    {"weights", &ProbeChoice::weights}, {"updates", &ProbeChoice::updates},
    {"cosine", &ProbeChoice::cosine},   {"samples", &ProbeChoice::samples}};

/// Switches on the probe of a name of kProbes, or every one for "all"; nothing for another name.
void switch_on(ProbeChoice& probes, std::string_view name);

/// The names of those that are on.
std::vector<std::string> names_of(const ProbeChoice& probes);

void check(const ProbeChoice& probes, OptionCheck& options);

}  // namespace ravine
