#include "ravine/optimizer/rule_catalogue.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ravine {

namespace {

struct OptionMeaning {
  std::string_view name;
  std::string_view text;
  std::string_view range;
  bool (*holds)(double);
};

constexpr std::string_view kShareText = "0 or more, below 1";
bool is_share(double x) { return x >= 0 && x < 1; }
bool is_positive(double x) { return std::isfinite(x) && x > 0; }
bool is_not_negative(double x) { return std::isfinite(x) && x >= 0; }
bool is_history(double x) { return x >= 1 && x <= 1000 && x == std::floor(x); }

constexpr OptionMeaning kMeanings[] = {
    {"momentum", "Share of the last step kept", kShareText, is_share},
    {"beta1", "Decay of the mean gradient", kShareText, is_share},
    {"beta2", "Decay of the mean squared gradient", kShareText, is_share},
    {"decay", "Decay of the mean squared gradient", kShareText, is_share},
    {"epsilon", "Added to the root of squared gradients", "a positive number", is_positive},
    {"weight-decay", "Pull of the weights to zero", "0 or more", is_not_negative},
    {"history", "Changes remembered", "a whole number, 1 to 1000", is_history},
};

const OptionMeaning& meaning_of(std::string_view name) {
  return *std::ranges::find(kMeanings, name, &OptionMeaning::name);
}

std::string names_of(std::span<const RuleEntry> rules) {
  std::vector<std::string_view> names;
  for (const RuleEntry& rule : rules) names.push_back(rule.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

bool contains(std::span<const RuleEntry> rules, std::string_view name) {
  return std::ranges::find(rules, name, &RuleEntry::name) != rules.end();
}

/// Looks up the options of a choice.
class Values {
 public:
  Values(const RuleChoice& choice, std::span<const RuleEntry> rules)
      : values_(resolved_options(choice, entry_of(choice, rules))) {}

  double operator[](std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double, std::less<>> values_;
};

Adam adam_of(const Values& values, WeightDecay decay) {
  return {values["beta1"], values["beta2"], values["epsilon"], values["weight-decay"], decay};
}

}  // namespace

const std::vector<RuleEntry>& training_rules() {
  static const RuleOption kDecay{"weight-decay", 0};
  static const std::vector<RuleEntry> kRules = {
      {"sgd", 0.01, StepUnit::none, {kDecay}},
      {"momentum", 0.01, StepUnit::none, {{"momentum", 0.9}, kDecay}},
      {"nesterov", 0.01, StepUnit::none, {{"momentum", 0.9}, kDecay}},
      {"adam",
       0.001,
       StepUnit::none,
       {{"beta1", 0.9}, {"beta2", 0.999}, {"epsilon", 1e-8}, kDecay}},
      {"adamw",
       0.001,
       StepUnit::none,
       {{"beta1", 0.9}, {"beta2", 0.999}, {"epsilon", 1e-8}, {"weight-decay", 0.01}}},
      {"rmsprop", 0.01, StepUnit::none, {{"decay", 0.99}, {"epsilon", 1e-8}, kDecay}},
      {"adagrad", 0.01, StepUnit::none, {{"epsilon", 1e-10}, kDecay}},
  };
  return kRules;
}

const std::vector<RuleEntry>& sensing_rules() {
  static const std::vector<RuleEntry> kRules = {
      {"gd", 0.25, StepUnit::curvature, {}},
      {"momentum", 0.1, StepUnit::curvature, {{"momentum", 0.9}}},
      {"nesterov", 0.2, StepUnit::curvature, {}},
      {"adam", 0.01, StepUnit::entry, {{"beta1", 0.9}, {"beta2", 0.999}, {"epsilon", 1e-8}}},
      {"adagrad", 0.1, StepUnit::entry, {{"epsilon", 1e-10}}},
      {"rmsprop", 0.01, StepUnit::entry, {{"decay", 0.99}, {"epsilon", 1e-8}}},
      {"line-search", 0.25, StepUnit::curvature, {}},
      {"barzilai-borwein", 0.25, StepUnit::curvature, {}},
      {"lbfgs", 0.25, StepUnit::curvature, {{"history", 20}}},
      {"scaled-gd", 0.35, StepUnit::none, {}},
      {"preconditioned-gd", 0.35, StepUnit::none, {}},
  };
  return kRules;
}

std::vector<OptionHelp> options_of(std::span<const RuleEntry> rules) {
  std::vector<OptionHelp> helps;
  for (const OptionMeaning& meaning : kMeanings) {
    std::string defaults;
    for (const RuleEntry& rule : rules) {
      for (const RuleOption& option : rule.options) {
        if (option.name != meaning.name) continue;
        defaults +=
            fmt::format("{}{} {}", defaults.empty() ? "" : ", ", rule.name, option.fallback);
      }
    }
    if (defaults.empty()) continue;
    helps.push_back({std::string(meaning.name), fmt::format("{} ({})", meaning.text, defaults)});
  }
  return helps;
}

void check(const RuleChoice& choice, std::span<const RuleEntry> rules, OptionCheck& options) {
  const bool known = contains(rules, choice.name);
  const bool elsewhere =
      contains(sensing_rules(), choice.name) || contains(training_rules(), choice.name);
  options.demand(known, "rule", names_of(rules), choice.name,
                 !known && elsewhere ? "that rule does not fit this objective" : "");
  if (!known) return;
  const RuleEntry& entry = entry_of(choice, rules);
  for (const auto& [name, value] : choice.options) {
    const bool taken =
        std::ranges::find(entry.options, name, &RuleOption::name) != entry.options.end();
    options.demand(taken, name, fmt::format("no value, for {} has none", choice.name), value);
    options.demand(!taken || meaning_of(name).holds(value), name, meaning_of(name).range, value);
  }
}

const RuleEntry& entry_of(const RuleChoice& choice, std::span<const RuleEntry> rules) {
  return *std::ranges::find(rules, choice.name, &RuleEntry::name);
}

std::map<std::string, double, std::less<>> resolved_options(const RuleChoice& choice,
                                                            const RuleEntry& entry) {
  std::map<std::string, double, std::less<>> values = choice.options;
  for (const RuleOption& option : entry.options) {
    values.emplace(option.name, option.fallback);  // what was given stays
  }
  return values;
}

TrainingRule training_rule(const RuleChoice& choice) {
  const Values values(choice, training_rules());
  const double weight_decay = values["weight-decay"];
  if (choice.name == "momentum") return Momentum{values["momentum"], weight_decay, false};
  if (choice.name == "nesterov") return Momentum{values["momentum"], weight_decay, true};
  if (choice.name == "adam") return adam_of(values, WeightDecay::coupled);
  if (choice.name == "adamw") return adam_of(values, WeightDecay::decoupled);
  if (choice.name == "rmsprop") return RmsProp{values["decay"], values["epsilon"], weight_decay};
  if (choice.name == "adagrad") return AdaGrad{values["epsilon"], weight_decay};
  return GradientDescent{weight_decay};
}

SensingRule sensing_rule(const RuleChoice& choice) {
  const Values values(choice, sensing_rules());
  if (choice.name == "momentum") return Momentum{values["momentum"]};
  if (choice.name == "nesterov") return AcceleratedGradient{};
  if (choice.name == "adam") return adam_of(values, WeightDecay::coupled);
  if (choice.name == "rmsprop") return RmsProp{values["decay"], values["epsilon"]};
  if (choice.name == "adagrad") return AdaGrad{values["epsilon"]};
  if (choice.name == "line-search") return LineSearch{};
  if (choice.name == "barzilai-borwein") return BarzilaiBorwein{};
  if (choice.name == "lbfgs") return Lbfgs{static_cast<std::size_t>(values["history"])};
  if (choice.name == "scaled-gd") return ScaledGradient{};
  if (choice.name == "preconditioned-gd") return PreconditionedGradient{};
  return GradientDescent{};
}

}  // namespace ravine
