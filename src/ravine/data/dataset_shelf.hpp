#pragma once

#include <memory>
#include <string>

#include "ravine/data/image_dataset.hpp"

namespace ravine {

/// Keeps the last data set that was loaded, so that runs one after the other read and check its
/// files once. Not for use by several threads at a time.
class DatasetShelf {
 public:
  /// What load_dataset() gave for this `--data` argument, now or last time. Throws what it throws.
  std::shared_ptr<const ImageDataset> load(const std::string& name_or_path);

 private:
  std::string name_;
  std::shared_ptr<const ImageDataset> dataset_;
};

}  // namespace ravine
