#include "ravine/study/train.hpp"

namespace ravine {

namespace {

Json network_options(const TrainConfig& config) {
  const MlpConfig& network = config.network;
  Json json = {{"hidden", network.hidden},
               {"activation", name_of(network.activation)},
               {"bias", network.bias},
               {"loss", name_of(network.loss)},
               {"normalisation", name_of(network.normalisation)},
               {"residual", network.residual},
               {"dropout", network.dropout.rate}};
  if (network.hidden.empty()) json["no-hidden"] = true;
  if (config.initial_weights) {
    json["initial-weights"] = config.initial_weights->string();
  } else {
    json["init"] = name_of(config.initialization);
    json["init-gain"] = config.gain;
  }
  return json;
}

Json step_options(const TrainConfig& config) {
  const TrainSchedule& schedule = config.schedule;
  Json json = {{"rule", config.rule.name},
               {"learning-rate", learning_rate_of(config)},
               {"schedule", name_of(schedule.kind)},
               {"warm-up", schedule.warm_up}};
  for (const auto& [name, value] : rule_of(config).options) json[name] = value;
  if (schedule.kind == Schedule::step) {
    json["drop-every"] = schedule.drop_every;
    json["drop-factor"] = schedule.drop_factor;
  }
  if (schedule.kind == Schedule::cosine) json["final-learning-rate"] = schedule.final_rate;
  if (config.clipping.norm > 0) json["clip-norm"] = config.clipping.norm;
  if (config.clipping.value > 0) json["clip-value"] = config.clipping.value;
  return json;
}

Json record_options(const TrainConfig& config) {
  Json json = {{"safetensors", config.safetensors},
               {"probe", names_of(config.probes)},
               {"probe-every", config.probes.every},
               {"spectrum", config.spectrum}};
  if (config.sharpness_every > 0) json["sharpness-every"] = config.sharpness_every;
  if (config.slice_through) json["slice-through"] = config.slice_through->string();
  if (config.spectrum || config.sharpness_every > 0 || config.slice_through) {
    json["spectrum-samples"] = config.spectrum_samples;
  }
  if (config.tensorboard) json["tensorboard"] = config.tensorboard->string();
  return json;
}

}  // namespace

double learning_rate_of(const TrainConfig& config) {
  return config.learning_rate.value_or(entry_of(config.rule, training_rules()).default_step);
}

RuleChoice rule_of(const TrainConfig& config) {
  const RuleEntry& entry = entry_of(config.rule, training_rules());
  return {config.rule.name, resolved_options(config.rule, entry)};
}

double weight_decay_of(const TrainConfig& config) {
  return rule_of(config).options.at("weight-decay");
}

Json configuration_of(const TrainConfig& config) {
  Json json = {{"data", config.data},
               {"epochs", config.epochs},
               {"batch-size", config.batch_size},
               {"seed", config.seed},
               {"no-shuffle", !config.shuffle},
               {"train-limit", config.train_limit},
               {"stop-when-unhealthy", config.stop_when_unhealthy}};
  if (config.test_limit > 0) json["test-limit"] = config.test_limit;
  for (const Json& part : {network_options(config), step_options(config), record_options(config)}) {
    json.update(part);
  }
  return json;
}

}  // namespace ravine
