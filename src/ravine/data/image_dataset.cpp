#include "ravine/data/image_dataset.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/byte_source.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/file_source.hpp"
#include "ravine/data/hashing_source.hpp"
#include "ravine/data/pixel_statistics.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint8_t kLargestLabel = 9;

struct Part {
  IdxImages images;
  std::vector<std::uint8_t> labels;
  std::string images_sha256;
  std::string labels_sha256;
};

void check_part(const Part& part, const fs::path& images_path, const fs::path& labels_path) {
  const IdxImages& images = part.images;
  if (images.pixels.empty()) {
    throw DataError(
        error_text("data", images_path.string(), "at least one image",
                   fmt::format("{} of {} x {} pixels", images.count, images.rows, images.cols)));
  }
  if (part.labels.size() != images.count) {
    throw DataError(error_text("data", labels_path.string(),
                               fmt::format("{} labels, one an image", images.count),
                               fmt::format("{}", part.labels.size())));
  }
  const auto wrong = std::find_if(part.labels.begin(), part.labels.end(),
                                  [](std::uint8_t label) { return label > kLargestLabel; });
  if (wrong != part.labels.end()) {
    throw DataError(error_text(
        "data", fmt::format("{} label {}", labels_path.string(), wrong - part.labels.begin()),
        "0 to 9", fmt::format("{}", *wrong), "data sets have ten classes"));
  }
}

Part load_part(const fs::path& folder, std::string_view images_name, std::string_view labels_name) {
  const fs::path images_path = dataset_file(folder, images_name);
  const fs::path labels_path = dataset_file(folder, labels_name);
  Part part;
  const std::unique_ptr<ByteSource> images_file = open_plain_or_gzip(images_path);
  HashingSource images(*images_file);
  part.images = read_idx_images(images);
  part.images_sha256 = images.sha256();

  const std::unique_ptr<ByteSource> labels_file = open_plain_or_gzip(labels_path);
  HashingSource labels(*labels_file);
  part.labels = read_idx_labels(labels);
  part.labels_sha256 = labels.sha256();
  check_part(part, images_path, labels_path);
  return part;
}

void check_parts_agree(const IdxImages& train, const IdxImages& test, const fs::path& folder) {
  if (train.rows == test.rows && train.cols == test.cols) return;
  throw DataError(
      error_text("data", dataset_file(folder, kTestImages).string(),
                 fmt::format("images of {} x {}, as in training", train.rows, train.cols),
                 fmt::format("{} x {}", test.rows, test.cols)));
}

}  // namespace

ImageDataset load_image_dataset(const fs::path& folder, std::string name) {
  auto test_loading =
      std::async(std::launch::async, [&] { return load_part(folder, kTestImages, kTestLabels); });
  Part train = load_part(folder, kTrainImages, kTrainLabels);
  Part test = test_loading.get();
  check_parts_agree(train.images, test.images, folder);
  const PixelStatistics statistics = pixel_statistics(train.images.pixels);
  if (!(statistics.standard_deviation > 0.0)) {
    throw DataError(error_text("data", dataset_file(folder, kTrainImages).string(),
                               "pixels that differ", "all equal"));
  }

  ImageDataset dataset;
  dataset.name = std::move(name);
  dataset.train_images = std::move(train.images);
  dataset.train_labels = std::move(train.labels);
  dataset.test_images = std::move(test.images);
  dataset.test_labels = std::move(test.labels);
  dataset.mean = statistics.mean;
  dataset.standard_deviation = statistics.standard_deviation;
  dataset.sha256 = {{std::string(kTrainImages), train.images_sha256},
                    {std::string(kTrainLabels), train.labels_sha256},
                    {std::string(kTestImages), test.images_sha256},
                    {std::string(kTestLabels), test.labels_sha256}};
  return dataset;
}

}  // namespace ravine
