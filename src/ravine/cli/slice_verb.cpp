#include <fmt/format.h>

#include "ravine/cli/result_cell.hpp"
#include "ravine/cli/study_options.hpp"
#include "ravine/cli/study_verb.hpp"
#include "ravine/study/slice.hpp"

namespace ravine::cli {

namespace {

std::string summarise(const Json& manifest) {
  const Json& results = manifest["results"];
  std::string text =
      fmt::format("{:<10}{:>11}  {:>14}  {:<14}\n", "point", "loss", "relative error", "verdict");
  for (const Json& point : results["points"]) {
    text += fmt::format("{:<10}{:>11}  {:>14}  {:<14}\n", point["point"].get<std::string>(),
                        result_cell(point, "loss", "{:.4g}"),
                        result_cell(point, "relative_error", "{:.3e}"),
                        point["verdict"].get<std::string>());
  }
  for (const Json& segment : results["segments"]) {
    text += fmt::format("A to B {}: barrier {} ({} of the loss at 0) at t = {}\n",
                        segment["segment"].get<std::string>(),
                        result_cell(segment, "barrier", "{:.4g}"),
                        result_cell(segment, "relative_barrier", "{:.3g}"),
                        result_cell(segment, "barrier_at", "{:.2f}"));
  }
  if (results["same_point"].get<bool>()) {
    text += "A and B are the same point of the loss, up to U -> U Q\n";
  }
  return text;
}

}  // namespace

StudyVerb make_slice_verb(CLI::App& parent) {
  StudyVerb verb;
  verb.app = parent.add_subcommand(
      "slice", "The loss of matrix sensing between two factors and over a plane through them");
  CLI::App& app = *verb.app;
  const auto config = std::make_shared<SliceConfig>();
  app.add_option("--through", config->through,
                 "End points A and B, and C for a plane through three points, each (d, R): "
                 "FILE.npy, or FILE.npz:NAME such as a sense run's arrays.npz:U.0.1")
      ->required()
      ->delimiter(',');
  const auto instance_for = add_instance_options(app);
  app.add_option("--points", config->points, "Grid points a side of the plane")
      ->capture_default_str();
  app.add_option("--segment-points", config->segment_points, "Points along each segment")
      ->capture_default_str();
  app.add_option("--iterations", config->iterations,
                 "At most, of each descent drawn in the plane; 0: none")
      ->capture_default_str();
  add_common_options(app, *verb.common, "runs/slice");
  const auto config_for = [config, instance_for](std::uint64_t seed) {
    static_cast<InstanceChoice&>(*config) = instance_for(seed);
    return *config;
  };
  verb.check = [config_for, common = verb.common] { check(config_for(common->seed)); };
  verb.run = [config_for, common = verb.common](const StudyContext& context) {
    return run_slice(config_for(common->seed), context);
  };
  verb.summarise = summarise;
  return verb;
}

}  // namespace ravine::cli
