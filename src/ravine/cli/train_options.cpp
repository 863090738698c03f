#include "ravine/cli/exclusions.hpp"
#include "ravine/cli/study_options.hpp"

namespace ravine::cli {

namespace {

struct TrainOptions {
  TrainConfig config;
  std::vector<std::int64_t> hidden = {128, 128, 128};
  bool no_hidden = false;
  std::string activation = "relu";
  std::string loss = "nll";
  std::string normalisation = "none";
  std::string init = "torch";
  std::string schedule = "constant";
  std::string initial_weights, slice_through;
  std::string tensorboard;
  std::vector<std::string> probes;
  bool no_shuffle = false;
};

const CLI::Range kLimit(std::int64_t{0}, std::int64_t{1'000'000'000});  // of samples

template <class Choice, std::size_t N>
CLI::IsMember one_of(const Named<Choice> (&table)[N], std::vector<std::string> names = {}) {
  for (const Named<Choice>& entry : table) names.emplace_back(entry.name);
  return CLI::IsMember(names);
}

TrainConfig config_of(const TrainOptions& options, std::uint64_t seed) {
  TrainConfig config = options.config;
  if (options.no_hidden) {
    config.network.hidden.clear();
  } else {
    config.network.hidden.assign(options.hidden.begin(), options.hidden.end());
  }
  config.network.activation = choice_in(kActivations, options.activation).value();
  config.network.loss = choice_in(kLosses, options.loss).value();
  config.network.normalisation = choice_in(kNormalisations, options.normalisation).value();
  config.schedule.kind = choice_in(kSchedules, options.schedule).value();
  config.initialization = choice_in(kInitializations, options.init).value();
  if (!options.initial_weights.empty()) config.initial_weights = options.initial_weights;
  if (!options.slice_through.empty()) config.slice_through = options.slice_through;
  if (!options.tensorboard.empty()) config.tensorboard = options.tensorboard;
  for (const std::string& name : options.probes) switch_on(config.probes, name);
  config.shuffle = !options.no_shuffle;
  config.seed = seed;
  return config;
}

void add_schedule_options(CLI::App& app, TrainOptions& options) {
  TrainSchedule& schedule = options.config.schedule;
  app.add_option("--schedule", options.schedule, "How the step size goes on after the warm-up")
      ->check(one_of(kSchedules))
      ->capture_default_str();
  app.add_option("--warm-up", schedule.warm_up, "Steps over which the step size grows to eta")
      ->capture_default_str();
  app.add_option("--drop-every", schedule.drop_every, "Epochs between drops of schedule step")
      ->capture_default_str();
  app.add_option("--drop-factor", schedule.drop_factor, "Factor of each drop of schedule step")
      ->capture_default_str();
  app.add_option("--final-learning-rate", schedule.final_rate,
                 "Step size at which schedule cosine ends")
      ->capture_default_str();
}

void add_clipping_options(CLI::App& app, Clipping& clipping) {
  app.add_option("--clip-norm", clipping.norm,
                 "Largest norm of the gradient of all layers together; 0: any");
  app.add_option("--clip-value", clipping.value, "Largest entry of the gradient; 0: any");
}

void add_objective_options(CLI::App& app, TrainOptions& options) {
  TrainConfig& config = options.config;
  app.add_option(
         "--data", config.data,
         "Known data set (see `ravine data list`) or folder of IDX files; labels are 0 to 9, and "
         "a network has ten outputs though fewer may occur")
      ->capture_default_str();
  app.add_option("--hidden", options.hidden, "Widths of the hidden layers")
      ->delimiter(',')
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{65536}))
      ->capture_default_str();
  app.add_flag("--no-hidden", options.no_hidden, "One linear layer only");
  app.add_option("--activation", options.activation, "Function after each hidden layer")
      ->check(one_of(kActivations))
      ->capture_default_str();
  app.add_flag("--bias", config.network.bias, "Give layers biases");
  app.add_option("--normalisation", options.normalisation,
                 "Of what enters each activation, with gain and shift: over a layer's units or a "
                 "unit's batch")
      ->check(one_of(kNormalisations))
      ->capture_default_str();
  app.add_flag("--residual", config.network.residual,
               "Add to each hidden layer after the first its input; needs equal widths");
  app.add_option("--dropout", config.network.dropout.rate,
                 "Share of the hidden outputs set to 0 in training")
      ->capture_default_str();
  app.add_option("--loss", options.loss,
                 "nll: log-softmax and negative log-likelihood; mse: squared error against one-hot")
      ->check(one_of(kLosses))
      ->capture_default_str();
  app.add_option("--init", options.init, "How the weights are drawn")
      ->check(one_of(kInitializations))
      ->capture_default_str();
  app.add_option("--init-gain", config.gain, "Factor on the initial weights")
      ->capture_default_str();
  app.add_option("--initial-weights", options.initial_weights,
                 ".npz or .safetensors with layer1.weight (out, in), ... or PyTorch's 0.weight, "
                 "2.weight, ..., instead of --init");
  app.add_option("--batch-size", config.batch_size, "Samples a step")->capture_default_str();
  app.add_flag("--no-shuffle", options.no_shuffle, "Keep the samples in file order");
  app.add_option("--train-limit", config.train_limit, "Use the first N training samples; 0: all")
      ->check(kLimit)
      ->capture_default_str();
  add_exclusions(app,
                 {{"--no-hidden", {"--hidden"}}, {"--initial-weights", {"--init", "--init-gain"}}});
}

void add_descent_options(CLI::App& app, TrainOptions& options) {
  TrainConfig& config = options.config;
  app.add_option("--epochs", config.epochs, "Passes over the training set")->capture_default_str();
  add_rule_options(app, config.rule, training_rules());
  app.add_option("--learning-rate", config.learning_rate,
                 "Step size eta (default 0.01; 0.001 for adam and adamw)");
  add_schedule_options(app, options);
  add_clipping_options(app, config.clipping);
  app.add_option("--test-limit", config.test_limit, "Use the first N test samples; 0: all")
      ->check(kLimit)
      ->capture_default_str();
  app.add_flag("--safetensors", config.safetensors,
               "Also write the final parameters as arrays.safetensors");
  app.add_option("--tensorboard", options.tensorboard,
                 "Folder for an event file of TensorBoard with every step");
  app.add_option("--probe", options.probes,
                 "Also measure in every layer: signal (norm of the backpropagated signal), "
                 "activations (mean, deviation, saturated and dead units), weights (norm), updates "
                 "(update-to-weight ratio), cosine (of successive gradients), samples (norms of "
                 "the samples' gradients, noise scale), or all")
      ->delimiter(',')
      ->check(one_of(kProbes, {"all"}));
  app.add_option("--probe-every", config.probes.every, "Measure that every N-th step only")
      ->capture_default_str();
  app.add_flag(
      "--spectrum", config.spectrum,
      "Also record singular values of the weights and of the end-to-end Jacobian at every "
      "epoch, the Hessian's extreme eigenvalues before and after training, and a 2-D slice "
      "of the loss; takes seconds");
  app.add_option("--slice-through", options.slice_through,
                 "Weights of another run, .npz or .safetensors: also record the loss between them "
                 "and where training ends, and over a plane through both");
  app.add_option("--spectrum-samples", config.spectrum_samples,
                 "First training samples of which Jacobian, Hessian, slices and sharpness are")
      ->capture_default_str();
  app.add_option("--sharpness-every", config.sharpness_every,
                 "Also record the sharpness, the Hessian's largest eigenvalue, at every N-th step, "
                 "beside the edge of stability; 0: not")
      ->capture_default_str();
  app.add_flag(
      "--stop-when-unhealthy", config.stop_when_unhealthy,
      "End the run, with exit code 5, once the diagnosis is certain that it is not healthy");
  add_exclusions(app, {{"--clip-value", {"--clip-norm"}}});
}

}  // namespace

std::function<TrainConfig(std::uint64_t)> add_train_objective_options(CLI::App& app) {
  const auto options = std::make_shared<TrainOptions>();
  add_objective_options(app, *options);
  return [options](std::uint64_t seed) { return config_of(*options, seed); };
}

std::function<TrainConfig(std::uint64_t)> add_train_options(CLI::App& app) {
  const auto options = std::make_shared<TrainOptions>();
  add_objective_options(app, *options);
  add_descent_options(app, *options);
  return [options](std::uint64_t seed) { return config_of(*options, seed); };
}

}  // namespace ravine::cli
