#pragma once

#include <optional>

#include "ravine/optimizer/rule_catalogue.hpp"

namespace ravine {

/// The edge of stability: the curvature above which a rule with learning rate eta runs away from
/// the minimum of a quadratic. 2/eta - lambda for gradient descent with weight decay lambda,
/// (2 + 2 mu)/eta - lambda for the heavy ball, (2 + 2 mu)/((1 + 2 mu) eta) - lambda for Sutskever's
/// look-ahead (Cohen et al. 2021, "Gradient Descent on Neural Networks Typically Occurs at the Edge
/// of Stability", appendix B). None for rules whose step is not a fixed multiple of gradients.
std::optional<double> stability_edge(const TrainingRule& rule, double learning_rate);
std::optional<double> stability_edge(const SensingRule& rule, double learning_rate);

}  // namespace ravine
