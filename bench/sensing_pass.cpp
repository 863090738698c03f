// Matrix sensing with Ravine. --mode says what is timed:
//   iteration  descend() without observers: seconds of one iteration of all members
//   setup      seconds to make the operator of --operator: N and its reference point, or nothing
//   pass       one pass over the measurements alone: residuals and adjoints of all members
//   record     `ravine sense` without figures and report: seconds of one iteration with the trace,
//              and --singular-values of every U, written at every iteration
//   generate   the ensemble: normal numbers a second
// --operator says what iterations get their residuals by: measurements or their normal matrix.
// Before timing iterations it makes 50 of them and reports the numbers every competitor must show.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/median.hpp"
#include "ravine/base/timer.hpp"
#include "ravine/data/npy.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/kernels/instruction_set.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/spaced_stride.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "ravine/random/random.hpp"
#include "ravine/study/sense.hpp"
#include "ravine/study/sensing_operator.hpp"
#include "support/competitor.hpp"

namespace ravine::bench {
namespace {

constexpr double kStep = 0.1;  // c = eta sigma_1
constexpr std::int64_t kVerifiedIterations = 50;
constexpr std::int64_t kWarmUpIterations = 3;

struct Options {
  std::string mode = "iteration";
  RandomSensingConfig instance;
  std::size_t members = 1;  // alpha = 1, 0.1, 0.01, ...
  std::size_t rank = 5;
  std::int64_t iterations = 50;  // timed at once
  std::size_t singular_values = 10;
  OperatorKind operator_kind = OperatorKind::measurements;
  int threads = 1;
  std::filesystem::path folder = std::filesystem::temp_directory_path();  // for the tables
};

std::vector<double> alphas_of(const Options& options) {
  std::vector<double> alphas;
  for (std::size_t k = 0; k < options.members; ++k) {
    alphas.push_back(std::pow(10.0, -static_cast<double>(k)));
  }
  return alphas;
}

class Iterations {
 public:
  explicit Iterations(const Options& options)
      : options_(options),
        team_(options.threads),
        instance_(random_instance(options.instance, team_)),
        objective_(make_operator(options.operator_kind, instance_, team_), options.rank,
                   names(options), team_),
        pass_(instance_.ensemble, team_),
        x_(options.members * spaced_stride(instance_.ensemble.unknowns())) {
    const std::size_t block = instance_.dimension() * options.rank;
    std::vector<double> w(block);
    RandomStream(options.instance.seed, "start").fill_normal(w);
    for (const double alpha : alphas_of(options)) {
      for (const double entry : w) start_.push_back(alpha * entry);
    }
    RandomStream(options.instance.seed, "candidates").fill_normal(std::span<double>(x_));
  }

  /// Losses, gradient norms and distances to the truth after some iterations.
  Json verify() {
    descend_from_start(kVerifiedIterations);
    std::vector<double> gradient(u_.size()), losses(options_.members), distances;
    objective_.loss_and_gradient(u_, {}, gradient, losses);
    std::vector<double> norms;
    for (std::size_t k = 0; k < options_.members; ++k) {
      const ParameterBlock& block = objective_.layout().blocks()[k];
      norms.push_back(std::sqrt(
          squared_norm(std::span<const double>(gradient).subspan(block.offset, block.size()))));
      distances.push_back(relative_error(objective_.gram(k)));
    }
    return {{"losses", losses}, {"gradient_norms", norms}, {"relative_errors", distances}};
  }

  double seconds_of_iteration() {
    descend_from_start(kWarmUpIterations);
    const Timer timer;
    descend_from_start(options_.iterations);
    return timer.elapsed_seconds() / static_cast<double>(options_.iterations);
  }

  double seconds_of_setup() {
    const Timer timer;
    const auto made = make_operator(options_.operator_kind, instance_, team_);
    return timer.elapsed_seconds();
  }

  /// What the model of the choice says of this operator; for one core.
  Json predicted() const {
    const OperatorCost cost = options_.operator_kind == OperatorKind::normal
                                  ? normal_cost(instance_, options_.members)
                                  : measurement_cost(instance_.ensemble, options_.members);
    return {{"setup_seconds", cost.setup_seconds}, {"evaluation_seconds", cost.evaluation_seconds}};
  }

  /// The median.
  double seconds_of_pass() {
    const std::size_t p = instance_.ensemble.unknowns();
    const MatrixView<const double> x(x_.data(), options_.members, p, spaced_stride(p));
    pass_.run(instance_.values, x);
    std::vector<double> seconds;
    for (std::int64_t i = 0; i < options_.iterations; ++i) {
      const Timer timer;
      pass_.run(instance_.values, x);
      seconds.push_back(timer.elapsed_seconds());
    }
    return median(seconds);
  }

