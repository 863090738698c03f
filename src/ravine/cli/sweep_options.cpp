#include "ravine/cli/sweep_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/cli/parse.hpp"
#include "ravine/cli/study_options.hpp"

namespace ravine::cli {

namespace {

// A sweep's table has no place for what they add.
constexpr std::array<std::string_view, 8> kOfOneRun = {
    "help",   "singular-values", "singular-values-every", "minimum-norm", "trace-minimisation",
    "theory", "sharpness-every", "diagnose-operator"};

/// The options of `ravine sense` that say what is run, with --seed.
struct SenseParser {
  CLI::App app;
  std::uint64_t seed = 0;
  std::function<SenseConfig(std::uint64_t)> config_for = add_sense_options(app);

  SenseParser() { app.add_option("--seed", seed); }
};

SenseConfig sense_config(const SenseOptions& options) {
  SenseParser parser;
  std::vector<std::string> arguments;
  for (const auto& [name, text] : options) arguments.push_back(fmt::format("--{}={}", name, text));
  try {
    parse_arguments(parser.app, std::move(arguments));
  } catch (const CLI::ParseError& error) {
    throw ConfigError(error_text("sweep", "options", "values that `ravine sense` takes",
                                 fmt::format("'{}'", error.what())));
  }
  return parser.config_for(parser.seed);
}

void refuse_unknown_keys(const toml::table& table, const std::string& source) {
  const SenseParser parser;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (is_about_sweep(name)) continue;
    if (parser.app.get_option_no_throw("--" + name) != nullptr &&
        std::ranges::find(kOfOneRun, name) == kOfOneRun.end()) {
      continue;
    }
    throw ConfigError(
        error_text("sweep", fmt::format("{} line {}, {}", source, node.source().begin.line, name),
                   "a known key", "an unknown one",
                   "keys are the long options of `ravine sense` that change where a run ends"));
  }
}

}  // namespace

SweepPlan sweep_plan_from(const toml::table& table, const std::string& source, std::uint64_t seed) {
  refuse_unknown_keys(table, source);
  SweepGrid grid = parse_sweep_grid(table, source);
  if (grid.find("seed") == nullptr) {
    grid.keys.insert(grid.keys.begin(),
                     {"seed", {{fmt::format("{}", seed), static_cast<double>(seed)}}, false, {}});
  }
  return make_sweep_plan(std::move(grid), sense_config);
}

SweepConfig sweep_config_from(const SweepPlan& plan, const std::string& source,
                              std::optional<double> success) {
  SweepConfig config{source};
  if (!success) success = plan.grid.success;
  if (success) config.success = *success;
  check(config);
  return config;
}

}  // namespace ravine::cli
