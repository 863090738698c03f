#include <fmt/format.h>

#include "ravine/cli/result_cell.hpp"
#include "ravine/cli/study_verb.hpp"
#include "ravine/study/landscape.hpp"

namespace ravine::cli {

namespace {

std::string summarise(const Json& manifest) {
  const Json& results = manifest["results"];
  return fmt::format(
      "{} of the {} points are what theory says; sampled eigenvalues deviate by up to {} sigma_1\n"
      "ended: {}\n",
      results["agree"].get<int>(), results["points"].get<int>(),
      result_cell(results, "largest_eigenvalue_deviation", "{:.3g}"),
      manifest["termination"]["message"].get<std::string>());
}

}  // namespace

StudyVerb make_landscape_verb(CLI::App& parent) {
  StudyVerb verb;
  verb.app = parent.add_subcommand(
      "landscape",
      "Examine critical points of matrix sensing: gradients, Hessian eigenvalues, verdicts");
  const auto config = std::make_shared<LandscapeConfig>();
  CLI::App& app = *verb.app;
  app.add_option("--dimension", config->dimension, "d; X* is d x d")->capture_default_str();
  app.add_option("--true-rank", config->true_rank, "r, rank of X* and columns of U")
      ->capture_default_str();
  app.add_option("--measurements", config->measurements, "m of the sampled loss; 0: 10 d r")
      ->capture_default_str();
  app.add_option("--starts", config->starts, "Random starts of gradient descent")
      ->capture_default_str();
  app.add_option("--iterations", config->iterations, "At most, of each descent")
      ->capture_default_str();
  app.add_option("--step", config->step, "c = eta sigma_1")->capture_default_str();
  app.add_option(
         "--critical-starts", config->critical_starts,
         "Random starts of searches for critical points of any kind, up to some thousand Hessian "
         "products each; 0: none")
      ->capture_default_str();
  app.add_option("--slice-points", config->slice_points,
                 "Grid points a side of the losses over a plane of critical points; 0: no slices "
                 "(`ravine slice` takes points of yours)")
      ->capture_default_str();
  app.add_option("--slice-draws", config->slice_draws,
                 "Instances for each number of measurements that slices are compared for")
      ->capture_default_str();
  add_common_options(app, *verb.common, "runs/landscape");
  verb.check = [config] { check(*config); };
  verb.run = [config, common = verb.common](const StudyContext& context) {
    config->seed = common->seed;
    return run_landscape(*config, context);
  };
  verb.summarise = summarise;
  return verb;
}

}  // namespace ravine::cli
