#include "ravine/study/train.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/base/option_check.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/study/diagnose.hpp"
#include "ravine/study/layer_probes.hpp"
#include "ravine/study/network_connection.hpp"
#include "ravine/study/probe_recorder.hpp"
#include "ravine/study/run_checkpoint.hpp"
#include "ravine/study/sharpness_recorder.hpp"
#include "ravine/study/step_facts.hpp"
#include "ravine/study/step_outputs.hpp"
#include "ravine/study/train_recorder.hpp"
#include "ravine/study/train_spectrum.hpp"
#include "ravine/study/training_problem.hpp"
#include "ravine/study/weights_file.hpp"

namespace ravine {

namespace {

constexpr const char* kNoBatch =
    "a network without batch normalisation, which ties a sample to its mini-batch";

Json layers_of(const MlpConfig& network) {
  Json layers = Json::array();
  const std::string_view last = network.loss == Loss::nll ? "log-softmax" : "identity";
  for (std::size_t l = 0; l < network.depth(); ++l) {
    const std::size_t in = network.fan_in(l), out = network.fan_out(l);
    layers.push_back({{"name", fmt::format("layer{}", l + 1)},
                      {"inputs", in},
                      {"outputs", out},
                      {"activation", l + 1 == network.depth() ? last : name_of(network.activation)},
                      {"parameters", network.parameters_of(l)}});
  }
  return layers;
}

Json results_of(const TrainConfig& config, const MlpConfig& network, const TrainRecorder& record,
                const RunResult& run, const std::filesystem::path& folder) {
  Json results = {{"layers", layers_of(network)},
                  {"parameters", mlp_layout(network).size()},
                  {"epochs", record.finished_epochs()},
                  {"steps", run.steps}};
  const bool finished_one = record.finished_epochs() > 0;
  const EpochSummary& last = record.last_epoch();
  const auto number_or_null = [&](double value) {
    return finished_one ? Json(value) : Json(nullptr);
  };
  results[fmt::format("train_{}", name_of(network.loss))] = number_or_null(last.train_loss);
  results[fmt::format("test_{}", name_of(network.loss))] = number_or_null(last.test_loss);
  results["test_accuracy"] = number_or_null(last.test_accuracy);
  NormHistory history = record.history();
  results["dead_relu_share"] =
      history.dead_relu_share.empty() ? Json(nullptr) : Json(history.dead_relu_share);
  if (config.clipping.is_on()) results["clipped_share"] = record.clipped_share();
  history.diverged = run.termination == Termination::diverged;
  history.probes = read_layer_probes(folder, network.depth());
  results["diagnosis"] = to_json(diagnose(history));
  return results;
}

Json data_of(const TrainingProblem& problem) {
  const ImageDataset& data = *problem.data;
  return {{"name", data.name},
          {"train_count", problem.train().count()},
          {"test_count", problem.test().count()},
          {"mean", data.mean},
          {"standard_deviation", data.standard_deviation},
          {"sha256", data.sha256}};
}

LearningRateSchedule schedule_of(const TrainSchedule& schedule, std::int64_t steps_per_epoch,
                                 std::int64_t steps) {
  return {.kind = schedule.kind,
          .warm_up = schedule.warm_up,
          .period = schedule.drop_every * steps_per_epoch,
          .drop_factor = schedule.drop_factor,
          .end = steps,
          .end_rate = schedule.final_rate};
}

void check(const TrainSchedule& schedule, OptionCheck& options) {
  const TrainSchedule standard;
  options.demand(schedule.warm_up >= 0 && schedule.warm_up <= 1'000'000'000, "warm-up",
                 "0 to 1000000000 steps", schedule.warm_up);
  options.demand(schedule.drop_every >= 1 && schedule.drop_every <= 1'000'000, "drop-every",
                 "1 to 1000000 epochs", schedule.drop_every);
  options.demand(schedule.drop_factor > 0 && schedule.drop_factor <= 1, "drop-factor",
                 "above 0, at most 1", schedule.drop_factor);
  options.demand(std::isfinite(schedule.final_rate) && schedule.final_rate >= 0,
                 "final-learning-rate", "0 or more", schedule.final_rate);
  const bool drops =
      schedule.kind == Schedule::step ||
      (schedule.drop_every == standard.drop_every && schedule.drop_factor == standard.drop_factor);
  options.demand(drops, "schedule", "step, with --drop-every or --drop-factor",
                 name_of(schedule.kind));
  options.demand(schedule.kind == Schedule::cosine || schedule.final_rate == 0, "schedule",
                 "cosine, with --final-learning-rate", name_of(schedule.kind));
}

void check(const Clipping& clipping, OptionCheck& options) {
  options.demand(std::isfinite(clipping.norm) && clipping.norm >= 0, "clip-norm", "0 or more",
                 clipping.norm);
  options.demand(std::isfinite(clipping.value) && clipping.value >= 0, "clip-value", "0 or more",
                 clipping.value);
  options.demand(clipping.norm == 0 || clipping.value == 0, "clipping",
                 "--clip-norm or --clip-value", "both");
}

/// Lets running statistics follow the steps.
class StatisticsKeeper : public Observer<float> {
 public:
  explicit StatisticsKeeper(Mlp<float>& network) : network_(network) {}
  bool looks_before_update(std::int64_t) const override { return false; }
  void on_step(const StepEvent<float>&, StopRequests&) override {
    network_.absorb_batch_statistics();
  }
  void exchange_state(StateArchive& state) override {
    const std::span<const float> running = network_.running_statistics();
    std::vector<float> statistics(running.begin(), running.end());
    state.values("running_statistics", std::span(statistics));
    if (state.restores()) network_.set_running_statistics(statistics);
  }

