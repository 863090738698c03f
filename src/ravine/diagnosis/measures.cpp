#include "ravine/diagnosis/measures.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/base/error.hpp"
#include "ravine/base/line_fit.hpp"
#include "ravine/base/median.hpp"

namespace ravine {

namespace {

constexpr double kWindow = 0.1;  // the share of the steps that is the start, or the end

double median_norm(const LayerHistory& layer, double from, double to) {
  const double log10_norm = layer.log10_norms().median(from, to);
  if (!std::isnan(log10_norm)) return std::pow(10, log10_norm);
  return layer.zeros() > 0 ? 0 : INFINITY;
}

/// From the lowest to the highest mean of the fifths of a series: one that rises and falls back has
/// moved, although its end is as its start. Means over fifths are steadier than the tenths'
/// medians.
double range_of(const StepSeries& series) {
  constexpr std::size_t kFifths = 5;
  const auto blocks = series.blocks();
  double low = NAN, high = NAN;
  for (std::size_t fifth = 0; fifth < kFifths; ++fifth) {
    StepBlock all;
    for (std::size_t b = fifth * blocks.size() / kFifths; b < (fifth + 1) * blocks.size() / kFifths;
         ++b) {
      all.finite += blocks[b].finite;
      all.sum += blocks[b].sum;
    }
    low = std::fmin(low, all.mean());
    high = std::fmax(high, all.mean());
  }
  return high - low;
}

Slope slope_of(const LineFit& fit, double factor) {
  return {factor * fit.slope, factor * (fit.slope - fit.slope_margin),
          factor * (fit.slope + fit.slope_margin)};
}

Slope trend_of(const StepSeries& series) {
  std::vector<double> times, means;
  double steps = 0;
  for (const StepBlock& block : series.blocks()) {
    times.push_back(steps + (static_cast<double>(block.steps) - 1) / 2);
    means.push_back(block.mean());
    steps += static_cast<double>(block.steps);
  }
  return slope_of(fit_line(times, means), steps - 1);
}

LayerMeasures measure_layer(const LayerHistory& layer) {
  const auto steps = static_cast<double>(layer.steps());
  const auto share = [&](std::int64_t count) { return static_cast<double>(count) / steps; };
  return {.name = layer.name(),
          .first = std::pow(10, layer.log10_norms().first()),
          .start = median_norm(layer, 0, kWindow),
          .median = median_norm(layer, 0, 1),
          .end = median_norm(layer, 1 - kWindow, 1),
          .range = range_of(layer.log10_norms()),
          .trend = trend_of(layer.log10_norms()),
          .noise = layer.noise(),
          .spike_share = share(layer.spikes()),
          .zero_share = share(layer.zeros()),
          .zero_share_at_end = share(layer.zeros_at_end()),
          .non_finite_share = share(layer.non_finite()),
          .dead_relu_share = NAN,
          .probes = {.weight_left = layer.weight_left()}};
}

double ratio(double first, double last) {
  if (last > 0) return std::isinf(first) && std::isinf(last) ? 1 : first / last;
  return first > 0 ? INFINITY : 1;
}

/// Of log10 of a layer's number over depth. A number of 0 has no logarithm, but it is the end of
/// vanishing, so it takes part as the smallest positive double.
Slope depth_slope(const std::vector<LayerMeasures>& layers, auto number_of) {
  std::vector<double> depth, log10_number;
  for (const LayerMeasures& layer : layers) {
    const double number = number_of(layer);
    depth.push_back(static_cast<double>(depth.size()));
    log10_number.push_back(std::isnan(number)
                               ? NAN
                               : std::log10(std::max(number, std::numeric_limits<double>::min())));
  }
  return slope_of(fit_line(depth, log10_number), 1);
}

void measure_probes(const NormHistory& history, Measures& found) {
  for (std::size_t l = 0; l < std::min(found.layers.size(), history.probes.size()); ++l) {
    found.layers[l].probes = history.probes[l];
  }
  found.signal_depth =
      depth_slope(found.layers, [](const LayerMeasures& layer) { return layer.probes.signal_rms; });
  found.signal_ratio =
      found.layers.front().probes.signal_rms / found.layers.back().probes.signal_rms;
  found.largest_saturation = NAN;
  std::vector<double> updates, weights;
  for (const LayerMeasures& layer : found.layers) {
    found.largest_saturation = std::fmax(found.largest_saturation, layer.probes.saturated_share);
    updates.push_back(layer.probes.update_ratio);
    weights.push_back(layer.probes.weight_left);
  }
  found.median_update_ratio = median(std::move(updates));
  found.weight_left = median(std::move(weights));
  found.decay_left = std::exp(-history.decay * history.rate_sum);
}

void measure_loss(const NormHistory& history, Measures& found) {
  found.gradient_scale = history.gradient_scale;
  found.has = history.has;
  found.blind_loss = history.blind_loss;
  found.from_start = history.from_start;
  found.first_loss = history.losses.first();
  found.loss_at_end = history.losses.median(1 - kWindow, 1);
  const double reference = std::fmin(found.first_loss, history.blind_loss);
  found.relative_decrease = reference > 0 ? 1 - found.loss_at_end / reference : NAN;
  found.expected_share = history.expected_decrease / found.first_loss;
}

}  // namespace

Measures measure(const NormHistory& history) {
  if (history.layers.empty() || history.layers[0].steps() == 0 ||
      std::ranges::any_of(history.layers, [&](const LayerHistory& layer) {
        return layer.steps() != history.layers[0].steps();
      })) {
    throw ShapeError(error_text("diagnosis", "gradient norms", "one series of equal length a layer",
                                "none, or unequal ones"));
  }
  Measures found;
  found.steps = history.layers[0].steps();
  for (const LayerHistory& layer : history.layers) found.layers.push_back(measure_layer(layer));
  for (std::size_t l = 0; l < std::min(found.layers.size(), history.dead_relu_share.size()); ++l) {
    found.layers[l].dead_relu_share = history.dead_relu_share[l];
  }
  const auto largest = [&](double LayerMeasures::*norm) {
    return std::ranges::max(found.layers, {}, norm).*norm;
  };
  found.largest_median = largest(&LayerMeasures::median);
  found.largest_first = largest(&LayerMeasures::first);
  found.largest_start = largest(&LayerMeasures::start);
  found.largest_end = largest(&LayerMeasures::end);
  found.smallest_median = std::ranges::min(found.layers, {}, &LayerMeasures::median).median;
  found.first_to_last_ratio = ratio(found.layers.front().median, found.layers.back().median);
  found.ratio_at_first_step = ratio(found.layers.front().first, found.layers.back().first);
  found.ratio_at_start = ratio(found.layers.front().start, found.layers.back().start);
  found.depth = depth_slope(found.layers, [](const LayerMeasures& layer) { return layer.median; });
  measure_probes(history, found);
  measure_loss(history, found);
  return found;
}

}  // namespace ravine
