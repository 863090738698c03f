#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "ravine/study/sense.hpp"
#include "ravine/study/train.hpp"

namespace ravine::cli {

/// Add the options that describe a training run or a sensing run to a verb. The function returned
/// makes the configuration from what was parsed and a seed.
std::function<TrainConfig(std::uint64_t seed)> add_train_options(CLI::App& app);
std::function<SenseConfig(std::uint64_t seed)> add_sense_options(CLI::App& app);

/// The same of those among them that say what the gradient is of, for a verb that does not descend:
/// data, network and its initial weights, or instance, rank and operator.
std::function<TrainConfig(std::uint64_t seed)> add_train_objective_options(CLI::App& app);
std::function<SenseConfig(std::uint64_t seed)> add_sense_objective_options(CLI::App& app);

/// The same of the options that say which instance of matrix sensing it is.
std::function<InstanceChoice(std::uint64_t seed)> add_instance_options(CLI::App& app);

/// Adds --rule and every option that a rule of the catalogue has.
void add_rule_options(CLI::App& app, RuleChoice& choice, std::span<const RuleEntry> rules);

}  // namespace ravine::cli
