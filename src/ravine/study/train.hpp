#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ravine/descent/gradient_clipper.hpp"
#include "ravine/objective/mlp_config.hpp"
#include "ravine/optimizer/rule_catalogue.hpp"
#include "ravine/optimizer/schedule.hpp"
#include "ravine/study/probe_choice.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// A LearningRateSchedule in the terms of a training run.
struct TrainSchedule {
  Schedule kind = Schedule::constant;
  std::int64_t warm_up = 0;      ///< steps
  std::int64_t drop_every = 10;  ///< epochs; of step only
  double drop_factor = 0.1;      ///< of step only
  double final_rate = 0;         ///< at the end of the run; of cosine only
};

/// Trains a multi-layer perceptron by mini-batch gradient descent and records the gradient norm of
/// every layer at every step.
struct TrainConfig {
  std::string data = "mnist";  ///< a known data set, or a folder with the four IDX files
  MlpConfig network;           ///< inputs and outputs are set from the data
  Initialization initialization = Initialization::torch;
  double gain = 1;  ///< multiplies the initial weights
  std::optional<std::filesystem::path>
      initial_weights;  ///< .npz or .safetensors; replaces `initialization`
  std::int64_t epochs = 40;
  std::size_t batch_size = 128;
  RuleChoice rule{"sgd", {}};           ///< one of training_rules()
  std::optional<double> learning_rate;  ///< eta; none: the rule's default
  TrainSchedule schedule;
  Clipping clipping;
  std::uint64_t seed = 1234;
  bool shuffle = true;
  std::size_t train_limit = 0;  ///< use the first N training samples only; 0: all
  std::size_t test_limit = 0;   ///< and the first N test samples
  bool safetensors = false;     ///< also write the final parameters as arrays.safetensors
  std::optional<std::filesystem::path> tensorboard;  ///< folder for a TensorBoard event file
  ProbeChoice probes;                                ///< beside the gradient norms
  bool spectrum = false;             ///< record spectra of weights, Jacobian and Hessian, a slice
  std::int64_t sharpness_every = 0;  ///< steps between measurements of the sharpness; 0: none
  /// Weights of another network of the shape, .npz or .safetensors: record the loss between them
  /// and where training ends.
  std::optional<std::filesystem::path> slice_through;
  /// Of the training set, on which Jacobian, Hessian, slices and sharpness are taken.
  std::size_t spectrum_samples = 512;
  bool stop_when_unhealthy = false;  ///< end the run when the diagnosis is sure of it
};

/// lambda of a checked configuration.
double weight_decay_of(const TrainConfig& config);

/// eta of a checked configuration.
double learning_rate_of(const TrainConfig& config);

/// The rule of a checked configuration with all options that it has.
RuleChoice rule_of(const TrainConfig& config);

/// All options of a checked configuration, for the manifest; keys are those of the verb.
Json configuration_of(const TrainConfig& config);

/// Throws ConfigError naming every violation.
void check(const TrainConfig& config);

/// Writes what docs/run-folder.md lists for kind `train`, but for figures and report.
/// Throws ConfigError, ShapeError, DataError, IoError; divergence is an outcome.
StudyOutcome run_train(const TrainConfig& config, const StudyContext& context);

}  // namespace ravine
