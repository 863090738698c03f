#pragma once

#include <memory>
#include <vector>

#include "ravine/data/dataset_shelf.hpp"
#include "ravine/data/labelled_pixels.hpp"
#include "ravine/study/train.hpp"

namespace ravine {

/// The arrays of a network's file: its parameters and its running statistics.
ParameterLayout saved_layout(const MlpConfig& network);

/// What a TrainConfig stands for: its data, its network with inputs and outputs set from them, and
/// the parameters training starts from.
struct TrainingProblem {
  std::shared_ptr<const ImageDataset> data;
  MlpConfig network;
  std::vector<float> start;
  std::vector<float> statistics;  ///< running ones of batch normalisation, from --initial-weights
  std::size_t train_limit = 0, test_limit = 0;

  /// Views of `data`, normalised with the training set's mean and standard deviation; without what
  /// the limits cut off.
  LabelledPixels train() const;
  LabelledPixels test() const;
};

/// Throws IoError and DataError for files that are missing or wrong.
TrainingProblem load_training_problem(const TrainConfig& config, DatasetShelf& shelf);

}  // namespace ravine
