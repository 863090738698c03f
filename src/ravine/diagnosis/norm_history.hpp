#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/diagnosis/step_series.hpp"

namespace ravine {

/// Where values of a series are not finite numbers.
class NonFinite {
 public:
  void add(double value, std::int64_t place, double step);  ///< `place` counts steps from 1

  std::int64_t count() const { return count_; }
  std::int64_t first_place() const { return first_place_; }  ///< 0: none
  double first_step() const { return first_step_; }          ///< NaN: none
  bool up_to_end() const { return last_; }                   ///< the last value is one of them

  void exchange_state(StateArchive& state);

 private:
  std::int64_t count_ = 0, first_place_ = 0, last_ = 0;
  double first_step_ = std::numeric_limits<double>::quiet_NaN();
};

/// What is kept of one layer's gradient norms, a few kilobytes however many steps.
class LayerHistory {
 public:
  explicit LayerHistory(std::string name) : name_(std::move(name)) {}

  /// Of the next step: at least 0, or not finite. `step` is its name; NaN: its number, from 1.
  void add(double norm, double step = std::numeric_limits<double>::quiet_NaN());
  void add_weight_norm(double norm);  ///< of the next step; NaN: not known

  const std::string& name() const { return name_; }
  std::int64_t steps() const { return log10_norms_.steps(); }
  /// log10 of the positive finite norms; the others take their steps but no part.
  const StepSeries& log10_norms() const { return log10_norms_; }
  std::int64_t zeros() const { return zeros_; }
  std::int64_t zeros_at_end() const { return zeros_at_end_; }  ///< in a row, up to the last step
  const NonFinite& non_finite() const { return non_finite_; }
  /// log10 of the last norm before the first that is not finite; NaN: none.
  double log10_before_break() const { return before_break_; }

  /// Steps whose norm is over ten times the running geometric mean of those before, whose weights
  /// fall by a tenth a step; counted from the eleventh positive norm on.
  std::int64_t spikes() const { return spikes_; }

  void exchange_state(StateArchive& state);

  /// Root mean square over sqrt(2) of the changes of log10 norm from step to step: the standard
  /// deviation of a level series with independent noise, in decades. NaN below two norms.
  double noise() const;

  /// Norm of the weights at the last step over that at the first; NaN: not known.
  double weight_left() const { return last_weight_norm_ / first_weight_norm_; }

 private:
  std::string name_;
  StepSeries log10_norms_;
  std::int64_t zeros_ = 0, zeros_at_end_ = 0, spikes_ = 0;
  NonFinite non_finite_;
  double before_break_ = std::numeric_limits<double>::quiet_NaN();
  std::int64_t positives_ = 0;
  double running_mean_ = 0, last_ = 0, squared_changes_ = 0;
  double first_weight_norm_ = std::numeric_limits<double>::quiet_NaN(), last_weight_norm_ = 0;
};

/// What a network or its training already has of what may be advised.
struct Remedies {
  bool other_activation = false;  ///< known not to be a sigmoid
  bool normalisation = false;
  bool residual = false;
  bool clipping = false;
  bool warm_up = false;
  bool finite_loss = false;  ///< known to take no logarithm of a number that may be 0
};

/// What the probes measured in one layer, means over the run; NaN: not measured.
struct LayerProbes {
  double signal_rms = std::numeric_limits<double>::quiet_NaN();  ///< geometric mean
  double saturated_share = std::numeric_limits<double>::quiet_NaN();
  double dead_share = std::numeric_limits<double>::quiet_NaN();
  double update_ratio = std::numeric_limits<double>::quiet_NaN();
  double weight_left =
      std::numeric_limits<double>::quiet_NaN();  ///< norm of the weights, last over first epoch's
};

/// What is known of how gradients became steps.
struct StepFacts {
  bool plain_descent = false;  ///< a step is the learning rate times the whole gradient

  /// The share of the weights that a step takes off them beside the gradient, over its learning
  /// rate; NaN: not known.
  double decay = std::numeric_limits<double>::quiet_NaN();
};

/// What a recording tells a diagnosis: the norms and, where they are known, loss and other facts.
struct NormHistory {
  std::vector<LayerHistory> layers;  ///< from the input to the output
  StepSeries losses;                 ///< of the steps; empty: not known
  NonFinite broken_losses;

  /// Sum over the steps of learning rate times squared gradient norm (weights of all layers): what
  /// plain gradient descent can take off the loss to first order. NaN: not known, as for any other
  /// step rule.
  double expected_decrease = std::numeric_limits<double>::quiet_NaN();

  double decay = std::numeric_limits<double>::quiet_NaN();  ///< StepFacts::decay
  double rate_sum = 0;                                      ///< of the rates that were added

  /// The loss of a guess that ignores the input, such as log(classes) for NLL; NaN: not known.
  double blind_loss = std::numeric_limits<double>::quiet_NaN();

  /// How large the loss's gradients are by its definition, compared with NLL's or any other of
  /// order 1: a level of norms is judged in this unit.
  double gradient_scale = 1;

  std::vector<double> dead_relu_share;  ///< one a hidden layer; empty: not known
  std::vector<LayerProbes> probes;      ///< one a layer; empty: none measured
  Remedies has;
  bool from_start = true;  ///< the first step recorded is the first that was made
  bool diverged = false;   ///< the loss became non-finite or grew without bound

  /// Layers are in the order of a table's columns or rows, which need not be that from input to
  /// output.
  bool order_of_table = false;
  std::vector<std::string> columns_left_out;  ///< of a wide table, taken for nothing

  /// One step of every layer, in order; `step` as LayerHistory::add() takes it.
  void add_norms(std::span<const double> norms,
                 double step = std::numeric_limits<double>::quiet_NaN());

  /// The loss of the next step. One that is not finite counts as broken: for a step whose loss is
  /// not known add NaN to `losses`.
  void add_loss(double loss, double step = std::numeric_limits<double>::quiet_NaN());

  /// Before the first step: what add_rate() is to make of learning rates.
  void assume(const StepFacts& facts);

  /// The learning rate of a step, with its norms. To expected_decrease, where steps are plain
  /// descent, one with a norm that is not finite adds nothing.
  void add_rate(double learning_rate, std::span<const double> norms);

  /// Of what the steps add, and the dead units.
  void exchange_state(StateArchive& state);
};

/// Whether a parameter's name, in the ways of PyTorch ("layers.0.bias", "bn1.weight") and Keras
/// ("model/dense_1/bias:0", "batch_normalization/gamma:0"), says that it is a bias, or belongs to a
/// normalisation ("downsample.1.weight" of a residual network too): those are no layers of their
/// own.
bool names_no_layer(std::string_view parameter);

}  // namespace ravine
