#include "ravine/optimizer/stability_edge.hpp"

namespace ravine {

namespace {

std::optional<double> edge_of(const GradientDescent& rule, double learning_rate) {
  return 2 / learning_rate - rule.weight_decay;
}

std::optional<double> edge_of(const Momentum& rule, double learning_rate) {
  const double ahead = rule.nesterov ? 1 + 2 * rule.momentum : 1;
  return (2 + 2 * rule.momentum) / (ahead * learning_rate) - rule.weight_decay;
}

std::optional<double> edge_of(const auto&, double) { return std::nullopt; }

}  // namespace

std::optional<double> stability_edge(const TrainingRule& rule, double learning_rate) {
  return std::visit([&](const auto& chosen) { return edge_of(chosen, learning_rate); }, rule);
}

std::optional<double> stability_edge(const SensingRule& rule, double learning_rate) {
  return std::visit([&](const auto& chosen) { return edge_of(chosen, learning_rate); }, rule);
}

}  // namespace ravine
