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
  return layer.zeros() > 0 ? 0 : NAN;
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
          .non_finite_share = share(layer.non_finite().count()),
          .first_non_finite_step = layer.non_finite().first_step(),
          .dead_relu_share = NAN,
          .probes = {.weight_left = layer.weight_left()}};
}

bool has_logarithm(double norm) { return std::isfinite(norm) && norm > 0; }

struct Ends {
  std::size_t first, last;
};

/// The first and the last layer whose norm has a logarithm; equal when there is one or none.
Ends ends_of(const std::vector<LayerMeasures>& layers, double LayerMeasures::*norm) {
  Ends ends{0, 0};
  bool is_first = true;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (!has_logarithm(layers[l].*norm)) continue;
    if (is_first) ends.first = l;
    is_first = false;
    ends.last = l;
  }
  return ends;
}

double end_ratio(const std::vector<LayerMeasures>& layers, double LayerMeasures::*norm) {
  const Ends ends = ends_of(layers, norm);
  if (ends.first == ends.last && layers.size() > 1) return NAN;
  return has_logarithm(layers[ends.first].*norm)
             ? layers[ends.first].*norm / layers[ends.last].*norm
             : NAN;
}

double largest_of(const std::vector<LayerMeasures>& layers, double LayerMeasures::*norm) {
  double largest = NAN;
  for (const LayerMeasures& layer : layers) {
    if (std::isfinite(layer.*norm)) largest = std::fmax(largest, layer.*norm);
  }
  return largest;
}

/// Of log10 of a layer's number over depth; numbers without a logarithm are left out.
Slope depth_slope(const std::vector<LayerMeasures>& layers, auto number_of) {
  std::vector<double> depth, log10_number;
  for (const LayerMeasures& layer : layers) {
    const double number = number_of(layer);
    depth.push_back(static_cast<double>(depth.size()));
    log10_number.push_back(has_logarithm(number) ? std::log10(number) : NAN);
  }
  return slope_of(fit_line(depth, log10_number), 1);
}

/// Decades from the first tenth of the steps before a place to the largest mean of a block in the
/// last tenth of them; NaN where there is no norm.
double growth_before(const LayerHistory& layer, std::int64_t place) {
  const auto before = static_cast<double>(place - 1);
  const StepSeries& norms = layer.log10_norms();
  double largest = layer.log10_before_break();
  double at = 0;
  for (const StepBlock& block : norms.blocks()) {
    const double next = at + static_cast<double>(block.steps);
    const bool is_near = next > std::min((1 - kWindow) * before, before - 1);
    if (at < before && is_near) largest = std::fmax(largest, block.mean());
    at = next;
  }
  return largest - norms.median(0, kWindow * before / static_cast<double>(layer.steps()));
}

void measure_breaks(const NormHistory& history, Measures& found) {
  found.first_non_finite_loss_step = history.broken_losses.first_step();
  found.first_break = history.broken_losses.first_place();
  found.break_passed = !history.broken_losses.up_to_end();
  for (const LayerHistory& layer : history.layers) {
    const std::int64_t place = layer.non_finite().first_place();
    if (place > 0 && (found.first_break == 0 || place < found.first_break)) {
      found.first_break = place;
    }
    found.break_passed = found.break_passed && !layer.non_finite().up_to_end();
  }
  found.growth_before_break = NAN;
  found.break_passed = found.break_passed && found.first_break > 0;
  if (found.first_break <= 1) return;
  for (const LayerHistory& layer : history.layers) {
    found.growth_before_break =
        std::fmax(found.growth_before_break, growth_before(layer, found.first_break));
  }
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
  found.largest_median = largest_of(found.layers, &LayerMeasures::median);
  found.largest_first = largest_of(found.layers, &LayerMeasures::first);
  found.largest_start = largest_of(found.layers, &LayerMeasures::start);
  found.largest_end = largest_of(found.layers, &LayerMeasures::end);
  found.smallest_median = std::ranges::min(found.layers, {}, &LayerMeasures::median).median;
  const Ends ends = ends_of(found.layers, &LayerMeasures::median);
  found.first_end = ends.first;
  found.last_end = ends.last;
  found.first_to_last_ratio = end_ratio(found.layers, &LayerMeasures::median);
  found.ratio_at_first_step = end_ratio(found.layers, &LayerMeasures::first);
  found.ratio_at_start = end_ratio(found.layers, &LayerMeasures::start);
  found.depth = depth_slope(found.layers, [](const LayerMeasures& layer) { return layer.median; });
  measure_probes(history, found);
  measure_loss(history, found);
  measure_breaks(history, found);
  found.order_of_table = history.order_of_table;
  return found;
}

}  // namespace ravine