  /// What another program needs to make the same iterations: A.npy (m, p) float32, y.npy (m),
  /// X.npy (d, d), U0.npy (members, d, R); returns eta.
  Json write(const std::filesystem::path& folder) const {
    const std::size_t d = instance_.dimension(), m = instance_.ensemble.count();
    const std::size_t p = instance_.ensemble.unknowns();
    AlignedBuffer<double> wide(m * p);
    instance_.ensemble.form().copy_rows(0, {wide.data(), m, p});
    const AlignedBuffer<float> rows(wide.begin(), wide.end());
    write_npy(folder / "A.npy", {{m, p}, std::span<const float>(rows)});
    write_npy(folder / "y.npy", {{m}, std::span<const double>(instance_.values)});
    write_npy(folder / "X.npy", {{d, d}, std::span<const double>(instance_.truth)});
    write_npy(folder / "U0.npy",
              {{options_.members, d, options_.rank}, std::span<const double>(start_)});
    return {{"learning_rate", learning_rate()}};
  }

 private:
  static std::vector<std::string> names(const Options& options) {
    std::vector<std::string> result;
    for (const double alpha : alphas_of(options)) result.push_back(fmt::format("{}", alpha));
    return result;
  }

  double learning_rate() const { return kStep / instance_.sigma_1; }

  double relative_error(MatrixView<const double> x) const {
    double difference = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      difference += (x.data[i] - instance_.truth[i]) * (x.data[i] - instance_.truth[i]);
    }
    return std::sqrt(difference / squared_norm(std::span<const double>(instance_.truth)));
  }

  void descend_from_start(std::int64_t iterations) {
    u_ = start_;
    DescentOptions descent;
    descent.max_steps = iterations;
    descent.learning_rate = learning_rate();
    descent.evaluate_last_point = false;
    descend(objective_, GradientDescent{}, std::span(u_), descent, {}, team_);
  }

  Options options_;
  ThreadTeam team_;
  SensingInstance instance_;
  MatrixSensing objective_;
  EnsemblePass pass_;
  AlignedBuffer<double> x_;  // (members, p), rows spaced
  std::vector<double> start_;
  std::vector<double> u_;
};

/// Seconds of one iteration of a whole run with its tables.
double seconds_of_recorded_iteration(const Options& options, ThreadTeam& team) {
  SenseConfig config;
  config.instance = options.instance;
  config.rank = options.rank;
  config.alphas = alphas_of(options);
  config.step = kStep;
  config.iterations = options.iterations;
  config.singular_values = options.singular_values;
  StudyContext context;
  context.folder = options.folder;
  context.team = &team;
  const StudyOutcome outcome = run_sense(config, context);
  return outcome.manifest["timing"]["descent_seconds"].get<double>() /
         static_cast<double>(options.iterations);
}

double normals_per_second(const Options& options, ThreadTeam& team) {
  const Timer timer;
  const MeasurementEnsemble ensemble = MeasurementEnsemble::gaussian(
      options.instance.dimension, options.instance.measurements, options.instance.seed, team);
  return static_cast<double>(ensemble.count() * ensemble.unknowns()) / timer.elapsed_seconds();
}

void compete(const Options& options) {
  const Json greeting = {{"instruction_set", instruction_set()}};
  if (options.mode == "record" || options.mode == "generate") {
    ThreadTeam team(options.threads);
    serve(greeting, [&]() -> Json {
      if (options.mode == "record") {
        return {{"seconds", seconds_of_recorded_iteration(options, team)}};
      }
      return {{"normals_per_second", normals_per_second(options, team)}};
    });
    return;
  }
  Iterations work(options);
  if (options.mode == "pass") {
    serve(greeting, [&]() -> Json { return {{"seconds", work.seconds_of_pass()}}; });
    return;
  }
  if (options.mode == "setup") {
    serve(greeting, [&]() -> Json { return {{"seconds", work.seconds_of_setup()}}; });
    return;
  }
  serve({{"instruction_set", instruction_set()},
         {"verification", work.verify()},
         {"predicted", work.predicted()}},
        [&]() -> Json {
          return {{"seconds", work.seconds_of_iteration()}};
        });
}

}  // namespace
}  // namespace ravine::bench

int main(int argc, char** argv) {
  using namespace ravine;
  CLI::App app("Matrix sensing", "sensing_pass");
  bench::Options options;
  std::filesystem::path write_instance_to;
  app.add_option("--mode", options.mode)
      ->check(CLI::IsMember({"iteration", "setup", "pass", "record", "generate"}));
  const std::map<std::string, OperatorKind> operators = {
      {"measurements", OperatorKind::measurements}, {"normal", OperatorKind::normal}};
  app.add_option("--operator", options.operator_kind)->transform(CLI::Transformer(operators));
  app.add_option("--dimension", options.instance.dimension);
  app.add_option("--measurements", options.instance.measurements);
  app.add_option("--members", options.members)->check(CLI::Range(1, 64));
  app.add_option("--rank", options.rank);
  app.add_option("--iterations", options.iterations, "Timed at once")->check(CLI::PositiveNumber);
  app.add_option("--singular-values", options.singular_values, "Recorded of every U; 0: none");
  app.add_option("--threads", options.threads);
  app.add_option("--folder", options.folder, "Where the tables of a recorded run go");
  app.add_option("--write-instance", write_instance_to, "Only write the instance there");
  return bench::run_program(app, argc, argv, [&] {
    if (write_instance_to.empty()) return bench::compete(options);
    bench::serve(bench::Iterations(options).write(write_instance_to), {});
  });
}
