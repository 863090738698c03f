#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ravine {

enum class Verdict { healthy, vanishing, exploding };

std::string_view name_of(Verdict verdict);

/// What recorded gradient norms say about a network.
struct Diagnosis {
  Verdict verdict = Verdict::healthy;
  double first_to_last_ratio = 1;    ///< median norm of the first layer over that of the last
  double log10_slope_per_layer = 0;  ///< least-squares slope of log10 median norm against depth
  std::vector<double> median_norms;  ///< per layer, over the steps given
  std::vector<std::string> reasons;  ///< at least one sentence, with numbers
};

/// Judges weight-gradient norms. norms: one series a layer, first layer first, equal lengths >= 1.
/// `diverged` says that the loss became non-finite or grew without bound.
///
/// Exploding: the run diverged, a norm is not finite, the first layer's median is over 100 times
/// the last's, or any median is over 100. Vanishing: the first layer's median is under 1/100 of the
/// last's, or every median is under 1e-6. Else healthy. Both ratio and level count, because in a
/// bias-free ReLU network <W_l, G_l> is the same for every layer: norms can be flat over depth
/// while all of them vanish or explode. Throws ShapeError.
Diagnosis diagnose(std::span<const std::vector<double>> norms, bool diverged);

}  // namespace ravine
