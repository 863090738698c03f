#include "ravine/study/training_problem.hpp"

#include <algorithm>

#include "ravine/objective/mlp.hpp"
#include "ravine/study/weights_file.hpp"

namespace ravine {

namespace {

constexpr std::size_t kDigits = 10;

LabelledPixels normalised(const ImageDataset& data, const IdxImages& images,
                          std::span<const std::uint8_t> labels) {
  return {images.pixels, labels, images.rows * images.cols, 1 / (255 * data.standard_deviation),
          -data.mean / data.standard_deviation};
}

LabelledPixels limited(const LabelledPixels& all, std::size_t limit) {
  return limit > 0 ? all.first(std::min(limit, all.count())) : all;
}

}  // namespace

ParameterLayout saved_layout(const MlpConfig& network) {
  ParameterLayout layout = mlp_layout(network);
  const ParameterLayout statistics = mlp_statistics_layout(network);
  for (const ParameterBlock& block : statistics.blocks()) {
    layout.add(block.name, block.rows, block.cols);
  }
  return layout;
}

LabelledPixels TrainingProblem::train() const {
  return limited(normalised(*data, data->train_images, data->train_labels), train_limit);
}

LabelledPixels TrainingProblem::test() const {
  return limited(normalised(*data, data->test_images, data->test_labels), test_limit);
}

TrainingProblem load_training_problem(const TrainConfig& config, DatasetShelf& shelf) {
  TrainingProblem problem{shelf.load(config.data), config.network,   {}, {},
                          config.train_limit,      config.test_limit};
  problem.network.inputs = problem.data->train_images.rows * problem.data->train_images.cols;
  problem.network.outputs = kDigits;
  problem.network.dropout.seed = config.seed;
  if (config.initial_weights) {
    problem.start = read_weights(*config.initial_weights, saved_layout(problem.network));
    const auto size = static_cast<std::ptrdiff_t>(mlp_layout(problem.network).size());
    problem.statistics.assign(problem.start.begin() + size, problem.start.end());
    problem.start.resize(static_cast<std::size_t>(size));
    return problem;
  }
  problem.start =
      initial_parameters(problem.network, config.initialization, config.gain, config.seed);
  if (config.initialization == Initialization::lsuv) {
    ThreadTeam alone(1);
    const LabelledPixels images = problem.train();
    Mlp<float>(problem.network, images,
               Batcher(images.count(), config.batch_size, config.seed, config.shuffle), alone)
        .scale_to_deviation(problem.start, config.gain);
  }
  return problem;
}

}  // namespace ravine
