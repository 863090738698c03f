#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "ravine/objective/mlp_config.hpp"

namespace ravine {

/// One way of putting a network together, for test names.
inline void PrintTo(const MlpConfig& config, std::ostream* out) {
  *out << name_of(config.activation) << ", " << name_of(config.normalisation) << " normalisation, "
       << name_of(config.loss) << (config.bias ? ", biases" : "")
       << (config.residual ? ", skips" : "") << (config.dropout.rate > 0 ? ", dropout" : "");
}

namespace testing {

/// Every combination of normalisation, skips, dropout, loss and biases, of one activation.
inline std::vector<MlpConfig> mlp_variants(std::size_t inputs, std::size_t classes,
                                           Activation activation) {
  std::vector<MlpConfig> variants;
  for (const auto& [norm_name, normalisation] : kNormalisations) {
    for (const auto& [loss_name, loss] : kLosses) {
      for (const bool bias : {false, true}) {
        for (const bool residual : {false, true}) {
          for (const double rate : {0.0, 0.3}) {
            variants.push_back({inputs,
                                {6, 6, 6},
                                classes,
                                activation,
                                bias,
                                loss,
                                normalisation,
                                residual,
                                {rate, 5}});
          }
        }
      }
    }
  }
  return variants;
}

}  // namespace testing
}  // namespace ravine
