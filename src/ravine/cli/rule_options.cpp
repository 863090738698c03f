#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/cli/study_options.hpp"

namespace ravine::cli {

void add_rule_options(CLI::App& app, RuleChoice& choice, std::span<const RuleEntry> rules) {
  std::vector<std::string_view> names;
  for (const RuleEntry& rule : rules) names.push_back(rule.name);
  app.add_option("--rule", choice.name, fmt::format("Step rule: {}", fmt::join(names, ", ")))
      ->capture_default_str();
  for (const OptionHelp& option : options_of(rules)) {
    app.add_option_function<double>(
        "--" + option.name,
        [&choice, name = option.name](double value) { choice.options[name] = value; }, option.text);
  }
}

}  // namespace ravine::cli
