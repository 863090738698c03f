#include "ravine/data/image_dataset.hpp"

#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/sha256.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::gzipped;
using testing::idx_images;
using testing::idx_labels;
using testing::TemporaryFolder;
using testing::tiny_dataset_files;
using testing::write_tiny_dataset;

// The error of loading the tiny data set with one file replaced.
template <class E>
std::string error_with(std::string_view name, const std::string& content) {
  const TemporaryFolder folder;
  write_tiny_dataset(folder.path());
  folder.file(std::string(name), content);
  const std::string message = error_of<E>([&] { load_image_dataset(folder.path(), "tiny"); });
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_NE(message.find((folder / std::string(name)).string()), std::string::npos) << message;
  return message;
}

TEST(ImageDataset, LoadsTheFourFiles) {
  const TemporaryFolder folder;
  write_tiny_dataset(folder.path());
  const ImageDataset dataset = load_image_dataset(folder.path(), "tiny");
  EXPECT_EQ(dataset.name, "tiny");
  EXPECT_EQ(dataset.train_images.count, 3u);
  EXPECT_EQ(dataset.train_images.pixels_per_image(), 4u);
  EXPECT_EQ(dataset.train_images.pixels[2], 255);
  EXPECT_EQ(dataset.train_labels, (std::vector<std::uint8_t>{0, 9, 5}));
  EXPECT_EQ(dataset.test_images.pixels[0], 5);
  EXPECT_EQ(dataset.test_labels, (std::vector<std::uint8_t>{1, 2}));
  // By numpy: p.mean(), p.std(ddof=1) of the twelve training pixels / 255.
  EXPECT_NEAR(dataset.mean, 0.180718954248366, 1e-15);
  EXPECT_NEAR(dataset.standard_deviation, 0.298271128146995, 1e-15);
}

TEST(ImageDataset, SumsTheUncompressedContentByPlainName) {
  const TemporaryFolder folder;
  write_tiny_dataset(folder.path(), true);
  const ImageDataset dataset = load_image_dataset(folder.path(), "tiny");
  const auto files = tiny_dataset_files();
  ASSERT_EQ(dataset.sha256.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(dataset.sha256.at(std::string(kDatasetFiles[i])), sha256_hex(files[i]));
  }
}

TEST(ImageDataset, PrefersThePlainFile) {
  const TemporaryFolder folder;
  write_tiny_dataset(folder.path());
  folder.file(fmt::format("{}.gz", kTestLabels), gzipped(idx_labels(2, "\x03\x04")));
  EXPECT_EQ(load_image_dataset(folder.path(), "tiny").test_labels[0], 1);
  std::filesystem::remove(folder / std::string(kTestLabels));
  EXPECT_EQ(load_image_dataset(folder.path(), "tiny").test_labels[0], 3);
}

TEST(ImageDataset, RefusesAMissingFile) {
  const TemporaryFolder folder;
  write_tiny_dataset(folder.path());
  std::filesystem::remove(folder / std::string(kTrainLabels));
  EXPECT_EQ(error_of<IoError>([&] { load_image_dataset(folder.path(), "tiny"); }),
            "[data] " + (folder / std::string(kTrainLabels)).string() +
                ": expected this file, plain or .gz, got no file");
}

TEST(ImageDataset, RefusesCountsThatDiffer) {
  const std::string message = error_with<DataError>(kTrainLabels, idx_labels(2, "\x01\x02"));
  EXPECT_NE(message.find("expected 3 labels, one an image, got 2"), std::string::npos) << message;
  error_with<DataError>(kTestLabels, idx_labels(3, "\x01\x02\x03"));
}

TEST(ImageDataset, RefusesLabelsAboveNine) {
  const std::string message = error_with<DataError>(kTestLabels, idx_labels(2, "\x09\x0a"));
  EXPECT_NE(message.find("label 1: expected 0 to 9, got 10; hint: data sets have ten classes"),
            std::string::npos)
      << message;
  error_with<DataError>(kTrainLabels, idx_labels(3, "\xff\x01\x02"));
}

TEST(ImageDataset, RefusesTestImagesOfAnotherSize) {
  const std::string message = error_with<DataError>(kTestImages, idx_images(2, 1, 4, "abcdefgh"));
  EXPECT_NE(message.find("expected images of 2 x 2, as in training, got 1 x 4"), std::string::npos)
      << message;
}

TEST(ImageDataset, RefusesNoImages) {
  error_with<DataError>(kTrainImages, idx_images(0, 2, 2, ""));
  error_with<DataError>(kTestImages, idx_images(2, 0, 2, ""));
}

TEST(ImageDataset, RefusesPixelsThatAreAllEqual) {
  const std::string message =
      error_with<DataError>(kTrainImages, idx_images(3, 2, 2, std::string(12, 'a')));
  EXPECT_NE(message.find("expected pixels that differ"), std::string::npos) << message;
}

TEST(ImageDataset, NamesTheDamagedFile) {
  error_with<DataError>(kTrainImages, "garbage");
  error_with<DataError>(kTestLabels, "");
  const std::string whole = gzipped(tiny_dataset_files()[2]);
  error_with<DataError>(kTestImages, whole.substr(0, whole.size() - 3));
}

}  // namespace
}  // namespace ravine
