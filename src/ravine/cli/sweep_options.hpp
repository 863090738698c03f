#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <toml++/toml.h>

#include "ravine/study/sweep.hpp"

namespace ravine::cli {

/// The plan that a table of options of `ravine sense` stands for; `seed` where it has none.
/// `source` names it in errors. Throws ConfigError.
SweepPlan sweep_plan_from(const toml::table& table, const std::string& source, std::uint64_t seed);

/// What is set beside a plan, with `success` before the plan's. Throws ConfigError.
SweepConfig sweep_config_from(const SweepPlan& plan, const std::string& source,
                              std::optional<double> success);

}  // namespace ravine::cli
