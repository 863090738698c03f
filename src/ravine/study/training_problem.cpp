#include "ravine/study/training_problem.hpp"

#include <algorithm>

#include "ravine/data/dataset_cache.hpp"
#include "ravine/study/weights_file.hpp"

namespace ravine {

namespace {

constexpr std::size_t kDigits = 10;

LabelledPixels normalised(const ImageDataset& data, const IdxImages& images,
                          std::span<const std::uint8_t> labels) {
  return {images.pixels, labels, images.rows * images.cols, 1 / (255 * data.standard_deviation),
          -data.mean / data.standard_deviation};
}

}  // namespace

LabelledPixels TrainingProblem::train() const {
  const LabelledPixels all = normalised(data, data.train_images, data.train_labels);
  return train_limit > 0 ? all.first(std::min(train_limit, all.count())) : all;
}

LabelledPixels TrainingProblem::test() const {
  return normalised(data, data.test_images, data.test_labels);
}

TrainingProblem load_training_problem(const TrainConfig& config) {
  TrainingProblem problem{load_dataset(config.data), config.network, {}, config.train_limit};
  problem.network.inputs = problem.data.train_images.rows * problem.data.train_images.cols;
  problem.network.outputs = kDigits;
  problem.start =
      config.initial_weights
          ? read_weights(*config.initial_weights, mlp_layout(problem.network))
          : initial_parameters(problem.network, config.initialization, config.gain, config.seed);
  return problem;
}

}  // namespace ravine
