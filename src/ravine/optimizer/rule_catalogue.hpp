#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ravine/base/option_check.hpp"
#include "ravine/optimizer/accelerated_gradient.hpp"
#include "ravine/optimizer/adagrad.hpp"
#include "ravine/optimizer/adam.hpp"
#include "ravine/optimizer/barzilai_borwein.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "ravine/optimizer/lbfgs.hpp"
#include "ravine/optimizer/line_search.hpp"
#include "ravine/optimizer/momentum.hpp"
#include "ravine/optimizer/rmsprop.hpp"
#include "ravine/optimizer/scaled_gradient.hpp"

namespace ravine {

/// A number a rule takes.
struct RuleOption {
  std::string_view name;  ///< as a long option, without the dashes
  double fallback;        ///< when it is not given
};

/// What the step of a rule is measured in, so that one number suits problems of any size.
enum class StepUnit {
  curvature,  ///< eta = c / sigma_1: an inverse curvature
  entry,      ///< eta = c sqrt(sigma_1 / d): an entry of U, what rules move by that divide by the
              ///< size of gradients
  none        ///< eta = c
};

/// A rule that a verb offers.
struct RuleEntry {
  std::string_view name;
  double default_step;  ///< c for sensing, eta for training
  StepUnit unit;        ///< for sensing
  std::vector<RuleOption> options;
};

/// A rule by name, with the options that were given for it.
struct RuleChoice {
  std::string name;
  std::map<std::string, double, std::less<>> options;

  friend bool operator==(const RuleChoice&, const RuleChoice&) = default;
};

/// Rules that fit mini-batches, and those that fit a factored problem without.
using TrainingRule = std::variant<GradientDescent, Momentum, Adam, AdaGrad, RmsProp>;
using SensingRule =
    std::variant<GradientDescent, Momentum, AcceleratedGradient, Adam, AdaGrad, RmsProp, LineSearch,
                 BarzilaiBorwein, Lbfgs, ScaledGradient, PreconditionedGradient>;

/// sgd, momentum, nesterov (Sutskever's), adam, adamw, rmsprop, adagrad.
const std::vector<RuleEntry>& training_rules();
/// gd, momentum, nesterov (with restart), adam, adagrad, rmsprop, line-search, barzilai-borwein,
/// lbfgs, scaled-gd, preconditioned-gd.
const std::vector<RuleEntry>& sensing_rules();

/// Every option of some rule of the catalogue, with what it means and its default for each rule.
struct OptionHelp {
  std::string name;
  std::string text;
};
std::vector<OptionHelp> options_of(std::span<const RuleEntry> rules);

/// Demands a known rule, options that it has, and values in their ranges.
void check(const RuleChoice& choice, std::span<const RuleEntry> rules, OptionCheck& options);

/// The entry of a checked choice.
const RuleEntry& entry_of(const RuleChoice& choice, std::span<const RuleEntry> rules);

/// All options of a checked choice, given or not.
std::map<std::string, double, std::less<>> resolved_options(const RuleChoice& choice,
                                                            const RuleEntry& entry);

/// The rule of a checked choice.
TrainingRule training_rule(const RuleChoice& choice);
SensingRule sensing_rule(const RuleChoice& choice);

}  // namespace ravine