 private:
  Mlp<float>& network_;
};

/// What looks beyond the gradients, as far as the configuration wants it.
class Examiners {
 public:
  /// `problem` and `context` must outlive it.
  Examiners(const TrainConfig& config, const TrainingProblem& problem,
            const StudyContext& context) {
    if (config.slice_through) {
      connection_.emplace(problem, *config.slice_through, config.spectrum_samples, config.seed,
                          context);
    }
    if (config.spectrum) {
      observers_.push_back(
          &spectrum_.emplace(problem, config.spectrum_samples, config.seed, context));
    }
    if (config.sharpness_every > 0) {
      observers_.push_back(&sharpness_.emplace(config.seed, problem, config.spectrum_samples,
                                               config.sharpness_every, training_rule(config.rule),
                                               context));
    }
  }
  Examiners(const Examiners&) = delete;  // the list refers to the others
  Examiners& operator=(const Examiners&) = delete;

  std::span<Observer<float>* const> observers() const { return observers_; }
  /// Of the descent's time.
  double seconds() const { return sharpness_ ? sharpness_->seconds() : 0; }

  /// Before a descent that begins.
  void start(std::span<const float> parameters) {
    if (spectrum_) spectrum_->start(parameters);
  }

  void finish(std::span<const float> parameters, bool diverged) {
    if (spectrum_) spectrum_->finish(parameters, diverged);
    if (connection_) connection_->finish(parameters, diverged);
    if (sharpness_) sharpness_->close();
  }

  void add_to(Manifest& manifest) const {
    if (spectrum_) manifest.results["spectrum"] = spectrum_->results();
    if (connection_) manifest.results["connection"] = connection_->results();
    if (!sharpness_) return;
    manifest.results["sharpness"] = sharpness_->results();
    manifest.timing["sharpness_seconds"] = sharpness_->seconds();
  }

