#include "ravine/data/dataset_shelf.hpp"

#include "ravine/data/dataset_cache.hpp"

namespace ravine {

std::shared_ptr<const ImageDataset> DatasetShelf::load(const std::string& name_or_path) {
  if (!dataset_ || name_ != name_or_path) {
    dataset_ = std::make_shared<const ImageDataset>(load_dataset(name_or_path));
    name_ = name_or_path;
  }
  return dataset_;
}

}  // namespace ravine
