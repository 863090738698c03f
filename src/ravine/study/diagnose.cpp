#include "ravine/study/diagnose.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/file_source.hpp"
#include "ravine/data/standard_input.hpp"
#include "ravine/descent/run_result.hpp"
#include "ravine/diagnosis/norm_table.hpp"
#include "ravine/objective/loss.hpp"
#include "ravine/record/run_record.hpp"
#include "ravine/study/layer_probes.hpp"
#include "ravine/study/step_facts.hpp"

namespace ravine {

namespace {

NormHistory read_run_norms(const std::filesystem::path& folder) {
  const RunRecord run = read_run(folder);
  if (run.kind() != "train") {
    throw DataError(error_text("diagnose", folder.string(), "a run of kind train", run.kind(),
                               "ravine reproduce keeps its runs in folders of that folder"));
  }
  FileSource steps(folder / "steps.csv");
  const auto has_option = [&](const std::string& name) {
    return run.has("/configuration/" + name);
  };
  const auto option_is = [&](const char* name, const Json& value) {
    const std::string pointer = fmt::format("/configuration/{}", name);
    return run.has(pointer) && run.manifest().at(Json::json_pointer(pointer)) == value;
  };
  const Remedies has{
      .other_activation = has_option("activation") && !option_is("activation", "sigmoid"),
      .normalisation = has_option("normalisation") && !option_is("normalisation", "none"),
      .residual = option_is("residual", true),
      .clipping = has_option("clip-norm") || has_option("clip-value"),
      .warm_up = has_option("warm-up") && !option_is("warm-up", 0),
      .finite_loss = true};
  RuleChoice rule{has_option("rule") ? run.text("/configuration/rule") : "sgd", {}};
  for (const char* option : {"weight-decay", "momentum"}) {
    if (has_option(option)) {
      rule.options[option] = run.number(fmt::format("/configuration/{}", option));
    }
  }
  NormHistory history = read_norm_table(steps, step_facts(rule, has.clipping, has.normalisation));
  history.has = has;
  history.order_of_table = false;
  history.columns_left_out.clear();
  history.diverged = run.text("/termination/reason") == name_of(Termination::diverged);
  const std::size_t depth = run.array("/results/layers").size();
  const auto classes = static_cast<std::size_t>(
      run.number("/results/layers/" + std::to_string(depth - 1) + "/outputs"));
  const Loss loss = has_option("loss")
                        ? choice_in(kLosses, run.text("/configuration/loss")).value_or(Loss::nll)
                        : Loss::nll;
  history.blind_loss = blind_loss(loss, classes);
  history.gradient_scale = gradient_scale(loss, classes);
  if (run.has("/results/dead_relu_share")) {
    history.dead_relu_share = run.numbers("/results/dead_relu_share");
  }
  history.probes = read_layer_probes(folder, depth);
  return history;
}

std::unique_ptr<ByteSource> open_table(const std::filesystem::path& path) {
  if (path == "-" || path == "/dev/stdin") return std::make_unique<StandardInput>();
  return open_plain_or_gzip(path);
}

Json interval(const Slope& slope) { return {slope.low, slope.high}; }

Json to_json(const LayerMeasures& layer) {
  return {{"name", layer.name},
          {"first_norm", layer.first},
          {"start_norm", layer.start},
          {"median_norm", layer.median},
          {"end_norm", layer.end},
          {"log10_trend", layer.trend.value},
          {"log10_trend_interval", interval(layer.trend)},
          {"log10_range", layer.range},
          {"log10_noise", layer.noise},
          {"spike_share", layer.spike_share},
          {"zero_share", layer.zero_share},
          {"zero_share_at_end", layer.zero_share_at_end},
          {"non_finite_share", layer.non_finite_share},
          {"first_non_finite_step", layer.first_non_finite_step},
          {"dead_relu_share", layer.dead_relu_share},
          {"signal_rms", layer.probes.signal_rms},
          {"saturated_share", layer.probes.saturated_share},
          {"dead_share", layer.probes.dead_share},
          {"update_ratio", layer.probes.update_ratio},
          {"weight_left", layer.probes.weight_left}};
}

}  // namespace

Diagnosis diagnose_recording(const std::filesystem::path& path, std::size_t classes) {
  const bool is_run = std::filesystem::is_directory(path);
  if (is_run && classes > 0) {
    throw ConfigError(error_text("diagnose", "--classes", "a table of norms", path.string(),
                                 "a run's manifest says how many classes there are"));
  }
  if (is_run) return diagnose(read_run_norms(path));
  const auto source = open_table(path);
  NormHistory history = read_norm_table(*source);
  if (classes > 0) history.blind_loss = blind_loss(Loss::nll, classes);
  return diagnose(history);
}

Json to_json(const Diagnosis& d) {
  const Measures& m = d.measures;
  Json json = {{"verdict", name_of(d.verdict)},
               {"healthy", d.verdict == Verdict::healthy},
               {"confidence", name_of(d.confidence)},
               {"reasons", d.reasons},
               {"layers_concerned", d.layers},
               {"cause", d.cause},
               {"advice", Json::array()},
               {"steps", m.steps},
               {"first_to_last_ratio", m.first_to_last_ratio},
               {"first_to_last_ratio_at_first_step", m.ratio_at_first_step},
               {"first_to_last_ratio_at_start", m.ratio_at_start},
               {"log10_slope_per_layer", m.depth.value},
               {"log10_slope_interval", interval(m.depth)},
               {"signal_first_to_last_ratio", m.signal_ratio},
               {"log10_signal_slope_per_layer", m.signal_depth.value},
               {"log10_signal_slope_interval", interval(m.signal_depth)},
               {"largest_saturated_share", m.largest_saturation},
               {"median_update_ratio", m.median_update_ratio},
               {"weight_left", m.weight_left},
               {"decay_left", m.decay_left},
               {"first_loss", m.first_loss},
               {"loss_at_end", m.loss_at_end},
               {"relative_decrease", m.relative_decrease},
               {"expected_share", m.expected_share},
               {"first_non_finite_loss_step", m.first_non_finite_loss_step},
               {"columns_left_out", d.columns_left_out},
               {"median_norm", Json::array()},
               {"layers", Json::array()}};
  for (const Advice& advice : d.advice) {
    json["advice"].push_back(
        {{"action", advice.action}, {"reason", advice.reason}, {"reference", advice.reference}});
  }
  for (const LayerMeasures& layer : m.layers) {
    json["median_norm"].push_back(layer.median);
    json["layers"].push_back(to_json(layer));
  }
  return json;
}

}  // namespace ravine
