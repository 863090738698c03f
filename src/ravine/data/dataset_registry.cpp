#include "ravine/data/dataset_registry.hpp"

#include <algorithm>

#include "ravine/base/error.hpp"
#include "ravine/data/dataset_files.hpp"

namespace ravine {

namespace {

// MNIST and Fashion-MNIST have the same shape: 60,000 and 10,000 images of 28 x 28 behind a
// 16-byte header, labels behind one of 8 bytes.
std::array<DatasetFile, 4> mnist_shaped_files(const std::array<std::string_view, 4>& sums) {
  constexpr std::uint64_t kSizes[] = {16 + 60'000 * 784, 8 + 60'000, 16 + 10'000 * 784, 8 + 10'000};
  std::array<DatasetFile, 4> files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i] = {std::string(kDatasetFiles[i]), kSizes[i], std::string(sums[i])};
  }
  return files;
}

DatasetDescription mnist() {
  return {"mnist",
          "MNIST: handwritten digits, 28 x 28, 10 classes",
          mnist_shaped_files({"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                              "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                              "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                              "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}),
          {"https://ossci-datasets.s3.amazonaws.com/mnist/",
           "https://storage.googleapis.com/cvdf-datasets/mnist/"},
          {}};
}

DatasetDescription fashion_mnist() {
  return {"fashion-mnist",
          "Fashion-MNIST: articles of clothing, 28 x 28, 10 classes",
          mnist_shaped_files({"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                              "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                              "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                              "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}),
          // This kind of S3 address answers over http only; the check sums vouch for the content.
          {"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"},
          "/usr/share/datasets/fashion-mnist"};
}

}  // namespace

const std::vector<DatasetDescription>& known_datasets() {
  static const std::vector<DatasetDescription> datasets = {mnist(), fashion_mnist()};
  return datasets;
}

const DatasetDescription* find_known_dataset(std::string_view name) {
  const auto& all = known_datasets();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& dataset) { return dataset.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const DatasetDescription& known_dataset(std::string_view name) {
  if (const DatasetDescription* dataset = find_known_dataset(name)) return *dataset;
  throw ConfigError(error_text("data", "data set", "one of " + known_dataset_names(),
                               '"' + std::string(name) + '"'));
}

std::string known_dataset_names() {
  std::string names;
  for (const DatasetDescription& dataset : known_datasets()) {
    names += (names.empty() ? "" : ", ") + dataset.name;
  }
  return names;
}

}  // namespace ravine
