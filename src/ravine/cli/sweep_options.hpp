#pragma once

#include <cstdint>
#include <string>

#include <toml++/toml.h>

#include "ravine/study/sweep.hpp"

namespace ravine::cli {

/// The plan that a table of options of `ravine sense` stands for; `seed` where it has none.
/// `source` names it in errors. Throws ConfigError.
SweepPlan sweep_plan_from(const toml::table& table, const std::string& source, std::uint64_t seed);

}  // namespace ravine::cli
