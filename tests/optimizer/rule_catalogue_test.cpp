#include "ravine/optimizer/rule_catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"

namespace ravine {
namespace {

using testing::error_of;
using ::testing::HasSubstr;

std::string refusal_of(const RuleChoice& choice, std::span<const RuleEntry> rules) {
  return error_of<ConfigError>([&] {
    OptionCheck options("rules");
    check(choice, rules, options);
    options.report();
  });
}

TEST(RuleCatalogue, MakesTheRuleItNames) {
  for (const RuleEntry& entry : sensing_rules()) {
    const SensingRule rule = sensing_rule({std::string(entry.name), {}});
    EXPECT_EQ(std::visit([](const auto& r) { return std::string(r.name()); }, rule), entry.name);
  }
  for (const RuleEntry& entry : training_rules()) {
    const TrainingRule rule = training_rule({std::string(entry.name), {}});
    const std::string name = std::visit([](const auto& r) { return std::string(r.name()); }, rule);
    EXPECT_EQ(name, entry.name == "sgd" ? "gd" : entry.name);
  }
}

TEST(RuleCatalogue, PassesOptionsOnAndFillsInTheOthers) {
  const auto adam = std::get<Adam>(training_rule({"adam", {{"beta1", 0.5}, {"epsilon", 1e-4}}}));
  EXPECT_EQ(adam.beta1, 0.5);
  EXPECT_EQ(adam.beta2, 0.999);
  EXPECT_EQ(adam.epsilon, 1e-4);
  EXPECT_EQ(adam.decay, WeightDecay::coupled);
  const auto adamw = std::get<Adam>(training_rule({"adamw", {}}));
  EXPECT_EQ(adamw.weight_decay, 0.01);
  EXPECT_EQ(adamw.decay, WeightDecay::decoupled);
  EXPECT_EQ(std::get<Lbfgs>(sensing_rule({"lbfgs", {{"history", 7}}})).history, 7U);
  EXPECT_EQ(std::get<Momentum>(sensing_rule({"momentum", {{"momentum", 0.3}}})).momentum, 0.3);
}

TEST(RuleCatalogue, RefusesUnknownRulesOptionsAndValues) {
  EXPECT_THAT(refusal_of({"newton", {}}, sensing_rules()), HasSubstr("got newton"));
  EXPECT_THAT(refusal_of({"scaled-gd", {}}, training_rules()), HasSubstr("does not fit"));
  EXPECT_THAT(refusal_of({"sgd", {{"history", 3}}}, training_rules()), HasSubstr("history"));
  EXPECT_THAT(refusal_of({"adam", {{"beta1", 1}, {"epsilon", 0}}}, training_rules()),
              ::testing::AllOf(HasSubstr("beta1"), HasSubstr("epsilon")));
}

TEST(RuleCatalogue, EveryOptionOfARuleIsOfferedAndHasAValidDefault) {
  for (const auto* rules : {&training_rules(), &sensing_rules()}) {
    const std::vector<OptionHelp> helps = options_of(*rules);
    for (const RuleEntry& entry : *rules) {
      RuleChoice choice{std::string(entry.name), {}};
      for (const RuleOption& option : entry.options) {
        choice.options[std::string(option.name)] = option.fallback;
        EXPECT_TRUE(std::ranges::any_of(
            helps, [&](const OptionHelp& help) { return help.name == option.name; }));
      }
      OptionCheck options("rules");
      check(choice, *rules, options);
      EXPECT_TRUE(options.passed()) << entry.name;
    }
  }
}

}  // namespace
}  // namespace ravine
