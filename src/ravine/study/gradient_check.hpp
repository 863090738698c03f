#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ravine/probe/gradient_check.hpp"
#include "ravine/probe/taylor_test.hpp"
#include "ravine/study/sense.hpp"
#include "ravine/study/train.hpp"

namespace ravine {

/// A right gradient has Taylor order 2, or more where the loss does not bend, one with an error
/// order 1.
inline constexpr double kOrderTolerance = 0.1;

/// On the relative deviation of every checked coordinate. Differences in double agree with a right
/// gradient to 1e-8 where the loss has bends of its own size, and to about 1e-6 at coordinates that
/// hardly move it; a wrong factor or a missing term is far above.
inline constexpr double kDeviationTolerance = 1e-4;

/// What both checks found, for printing.
struct GradientReport {
  std::vector<BlockCheck> blocks;  ///< central differences, one a block
  std::vector<TaylorTest> taylor;  ///< one a member
  bool passed = false;             ///< orders and deviations are within the tolerances
  std::string message;             ///< one line: the worst order, the worst deviation, its place
  double elapsed_seconds = 0;
};

/// The order that was fitted, or why there is none.
std::string order_text(const TaylorTest& test);

/// The two checks of one objective judged by the tolerances. Neither may be empty.
GradientReport judge(std::vector<BlockCheck> blocks, std::vector<TaylorTest> taylor);

/// Checks the gradient that `train` would descend, in double precision, at its initial weights: 20
/// coordinates of every block on its first mini-batch; for activations with a kink the Taylor test
/// is made on the first few samples of it, since a kink in any unit of any sample spoils the order.
/// Throws as run_train does.
GradientReport check_train_gradient(const TrainConfig& config, ThreadTeam& team);

/// Checks the gradient that `sense` would descend on its instance, at a U with N(0, 1) entries,
/// which is far from all critical points: 25 coordinates and the Taylor test. Throws as run_sense
/// does.
GradientReport check_sense_gradient(const SenseConfig& config, ThreadTeam& team);

}  // namespace ravine
