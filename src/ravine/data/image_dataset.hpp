#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ravine/data/idx.hpp"

namespace ravine {

/// Images with labels 0..9, split into a training and a test part.
struct ImageDataset {
  std::string name;
  IdxImages train_images;
  std::vector<std::uint8_t> train_labels;  ///< (train_images.count), 0..9
  IdxImages test_images;                   ///< rows and cols as in train_images
  std::vector<std::uint8_t> test_labels;   ///< (test_images.count), 0..9
  double mean = 0.0;                       ///< of the training pixels scaled to 0..1
  double standard_deviation = 0.0;         ///< of the same, n - 1 in the denominator, > 0
  /// SHA-256 of each file's uncompressed content, by the file's plain name.
  std::map<std::string, std::string> sha256;
};

/// Loads the four files named in dataset_files.hpp, plain or gzip. Throws IoError for a missing or
/// unreadable file, and DataError naming the file for one that is damaged, for counts or image
/// sizes that disagree, labels above 9, no images at all, and training pixels that are all equal.
ImageDataset load_image_dataset(const std::filesystem::path& folder, std::string name);

}  // namespace ravine
