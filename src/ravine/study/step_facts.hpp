#pragma once

#include "ravine/diagnosis/norm_history.hpp"
#include "ravine/optimizer/rule_catalogue.hpp"

namespace ravine {

/// What a step rule with all its options says of the steps. The norms of the weights' gradients
/// tell what plain descent can take off the loss: the whole gradient is used, and weights are what
/// is learned but for biases. Decay is known of rules that subtract it as it is: momentum adds up
/// past steps to 1 / (1 - momentum) of one; adaptive rules divide an L2 penalty by the gradients'
/// size, and nothing simple remains.
StepFacts step_facts(const RuleChoice& rule, bool clips, bool normalises);

}  // namespace ravine
