#include "ravine/study/gradient_check.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/data/dataset_cache.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/random/random.hpp"
#include "ravine/study/weights_file.hpp"

namespace ravine {

namespace {

constexpr std::size_t kTrainCoordinates = 20;
constexpr std::size_t kSenseCoordinates = 25;
constexpr std::size_t kMostKinks = 1024;  // outputs of hidden ReLUs in one Taylor test

// A network with what it is tested on.
struct TrainProblem {
  ImageDataset data;
  MlpConfig network;
  std::vector<double> start;
};

TrainProblem problem_of(const TrainConfig& config) {
  TrainProblem problem{load_dataset(config.data), config.network, {}};
  MlpConfig& network = problem.network;
  network.inputs = problem.data.train_images.rows * problem.data.train_images.cols;
  network.outputs = 10;
  const std::vector<float> start =
      config.initial_weights
          ? read_weights(*config.initial_weights, mlp_layout(network))
          : initial_parameters(network, config.initialization, config.gain, config.seed);
  problem.start.assign(start.begin(), start.end());
  return problem;
}

Mlp<double> objective_of(const TrainProblem& problem, const TrainConfig& config,
                         std::size_t batch_size, ThreadTeam& team) {
  const ImageDataset& data = problem.data;
  LabelledPixels images{data.train_images.pixels, data.train_labels, problem.network.inputs,
                        1 / (255 * data.standard_deviation), -data.mean / data.standard_deviation};
  if (config.train_limit > 0) images = images.first(std::min(config.train_limit, images.count()));
  return Mlp<double>(problem.network, images,
                     Batcher(images.count(), batch_size, config.seed, config.shuffle), team);
}

// How many samples of a batch the Taylor test can be made on.
std::size_t taylor_samples(const TrainConfig& config) {
  if (config.network.activation != Activation::relu) return config.batch_size;
  const std::vector<std::size_t>& hidden = config.network.hidden;
  const std::size_t units = std::accumulate(hidden.begin(), hidden.end(), std::size_t{0});
  return std::clamp<std::size_t>(kMostKinks / std::max<std::size_t>(units, 1), 1,
                                 config.batch_size);
}

}  // namespace

GradientReport judge(std::vector<BlockCheck> blocks, std::vector<TaylorTest> taylor) {
  GradientReport report{std::move(blocks), std::move(taylor), false, {}, 0};
  const BlockCheck& block = worst_of(report.blocks);
  const CoordinateCheck& at = block.worst_relative;
  const auto misses = [](const TaylorTest& test) { return !test.passes(kOrderTolerance); };
  const auto missing = std::ranges::find_if(report.taylor, misses);
  const TaylorTest& test = missing == report.taylor.end() ? report.taylor.front() : *missing;
  report.passed = at.relative <= kDeviationTolerance && missing == report.taylor.end();
  report.message = fmt::format(
      "Taylor order {:.3f}, expected 2; largest relative deviation {:.2g} in {} at ({}, {}): "
      "gradient {:.10g}, difference {:.10g}",
      test.order, at.relative, block.block, at.row, at.col, at.analytic, at.numeric);
  return report;
}

GradientReport check_train_gradient(const TrainConfig& config, ThreadTeam& team) {
  check(config);
  const TrainProblem problem = problem_of(config);
  const Timer timer;
  Mlp<double> objective = objective_of(problem, config, config.batch_size, team);
  Mlp<double> on_few = objective_of(problem, config, taylor_samples(config), team);
  GradientReport report =
      judge(check_gradient(objective, problem.start,
                           {.coordinates_per_block = kTrainCoordinates, .seed = config.seed}),
            taylor_test(on_few, problem.start, {.seed = config.seed}));
  report.elapsed_seconds = timer.elapsed_seconds();
  return report;
}

GradientReport check_sense_gradient(const SenseConfig& config, ThreadTeam& team) {
  check(config);
  const std::uint64_t seed = config.instance.seed;
  const SensingInstance instance =
      config.measurement_file
          ? read_instance(*config.measurement_file, *config.value_file, config.truth_file, team)
          : random_instance(config.instance, team);
  const std::vector<std::string> names = {"1"};
  MatrixSensing objective(instance.ensemble, instance.values, config.rank, names, team);
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
