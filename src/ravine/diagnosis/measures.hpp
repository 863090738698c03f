#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ravine/diagnosis/norm_history.hpp"

namespace ravine {

/// A slope with its 95 % confidence interval (see LineFit); NaN where there is none.
struct Slope {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// One layer's norms in numbers. A norm is a median over the steps whose norm is positive and
/// finite; 0 when none is and one is zero, NaN when all are not finite.
struct LayerMeasures {
  std::string name;
  double first = 0;   ///< of the first step
  double start = 0;   ///< over the first tenth of the steps
  double median = 0;  ///< over all steps
  double end = 0;     ///< over the last tenth
  double range = 0;   ///< decades from the lowest to the highest mean of a fifth of the steps
  Slope trend;        ///< of log10 norm over time: decades from the first step to the last
  double noise = 0;   ///< decades, see LayerHistory::noise()
  double spike_share = 0;
  double zero_share = 0;
  double zero_share_at_end = 0;  ///< of the steps that end the recording with zeros in a row
  double non_finite_share = 0;
  double first_non_finite_step = 0;  ///< as its table names it, or counted from 1; NaN: none
  double dead_relu_share = 0;        ///< of the units behind this layer's weights; NaN: not known
  LayerProbes probes;
};

/// The numbers a diagnosis judges.
struct Measures {
  std::int64_t steps = 0;
  std::vector<LayerMeasures> layers;
  std::size_t first_end = 0;  ///< the first layer, and the last, with a positive finite median
  std::size_t last_end = 0;
  /// Of the medians of these two layers; NaN: not two such layers, nor the only one.
  double first_to_last_ratio = 1;
  double ratio_at_first_step = 1;  ///< the same of the first step's norms
  double ratio_at_start = 1;       ///< and of the first tenth's
  double smallest_median = 0;
  double largest_median = 0;
  double largest_first = 0;
  double largest_start = 0;
  double largest_end = 0;
  Slope depth;  ///< of log10 median over depth, decades a layer; positive: norms shrink backwards
  Slope signal_depth;              ///< the same of the backpropagated signal; NaN: not measured
  double signal_ratio = 0;         ///< of the signal, first to last layer; likewise
  double largest_saturation = 0;   ///< saturated share of the layer with the largest; likewise
  double median_update_ratio = 0;  ///< over the layers; likewise
  double weight_left = 0;          ///< LayerProbes::weight_left, likewise
  double decay_left = 0;           ///< share of the weights that decay alone leaves; NaN: not known
  double gradient_scale = 1;       ///< see NormHistory
  Remedies has;
  bool from_start = true;        ///< see NormHistory
  double blind_loss = 0;         ///< see NormHistory; NaN: not known
  double first_loss = 0;         ///< of the first step; NaN: not known
  double loss_at_end = 0;        ///< over the last tenth
  double relative_decrease = 0;  ///< of the loss: 1 - end/reference, the reference being the lower
                                 ///< of the first and the blind guess; NaN: not known
  double expected_share = 0;     ///< NormHistory::expected_decrease over the first loss
  double first_non_finite_loss_step = 0;  ///< NaN: none
  std::int64_t first_break = 0;  ///< the step, from 1, of the first norm or loss that is not finite
  bool break_passed = false;     ///< all are finite again at the last step
  /// Decades from the start to the largest norm in the tenth of the steps before the first break;
  /// NaN: no break, or no norm before it.
  double growth_before_break = 0;
  bool order_of_table = false;  ///< see NormHistory
};

/// Throws ShapeError for no layer, or layers with no step or unequal numbers of steps.
Measures measure(const NormHistory& history);

}  // namespace ravine
