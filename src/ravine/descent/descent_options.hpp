#pragma once

#include <cstdint>

#include "ravine/descent/checkpoint.hpp"
#include "ravine/descent/gradient_clipper.hpp"
#include "ravine/optimizer/schedule.hpp"

namespace ravine {

struct DescentOptions {
  std::int64_t max_steps = 1000;       ///< updates
  std::int64_t steps_per_epoch = 0;    ///< 0: no epochs
  double learning_rate = 0.01;         ///< eta
  LearningRateSchedule schedule = {};  ///< of eta
  Clipping clipping = {};              ///< of the gradient before the rule sees it
  double gradient_tolerance =
      0;  ///< a member has converged when its gradient norm is <= this; 0: off
  double divergence_factor = 0;     ///< a member has diverged when its loss exceeds this times the
                                    ///< size of its first loss, or is not finite; 0, or a first
                                    ///< loss of 0: only when not finite
  bool evaluate_last_point = true;  ///< evaluate, and report, the point after the last update
  Checkpoints checkpoints = {};
};

}  // namespace ravine
