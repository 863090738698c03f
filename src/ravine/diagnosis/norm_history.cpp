#include "ravine/diagnosis/norm_history.hpp"

#include <algorithm>
#include <cmath>

#include "ravine/base/lower_case.hpp"

namespace ravine {

namespace {

constexpr double kForgetting = 0.1;  // weight of a new norm in the running mean
constexpr double kSpike = 1;         // decades over it
constexpr std::int64_t kBeforeSpikes = 10;

}  // namespace

void NonFinite::add(double value, std::int64_t place, double step) {
  last_ = std::isfinite(value) ? 0 : 1;
  if (last_ == 0) return;
  if (count_++ > 0) return;
  first_place_ = place;
  first_step_ = std::isnan(step) ? static_cast<double>(place) : step;
}

void NonFinite::exchange_state(StateArchive& state) {
  state.number("count", count_);
  state.number("first_place", first_place_);
  state.number("first_step", first_step_);
  state.number("last", last_);
}

void LayerHistory::add(double norm, double step) {
  const double log10_norm = std::log10(norm);  // of 0 minus infinity
  log10_norms_.add(log10_norm);
  zeros_at_end_ = norm == 0 ? zeros_at_end_ + 1 : 0;
  zeros_ += norm == 0;
  non_finite_.add(norm, steps(), step);
  if (non_finite_.first_place() == steps() && positives_ > 0) before_break_ = last_;
  if (!std::isfinite(log10_norm)) return;
  if (positives_ == 0) {
    running_mean_ = log10_norm;
  } else {
    squared_changes_ += (log10_norm - last_) * (log10_norm - last_);
  }
  spikes_ += positives_ >= kBeforeSpikes && log10_norm > running_mean_ + kSpike;
  running_mean_ += kForgetting * (log10_norm - running_mean_);
  last_ = log10_norm;
  ++positives_;
}

void LayerHistory::add_weight_norm(double norm) {
  if (!std::isfinite(norm)) return;
  if (std::isnan(first_weight_norm_)) first_weight_norm_ = norm;
  last_weight_norm_ = norm;
}

double LayerHistory::noise() const {
  return positives_ < 2 ? NAN
                        : std::sqrt(squared_changes_ / static_cast<double>(positives_ - 1) / 2);
}

void NormHistory::add_norms(std::span<const double> norms, double step) {
  for (std::size_t l = 0; l < layers.size(); ++l) layers[l].add(norms[l], step);
}

void NormHistory::add_loss(double loss, double step) {
  losses.add(loss);
  broken_losses.add(loss, losses.steps(), step);
}

void NormHistory::assume(const StepFacts& facts) {
  if (facts.plain_descent) expected_decrease = 0;
  decay = facts.decay;
}

void NormHistory::add_rate(double learning_rate, std::span<const double> norms) {
  if (std::isfinite(learning_rate)) rate_sum += learning_rate;
  if (std::isnan(expected_decrease)) return;
  double squares = 0;
  for (const double norm : norms) squares += norm * norm;
  const double decrease = learning_rate * squares;
  if (std::isfinite(decrease)) expected_decrease += decrease;
}

void LayerHistory::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter(name_);
  log10_norms_.exchange_state(state);
  state.number("zeros", zeros_);
  state.number("zeros_at_end", zeros_at_end_);
  state.number("before_break", before_break_);
  state.number("spikes", spikes_);
  state.number("positives", positives_);
  state.number("running_mean", running_mean_);
  state.number("last", last_);
  state.number("squared_changes", squared_changes_);
  state.number("first_weight_norm", first_weight_norm_);
  state.number("last_weight_norm", last_weight_norm_);
  const StateArchive::Scope of_broken = state.enter("non_finite");
  non_finite_.exchange_state(state);
}

void NormHistory::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("history");
  for (LayerHistory& layer : layers) layer.exchange_state(state);
  const StateArchive::Scope of_losses = state.enter("losses");
  losses.exchange_state(state);
  broken_losses.exchange_state(state);
  state.number("expected_decrease", expected_decrease);
  state.number("rate_sum", rate_sum);
  if (!layers.empty()) state.none_or_all("dead_relu_share", dead_relu_share, layers.size() - 1);
}

namespace {

/// In a residual network's shortcut 0 is the convolution and what follows its normalisation.
bool normalises_shortcut(std::string_view module) {
  if (module.empty() || module.back() < '1' || module.back() > '9') return false;
  module.remove_suffix(1);
  return module.ends_with("downsample.") || module.ends_with("shortcut.");
}

}  // namespace

bool names_no_layer(std::string_view parameter) {
  const std::string lower = lower_case(parameter);
  parameter = lower;
  if (parameter.ends_with(":0")) parameter.remove_suffix(2);
  const std::size_t separator = parameter.find_last_of("./");
  if (separator == std::string_view::npos) return false;
  if (parameter.substr(separator + 1) == "bias") return true;
  std::string_view module = parameter.substr(0, separator);
  if (normalises_shortcut(module)) return true;
  const std::size_t before = module.find_last_of("./");
  if (before != std::string_view::npos) module.remove_prefix(before + 1);
  constexpr std::string_view kBegin[] = {"norm", "bn", "ln_"};
  constexpr std::string_view kInside[] = {"batchnorm",  "batch_norm", "layernorm",
                                          "layer_norm", "groupnorm",  "rmsnorm"};
  return std::ranges::any_of(kBegin, [&](auto kind) { return module.starts_with(kind); }) ||
         std::ranges::any_of(
             kInside, [&](auto kind) { return module.find(kind) != std::string_view::npos; });
}

}  // namespace ravine
