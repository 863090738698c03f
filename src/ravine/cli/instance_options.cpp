#include "ravine/cli/exclusions.hpp"
#include "ravine/cli/study_options.hpp"

namespace ravine::cli {

namespace {

struct InstanceOptions {
  InstanceChoice choice;
  std::string ensemble = "gaussian";
  std::string truth_entries = "gaussian";
  double condition_number = 1;
  std::string measurement_file, value_file, truth_file;
};

std::optional<std::filesystem::path> path_or_none(const std::string& path) {
  if (path.empty()) return std::nullopt;
  return path;
}

InstanceChoice choice_of(const InstanceOptions& options, const CLI::App& app, std::uint64_t seed) {
  InstanceChoice choice = options.choice;
  choice.instance.seed = seed;
  choice.instance.truth_entries =
      options.truth_entries == "uniform" ? TruthEntries::uniform : TruthEntries::gaussian;
  choice.instance.ensemble = *choice_in(kEnsembles, options.ensemble);
  if (app.count("--condition-number") > 0) {
    choice.instance.condition_number = options.condition_number;
  }
  choice.measurement_file = path_or_none(options.measurement_file);
  choice.value_file = path_or_none(options.value_file);
  choice.truth_file = path_or_none(options.truth_file);
  return choice;
}

void add_file_options(CLI::App& app, InstanceOptions& options) {
  app.add_option("--measurement-file", options.measurement_file,
                 ".npy with A: (m, d, d), or svec rows (m, d(d+1)/2); vectors (m, d) for rank-one");
  app.add_option("--value-file", options.value_file, ".npy with y: (m)");
  app.add_option("--truth-file", options.truth_file, ".npy with X*: (d, d), if it is known");
}

}  // namespace

std::function<InstanceChoice(std::uint64_t)> add_instance_options(CLI::App& app) {
  const auto options = std::make_shared<InstanceOptions>();
  InstanceChoice& choice = options->choice;
  RandomSensingConfig& instance = choice.instance;
  std::vector<std::string> ensembles;
  for (const auto& entry : kEnsembles) ensembles.emplace_back(entry.name);
  app.add_option(
         "--ensemble", options->ensemble,
         "Kind of measurements: gaussian, symmetric-gaussian, rademacher, rank-one or entries")
      ->check(CLI::IsMember(ensembles))
      ->capture_default_str();
  app.add_option("--dimension", instance.dimension, "d; X* is d x d")->capture_default_str();
  app.add_option("--true-rank", instance.true_rank, "r, rank of X*")->capture_default_str();
  app.add_option("--measurements", instance.measurements, "m")->capture_default_str();
  app.add_flag("--population", choice.population,
               "Observe X* itself, which is what ever more measurements tend to");
  app.add_option("--truth-entries", options->truth_entries, "Entries of U*: gaussian or uniform")
      ->check(CLI::IsMember({"gaussian", "uniform"}))
      ->capture_default_str();
  app.add_option("--condition-number", options->condition_number,
                 "Of X*, with eigenvalues spaced evenly from 1 down, instead of --truth-entries");
  app.add_option("--noise", instance.noise, "Standard deviation of measurement noise")
      ->capture_default_str();
  add_file_options(app, *options);
  add_exclusions(app, {{"--population", {"--measurements", "--ensemble"}},
                       {"--condition-number", {"--truth-entries"}},
                       // The files say what is measured.
                       {"--measurement-file",
                        {"--dimension", "--true-rank", "--measurements", "--truth-entries",
                         "--condition-number", "--noise"}}});
  return [options, &app](std::uint64_t seed) { return choice_of(*options, app, seed); };
}

}  // namespace ravine::cli
