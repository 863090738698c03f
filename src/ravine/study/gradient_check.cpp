#include "ravine/study/gradient_check.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/random/random.hpp"
#include "ravine/study/sense_start.hpp"
#include "ravine/study/training_problem.hpp"

namespace ravine {

namespace {

constexpr std::size_t kTrainCoordinates = 20;
constexpr std::size_t kSenseCoordinates = 25;
constexpr std::size_t kMostKinks = 1024;   // outputs of hidden units with a kink in one Taylor test
constexpr std::size_t kFewestInBatch = 8;  // of fewer, a batch normalisation leaves little over

Mlp<double> objective_of(const TrainingProblem& problem, const TrainConfig& config,
                         std::size_t batch_size, ThreadTeam& team) {
  const LabelledPixels images = problem.train();
  return Mlp<double>(problem.network, images,
                     Batcher(images.count(), batch_size, config.seed, config.shuffle), team);
}

// How many samples of a batch, out of `count`, the Taylor test can be made on.
std::size_t taylor_samples(const TrainConfig& config, std::size_t count) {
  if (!has_kink(config.network.activation)) return config.batch_size;
  const std::vector<std::size_t>& hidden = config.network.hidden;
  const std::size_t units = std::accumulate(hidden.begin(), hidden.end(), std::size_t{0});
  const bool mixes = config.network.normalisation == Normalisation::batch;
  std::size_t samples =
      std::max(kMostKinks / std::max<std::size_t>(units, 1), mixes ? kFewestInBatch : 1);
  while (mixes && count % samples == 1) ++samples;  // no last batch of one sample
  return std::min(samples, config.batch_size);
}

}  // namespace

std::string order_text(const TaylorTest& test) {
  if (test.exact) return "no Taylor order to fit, for the remainders are zero up to rounding";
  if (test.fitted == 0) {
    return "no Taylor order to fit, for fewer than three remainders stand above rounding";
  }
  return fmt::format("Taylor order {:.4f} over {} remainders, expected 2 or more", test.order,
                     test.fitted);
}

GradientReport judge(std::vector<BlockCheck> blocks, std::vector<TaylorTest> taylor) {
  GradientReport report{std::move(blocks), std::move(taylor), false, {}, 0};
  const BlockCheck& block = worst_of(report.blocks);
  const CoordinateCheck& at = block.worst_relative;
  const auto misses = [](const TaylorTest& test) { return !test.passes(kOrderTolerance); };
  const auto missing = std::ranges::find_if(report.taylor, misses);
  const TaylorTest& test = missing == report.taylor.end() ? report.taylor.front() : *missing;
  report.passed = at.relative <= kDeviationTolerance && missing == report.taylor.end();
  report.message = fmt::format(
      "{}; largest relative deviation {:.2g} in {} at ({}, {}): "
      "gradient {:.10g}, difference {:.10g}",
      order_text(test), at.relative, block.block, at.row, at.col, at.analytic, at.numeric);
  return report;
}

GradientReport check_train_gradient(const TrainConfig& config, ThreadTeam& team) {
  check(config);
  DatasetShelf shelf;
  const TrainingProblem problem = load_training_problem(config, shelf);
  const std::vector<double> start(problem.start.begin(), problem.start.end());
  const Timer timer;
  Mlp<double> objective = objective_of(problem, config, config.batch_size, team);
  Mlp<double> on_few =
      objective_of(problem, config, taylor_samples(config, problem.train().count()), team);
  GradientReport report =
      judge(check_gradient(objective, start,
                           {.coordinates_per_block = kTrainCoordinates, .seed = config.seed}),
            taylor_test(on_few, start, {.seed = config.seed}));
  report.elapsed_seconds = timer.elapsed_seconds();
  return report;
}

GradientReport check_sense_gradient(const SenseConfig& config, ThreadTeam& team) {
  check(config);
  const std::uint64_t seed = config.instance.seed;
  const SensingInstance instance = make_instance(config, team);
  const std::vector<std::string> names = {"1"};
  const OperatorChoice choice =
      choose_operator(instance, alphas_of(config).size(), config.iterations + 1,
                      config.operator_kind);  // as sense does
  MatrixSensing objective(make_operator(choice.kind, instance, team), config.rank, names, team);
  std::vector<double> u(objective.layout().size());
  RandomStream(seed, "gradient check point").fill_normal(std::span<double>(u));
  const Timer timer;
  GradientReport report = judge(
      check_gradient(objective, u, {.coordinates_per_block = kSenseCoordinates, .seed = seed}),
      taylor_test(objective, u, {.seed = seed}));
  report.elapsed_seconds = timer.elapsed_seconds();
  return report;
}

}  // namespace ravine