 private:
  std::optional<SpectrumRecorder> spectrum_;
  std::optional<NetworkConnection> connection_;
  std::optional<TrainSharpness> sharpness_;
  std::vector<Observer<float>*> observers_;
};

DescentOptions descent_options(const TrainConfig& config, std::int64_t steps_per_epoch) {
  DescentOptions options;
  options.steps_per_epoch = steps_per_epoch;
  options.max_steps = config.epochs * steps_per_epoch;
  options.learning_rate = learning_rate_of(config);
  options.schedule = schedule_of(config.schedule, steps_per_epoch, options.max_steps);
  options.clipping = config.clipping;
  options.evaluate_last_point = false;
  return options;
}

/// Descends with all that the configuration wants to watch it, and `others`.
RunResult descend_watched(const TrainConfig& config, const StudyContext& context,
                          Mlp<float>& objective, TrainRecorder& recorder,
                          std::span<Observer<float>* const> others, RunCheckpoint& checkpoint,
                          std::span<float> parameters) {
  StatisticsKeeper keeper(objective);
  std::vector<Observer<float>*> observers = {&keeper, &recorder};
  observers.insert(observers.end(), others.begin(), others.end());
  std::optional<ProbeRecorder> probes;
  if (config.probes.any()) {
    observers.push_back(&probes.emplace(objective, config.probes, context.folder, *context.team));
  }
  std::optional<StepStream> stream;
  if (context.stream) observers.push_back(&stream.emplace(objective.layout(), context.stream));
  std::optional<TensorboardOutput> tensorboard;
  if (config.tensorboard) {
    tensorboard.emplace(*config.tensorboard, objective.layout(), recorder);
    observers.push_back(&*tensorboard);
  }
  DescentOptions options = descent_options(config, objective.steps_per_epoch());
  options.checkpoints = checkpoint.descent_checkpoints(options.steps_per_epoch);
  RunResult run = std::visit(
      [&](const auto& rule) {
        return descend(objective, rule, parameters, options, observers, *context.team);
      },
      training_rule(config.rule));
  recorder.close();
  if (probes) probes->close();
  if (tensorboard) tensorboard->close();
  return run;
}

/// The network as it is after training; running statistics follow its parameters.
void write_network(const TrainConfig& config, const Mlp<float>& network,
                   std::span<const float> weights, const std::filesystem::path& folder) {
  std::vector<float> parameters(weights.begin(), weights.end());
  const std::span<const float> statistics = network.running_statistics();
  parameters.insert(parameters.end(), statistics.begin(), statistics.end());
  const ParameterLayout layout = saved_layout(network.config());
  write_weights(folder / "arrays.npz", layout, parameters);
  if (config.safetensors) write_weights(folder / "arrays.safetensors", layout, parameters);
}

}  // namespace

void check(const TrainConfig& config) {
  check(config.network);
  OptionCheck options("train");
  options.demand(config.epochs >= 1 && config.epochs <= 1'000'000, "epochs", "1 to 1000000",
                 config.epochs);
  options.demand(config.batch_size >= 1 && config.batch_size <= 1'000'000, "batch size",
                 "1 to 1000000", config.batch_size);
  check(config.rule, training_rules(), options);
  const double eta = config.learning_rate.value_or(1);
  options.demand(std::isfinite(eta) && eta > 0, "learning rate", "a positive number", eta);
  check(config.schedule, options);
  check(config.clipping, options);
  options.demand(std::isfinite(config.gain) && config.gain > 0, "initial gain", "a positive number",
                 config.gain);
  check(config.probes, options);
  const bool mixes = config.network.normalisation == Normalisation::batch;
  options.demand(!config.probes.samples || !mixes, "probe",
                 "none of samples, whose losses batch normalisation mixes", "samples",
                 "name the other probes");
  options.demand(config.spectrum_samples >= 1 && config.spectrum_samples <= 1'000'000,
                 "spectrum samples", "1 to 1000000", config.spectrum_samples);
  options.demand(!config.spectrum || !mixes, "spectrum", kNoBatch, "--normalisation batch");
  options.demand(!config.slice_through || !mixes, "slice through", kNoBatch,
                 "--normalisation batch");
  options.demand(config.sharpness_every >= 0, "sharpness every", "0 or more",
                 config.sharpness_every);
  options.demand(config.sharpness_every <= 0 || !mixes, "sharpness", kNoBatch,
                 "--normalisation batch");
  options.report();
}

StudyOutcome run_train(const TrainConfig& config, const StudyContext& context) {
  check(config);
  const Timer load_timer;
  const TrainingProblem problem = load_training_problem(config, *context.shelf);
  const MlpConfig& network = problem.network;
  const LabelledPixels train = problem.train();
  RunCheckpoint checkpoint(context, "train", configuration_of(config), data_of(problem));
  AlignedBuffer<float> parameters(problem.start.begin(), problem.start.end());
  Mlp<float> objective(network, train,
                       Batcher(train.count(), config.batch_size, config.seed, config.shuffle),
                       *context.team);
  if (!problem.statistics.empty()) objective.set_running_statistics(problem.statistics);
  const double load_seconds = load_timer.elapsed_seconds();
  context.announce(summary_table(network, config.batch_size));

  const LabelledPixels test = problem.test();
  TrainRecorder recorder(objective, network, test, config, context);
  Examiners examiners(config, problem, context);
  if (!checkpoint.resumes()) examiners.start(parameters);
  const RunResult run = descend_watched(config, context, objective, recorder, examiners.observers(),
                                        checkpoint, parameters);
  examiners.finish(parameters, run.termination == Termination::diverged);
  write_network(config, objective, parameters, context.folder);

  Manifest manifest;
  manifest.kind = "train";
  manifest.configuration = configuration_of(config);
  manifest.data = data_of(problem);
  manifest.results = results_of(config, network, recorder, run, context.folder);
  manifest.resumed_after = run.resumed_after;
  const double train_seconds =
      run.elapsed_seconds - recorder.evaluation_seconds() - examiners.seconds();
  manifest.timing = {{"load_seconds", load_seconds},
                     {"train_seconds", train_seconds},
                     {"evaluation_seconds", recorder.evaluation_seconds()}};
  examiners.add_to(manifest);
  return finish_study(context, std::move(manifest), run.termination, run.message);
}

}  // namespace ravine
