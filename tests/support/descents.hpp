#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ravine/descent/descend.hpp"
#include "ravine/optimizer/gradient_descent.hpp"

namespace ravine::testing {

using Observers = std::vector<Observer<double>*>;

inline DescentOptions steps_at_rate(std::int64_t steps, double learning_rate) {
  DescentOptions options;
  options.max_steps = steps;
  options.learning_rate = learning_rate;
  return options;
}

/// Descends on two threads.
template <class O, class Rule = GradientDescent>
RunResult run(O& objective, std::vector<double>& parameters, const DescentOptions& options,
              const Observers& observers = {}, const Rule& rule = {}) {
  ThreadTeam team(2);
  return descend(objective, rule, std::span(parameters), options,
                 std::span<Observer<double>* const>(observers), team);
}

}  // namespace ravine::testing
