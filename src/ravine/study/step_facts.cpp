#include "ravine/study/step_facts.hpp"

#include <cmath>

namespace ravine {

namespace {

double option_of(const RuleChoice& rule, std::string_view name) {
  const auto found = rule.options.find(name);
  return found == rule.options.end() ? 0 : found->second;
}

}  // namespace

StepFacts step_facts(const RuleChoice& rule, bool clips, bool normalises) {
  const double weight_decay = option_of(rule, "weight-decay");
  const bool adapts_penalty =
      rule.name == "adam" || rule.name == "rmsprop" || rule.name == "adagrad";
  const double decay = weight_decay / (1 - option_of(rule, "momentum"));
  return {.plain_descent = rule.name == "sgd" && weight_decay == 0 && !clips && !normalises,
          .decay = adapts_penalty && weight_decay > 0 ? NAN : decay};
}

}  // namespace ravine
