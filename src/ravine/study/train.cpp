#include "ravine/study/train.hpp"

#include <cmath>

#include <fmt/format.h>

#include "ravine/base/option_check.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/study/diagnose.hpp"
#include "ravine/study/probe_recorder.hpp"
#include "ravine/study/step_outputs.hpp"
#include "ravine/study/train_recorder.hpp"
#include "ravine/study/training_problem.hpp"
#include "ravine/study/weights_file.hpp"

namespace ravine {

namespace {

Json configuration_of(const TrainConfig& config) {
  Json json = {{"data", config.data},
               {"hidden", config.network.hidden},
               {"activation", name_of(config.network.activation)},
               {"bias", config.network.bias},
               {"init", name_of(config.initialization)},
               {"init-gain", config.gain},
               {"epochs", config.epochs},
               {"batch-size", config.batch_size},
               {"rule", config.rule.name},
               {"learning-rate", learning_rate_of(config)},
               {"seed", config.seed},
               {"shuffle", config.shuffle},
               {"train-limit", config.train_limit},
               {"safetensors", config.safetensors},
               {"probe", names_of(config.probes)},
               {"probe-every", config.probes.every},
               {"stop-when-unhealthy", config.stop_when_unhealthy}};
  const RuleEntry& entry = entry_of(config.rule, training_rules());
  for (const auto& [name, value] : resolved_options(config.rule, entry)) json[name] = value;
  if (config.tensorboard) json["tensorboard"] = config.tensorboard->string();
  if (config.initial_weights) json["initial-weights"] = config.initial_weights->string();
  return json;
}

Json layers_of(const MlpConfig& network) {
  Json layers = Json::array();
  for (std::size_t l = 0; l < network.depth(); ++l) {
    const std::size_t in = network.fan_in(l), out = network.fan_out(l);
    layers.push_back(
        {{"name", fmt::format("layer{}", l + 1)},
         {"inputs", in},
         {"outputs", out},
         {"activation", l + 1 == network.depth() ? "log-softmax" : name_of(network.activation)},
         {"parameters", in * out + (network.bias ? out : 0)}});
  }
  return layers;
}

Json results_of(const MlpConfig& network, const TrainRecorder& record, const RunResult& run) {
  Json results = {{"layers", layers_of(network)},
                  {"parameters", mlp_layout(network).size()},
                  {"epochs", record.epochs().size()},
                  {"steps", run.steps}};
  const bool finished_one = !record.epochs().empty();
  const EpochSummary last = finished_one ? record.epochs().back() : EpochSummary();
  const auto number_or_null = [&](double value) {
    return finished_one ? Json(value) : Json(nullptr);
  };
  results["train_nll"] = number_or_null(last.train_nll);
  results["test_nll"] = number_or_null(last.test.nll);
  results["test_accuracy"] = number_or_null(last.test.accuracy);
  results["dead_relu_share"] = finished_one && network.activation == Activation::relu
                                   ? Json(last.test.inactive_share)
                                   : Json(nullptr);
  NormHistory history = record.history();
  history.diverged = run.termination == Termination::diverged;
  results["diagnosis"] = to_json(diagnose(history));
  return results;
}

Json data_of(const ImageDataset& data) {
  return {{"name", data.name},
          {"train_count", data.train_images.count},
          {"test_count", data.test_images.count},
          {"mean", data.mean},
          {"standard_deviation", data.standard_deviation},
          {"sha256", data.sha256}};
}

UpdateSource update_source(const RuleChoice& rule) {
  const auto options = resolved_options(rule, entry_of(rule, training_rules()));
  return is_plain_descent(rule.name) && options.at("weight-decay") == 0 ? UpdateSource::gradient
                                                                        : UpdateSource::measured;
}

/// Descends with all that the configuration wants to watch it.
RunResult descend_watched(const TrainConfig& config, const StudyContext& context,
                          Mlp<float>& objective, TrainRecorder& recorder,
                          std::span<float> parameters) {
  std::vector<Observer<float>*> observers = {&recorder};
  std::optional<ProbeRecorder> probes;
  if (config.probes.any()) {
    observers.push_back(&probes.emplace(objective, config.probes, update_source(config.rule),
                                        context.folder, *context.team));
  }
  std::optional<StepStream> stream;
  if (context.stream) observers.push_back(&stream.emplace(objective.layout(), context.stream));
  std::optional<TensorboardOutput> tensorboard;
  if (config.tensorboard) {
    tensorboard.emplace(*config.tensorboard, objective.layout(), recorder);
    observers.push_back(&*tensorboard);
  }
  DescentOptions options;
  options.steps_per_epoch = objective.steps_per_epoch();
  options.max_steps = config.epochs * options.steps_per_epoch;
  options.learning_rate = learning_rate_of(config);
  options.evaluate_last_point = false;
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

}  // namespace

double learning_rate_of(const TrainConfig& config) {
  return config.learning_rate.value_or(entry_of(config.rule, training_rules()).default_step);
}

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
  options.demand(std::isfinite(config.gain) && config.gain > 0, "initial gain", "a positive number",
                 config.gain);
  check(config.probes, options);
  options.report();
}

StudyOutcome run_train(const TrainConfig& config, const StudyContext& context) {
  check(config);
  const Timer load_timer;
  const TrainingProblem problem = load_training_problem(config);
  const MlpConfig& network = problem.network;
  const LabelledPixels train = problem.train();
  std::vector<float> parameters = problem.start;
  Mlp<float> objective(network, train,
                       Batcher(train.count(), config.batch_size, config.seed, config.shuffle),
                       *context.team);
  const double load_seconds = load_timer.elapsed_seconds();
  context.announce(summary_table(network, config.batch_size));

  const LabelledPixels test = problem.test();
  TrainRecorder recorder(objective, network, test, config, context);
  const RunResult run = descend_watched(config, context, objective, recorder, parameters);
  write_weights(context.folder / "arrays.npz", objective.layout(), parameters);
  if (config.safetensors) {
    write_weights(context.folder / "arrays.safetensors", objective.layout(), parameters);
  }

  Manifest manifest;
  manifest.kind = "train";
  manifest.configuration = configuration_of(config);
  manifest.data = data_of(problem.data);
  manifest.results = results_of(network, recorder, run);
  manifest.timing = {{"load_seconds", load_seconds},
                     {"train_seconds", run.elapsed_seconds - recorder.evaluation_seconds()},
                     {"evaluation_seconds", recorder.evaluation_seconds()}};
  return finish_study(context, std::move(manifest), run.termination, run.message);
}

}  // namespace ravine
