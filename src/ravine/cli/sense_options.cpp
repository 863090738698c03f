#include "ravine/cli/exclusions.hpp"
#include "ravine/cli/study_options.hpp"

namespace ravine::cli {

namespace {

struct SenseOptions {
  SenseConfig config;
  std::function<InstanceChoice(std::uint64_t)> instance_for;
  std::string start = "gaussian";
  std::string operator_kind = "auto";
  std::string initial_file;
};

/// Of the options of the objective alone.
SenseConfig objective_of(const SenseOptions& options, std::uint64_t seed) {
  SenseConfig config = options.config;
  static_cast<InstanceChoice&>(config) = options.instance_for(seed);
  if (options.operator_kind == "normal") config.operator_kind = OperatorKind::normal;
  if (options.operator_kind == "measurements") config.operator_kind = OperatorKind::measurements;
  return config;
}

SenseConfig config_of(const SenseOptions& options, const CLI::App& app, std::uint64_t seed) {
  SenseConfig config = objective_of(options, seed);
  if (!options.initial_file.empty()) config.initial_file = options.initial_file;
  if (options.start == "spectral") config.start = Start::spectral;
  if (options.start == "saddle") config.start = Start::saddle;
  if (options.start == "aligned") config.start = Start::aligned;
  const bool implies_file = config.initial_file && app.count("--start") == 0;
  if (options.start == "file" || implies_file) config.start = Start::file;
  return config;
}

void add_objective_options(CLI::App& app, SenseOptions& options) {
  SenseConfig& config = options.config;
  options.instance_for = add_instance_options(app);
  app.add_option("--rank", config.rank, "R, columns of U")->capture_default_str();
  app.add_option("--operator", options.operator_kind,
                 "Residuals by measurements, by their normal matrix, or auto: the quicker one")
      ->check(CLI::IsMember({"auto", "measurements", "normal"}))
      ->capture_default_str();
}

void add_descent_options(CLI::App& app, SenseOptions& options) {
  SenseConfig& config = options.config;
  app.add_option("--alpha", config.alphas,
                 "Scales of the start, descended together (default 0.1; 0.001 for a saddle, 1 for "
                 "other starts)")
      ->delimiter(',');
  app.add_option("--start", options.start, "gaussian, spectral, saddle, aligned or file")
      ->check(CLI::IsMember({"gaussian", "spectral", "saddle", "aligned", "file"}))
      ->capture_default_str();
  add_rule_options(app, config.rule, sensing_rules());
  app.add_option("--step", config.step,
                 "c = eta sigma_1, eta (2 sigma_1 + tr X*) for rank-one; eta sqrt(d / sigma_1) "
                 "for adam, adagrad and rmsprop; eta for scaled-gd and "
                 "preconditioned-gd (default by rule: 0.25 for gd)");
  app.add_option("--learning-rate", config.learning_rate, "eta itself, instead of --step");
  app.add_option("--iterations", config.iterations, "Steps; with a line search, points tried")
      ->capture_default_str();
  app.add_option("--target-error", config.target_error,
                 "End a start at this relative error; 0: off")
      ->capture_default_str();
  app.add_option("--gradient-tolerance", config.gradient_tolerance,
                 "End a start when |grad f| / sigma_1^(3/2) is this small: no rule moves it any "
                 "further; 0: off")
      ->capture_default_str();
  app.add_option("--singular-values", config.singular_values, "How many of U's are recorded")
      ->capture_default_str();
  app.add_option("--singular-values-every", config.singular_values_every,
                 "Iterations between records")
      ->capture_default_str();
  app.add_option("--sharpness-every", config.sharpness_every,
                 "Also record the sharpness, the Hessian's largest eigenvalue, at every N-th "
                 "iteration, beside the edge of stability; 0: not")
      ->capture_default_str();
  app.add_flag("--minimum-norm", config.minimum_norm, "Also solve for the matrix of least norm");
  app.add_flag("--trace-minimisation", config.trace_minimisation,
               "Also solve for the semidefinite matrix of least trace");
  app.add_flag("--diagnose-operator", config.diagnose_operator,
               "Also estimate the restricted isometry constant and the condition of A");
  app.add_flag("--theory", config.theory,
               "Also record the modes of U beside what theory predicts of them");
  app.add_option("--initial-file", options.initial_file,
                 "U_0, (d, R), as FILE.npy or FILE.npz:NAME, which is --start file");
  add_exclusions(app, {{"--learning-rate", {"--step"}}});
}

}  // namespace

std::function<SenseConfig(std::uint64_t)> add_sense_objective_options(CLI::App& app) {
  const auto options = std::make_shared<SenseOptions>();
  add_objective_options(app, *options);
  return [options](std::uint64_t seed) { return objective_of(*options, seed); };
}

std::function<SenseConfig(std::uint64_t)> add_sense_options(CLI::App& app) {
  const auto options = std::make_shared<SenseOptions>();
  add_objective_options(app, *options);
  add_descent_options(app, *options);
  return [options, &app](std::uint64_t seed) { return config_of(*options, app, seed); };
}

}  // namespace ravine::cli
