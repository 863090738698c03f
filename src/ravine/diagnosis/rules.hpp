#pragma once

#include <string>
#include <vector>

#include "ravine/diagnosis/diagnosis.hpp"

namespace ravine {

// The thresholds of the verdicts. docs/diagnosis.md says where each is from.
inline constexpr double kShrinkingRatio = 1.0 / 5;  ///< first to last layer's norm
inline constexpr double kGrowingRatio = 30;
inline constexpr double kTinyNorm = 1e-2;         ///< for a mean loss of order 1
inline constexpr double kHugeNorm = 100;          ///< likewise
inline constexpr double kCollapse = 6e-8;         ///< end to start: unit roundoff of float
inline constexpr double kLearnedDecrease = 0.1;   ///< of the loss, relative
inline constexpr double kLearnedUnseen = 0.5;     ///< the same when a blind guess's is not known
inline constexpr double kLossRise = 1.2;          ///< end over the start, or over the blind guess
inline constexpr double kDeadShare = 0.1;         ///< of the steps, zero in a row up to the end
inline constexpr double kDeadSteps = 5;           ///< and at least so many, of as many as there are
inline constexpr double kDeadUnits = 0.95;        ///< of a layer's ReLUs
inline constexpr double kSpikeShare = 0.02;       ///< of the steps
inline constexpr double kNoise = 0.4;             ///< decades
inline constexpr double kIdleDecrease = 0.01;     ///< of the loss, all that the steps could give
inline constexpr double kPlateau = 0.03;          ///< relative change of the loss
inline constexpr double kPlateauGrowth = 1.5;     ///< of the largest norm, that ends a plateau
inline constexpr double kStillNorms = 0.08;       ///< decades, LayerMeasures::range of every layer
inline constexpr double kShrinkingSignal = 1e-3;  ///< first to last layer's, probes
inline constexpr double kGrowingSignal = 1e3;
inline constexpr double kSaturated = 0.95;   ///< of a layer's outputs
inline constexpr double kIdleUpdate = 1e-4;  ///< update to weight, a step; 1e-3 is usual
inline constexpr double kViolentUpdate = 0.1;
inline constexpr double kShrunkWeights = 0.5;  ///< of the norm of the median layer's
inline constexpr double kShrunkNorms = 0.1;  ///< end to first, of a layer's norm that goes with it
inline constexpr double kGrowthBeforeBreak = 1;  ///< decades, of norms that overshoot
inline constexpr double kClearExcess = 10;       ///< past a threshold: high confidence
inline constexpr std::int64_t kFewSteps = 10;    ///< below: low confidence
inline constexpr std::int64_t kTrendSteps = 50;  ///< below: no verdict from changes over time

/// One thing that is wrong.
struct Finding {
  Verdict verdict;
  Confidence confidence;
  bool certain;  ///< stands even when the loss falls
  std::string reason;
  std::vector<std::string> layers;
};

/// Whether the loss shows that norms that look odd have not kept the network from learning: it is
/// lower than that of a blind guess by kLearnedDecrease or, where that is not known, has fallen
/// from a start in order by kLearnedUnseen. A loss that starts far above a blind guess falls to it
/// unlearned.
bool learns(const Measures& measures);

/// Norms that are far too large at the very first step, or throughout the first tenth of them, are
/// so whatever the step rule.
bool starts_too_large(const Measures& measures);

/// Whether its norm is exactly zero in so many steps at the end that it counts as dead.
bool is_silent(const Measures& measures, const LayerMeasures& layer);

/// Whether a norm or a loss was not finite, but all are in order before it and again at the end.
bool broke_in_passing(const Measures& measures);

/// Whether some norm of the first step, or of the first tenth, is over kHugeNorm.
bool starts_at_huge_level(const Measures& measures);

/// Whether every layer whose norm is exactly zero at the end was so at every step.
bool silent_from_start(const Measures& measures);

/// Whether all norms end so far below their start that no step of theirs moves a weight; zeros are
/// death, not collapse.
bool collapses(const Measures& measures);

/// All that is wrong, the gravest first. `diverged`: see NormHistory.
std::vector<Finding> apply_rules(const Measures& measures, bool diverged);

/// What the probes show that is out of the ordinary, in sentences. It bears on causes and not on
/// the verdict.
std::vector<std::string> evidence_of(const Measures& measures);

/// How sure one may be that nothing is wrong when no rule found anything.
Confidence healthy_confidence(const Measures& measures);

}  // namespace ravine
