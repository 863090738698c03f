#include "ravine/data/dataset_cache.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/dataset_verify.hpp"
#include "support/scoped_variable.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::gzipped;
using testing::ScopedVariable;
using testing::TemporaryFolder;
using testing::tiny_dataset;
using testing::tiny_dataset_files;
using testing::write_tiny_dataset;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class DatasetCache : public ::testing::Test {
 protected:
  fs::path cached(std::string_view name) const { return cache_.path() / "tiny" / name; }

  TemporaryFolder cache_;
  TemporaryFolder source_;
  ScopedVariable variable_{"RAVINE_DATA", cache_.path().string()};
};

TEST(CacheFolder, FollowsTheEnvironment) {
  const ScopedVariable home("HOME", "/home/someone");
  {
    const ScopedVariable own("RAVINE_DATA", "/own");
    EXPECT_EQ(cache_folder(), "/own");
  }
  const ScopedVariable own("RAVINE_DATA", "");
  {
    const ScopedVariable xdg("XDG_CACHE_HOME", "/xdg");
    EXPECT_EQ(cache_folder(), "/xdg/ravine");
  }
  {
    const ScopedVariable xdg("XDG_CACHE_HOME", "relative");
    EXPECT_EQ(cache_folder(), "/home/someone/.cache/ravine");
  }
  const ScopedVariable xdg("XDG_CACHE_HOME", std::nullopt);
  EXPECT_EQ(cache_folder(), "/home/someone/.cache/ravine");
  const ScopedVariable no_home("HOME", std::nullopt);
  EXPECT_THROW(cache_folder(), ConfigError);
}

TEST(DatasetRegistry, KnowsItsDatasetsByName) {
  EXPECT_EQ(known_dataset("mnist").files[0].name, "train-images-idx3-ubyte");
  EXPECT_EQ(known_dataset("mnist").files[0].size, 47'040'016u);
  EXPECT_EQ(known_dataset("fashion-mnist").files[3].size, 10'008u);
  EXPECT_EQ(find_known_dataset("cifar"), nullptr);
  EXPECT_EQ(error_of<ConfigError>([] { known_dataset("cifar"); }),
            "[data] data set: expected one of mnist, fashion-mnist, got \"cifar\"");
}

TEST(DatasetRegistry, HoldsWholeChecksums) {
  for (const DatasetDescription& dataset : known_datasets()) {
    EXPECT_FALSE(dataset.mirrors.empty());
    for (const DatasetFile& file : dataset.files) {
      EXPECT_EQ(file.sha256.size(), 64u);
      EXPECT_EQ(file.sha256.find_first_not_of("0123456789abcdef"), std::string::npos);
    }
  }
}

TEST_F(DatasetCache, ImportStoresPlainAndGzippedFilesPlain) {
  for (const bool gzip : {false, true}) {
    const TemporaryFolder source;
    write_tiny_dataset(source.path(), gzip);
    EXPECT_EQ(import_dataset(tiny_dataset(), source.path()), cache_.path() / "tiny");
    const auto files = tiny_dataset_files();
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(read_file(cached(kDatasetFiles[i])), files[i]);
    EXPECT_EQ(names_in(cache_.path()), std::vector<std::string>{"tiny"});
    EXPECT_EQ(names_in(cache_.path() / "tiny").size(), 4u);
  }
}

TEST_F(DatasetCache, ImportRefusesAWrongFileAndLeavesNothing) {
  write_tiny_dataset(source_.path());
  std::string labels = tiny_dataset_files()[3];
  labels.back() ^= 1;
  const fs::path wrong = source_.file(std::string(kTestLabels), labels);
  const std::string message =
      error_of<DataError>([&] { import_dataset(tiny_dataset(), source_.path()); });
  EXPECT_NE(message.find(wrong.string()), std::string::npos) << message;
  EXPECT_NE(message.find("SHA-256 " + tiny_dataset().files[3].sha256), std::string::npos);
  EXPECT_TRUE(names_in(cache_.path()).empty());
}

TEST_F(DatasetCache, ImportRefusesAWrongSize) {
  write_tiny_dataset(source_.path());
  const std::string images = tiny_dataset_files()[0];
  const auto importing = [&](const std::string& content) {
    source_.file(std::string(kTrainImages), content);
    return error_of<DataError>([&] { import_dataset(tiny_dataset(), source_.path()); });
  };
  EXPECT_NE(importing(images + "x").find("of 28 bytes, got more"), std::string::npos);
  EXPECT_NE(importing(images.substr(1)).find("of 28 bytes, got 27"), std::string::npos);
  EXPECT_NE(importing(gzipped(std::string(100'000'000, '\0'))).find("got more"), std::string::npos);
  EXPECT_TRUE(names_in(cache_.path()).empty());
}

TEST_F(DatasetCache, ImportNeedsAllFour) {
  write_tiny_dataset(source_.path());
  fs::remove(source_ / std::string(kTestImages));
  EXPECT_THROW(import_dataset(tiny_dataset(), source_.path()), IoError);
  EXPECT_THROW(import_dataset(tiny_dataset(), source_ / "none"), IoError);
  EXPECT_TRUE(names_in(cache_.path()).empty());
}

TEST_F(DatasetCache, AFailedImportKeepsWhatWasThere) {
  write_tiny_dataset(source_.path());
  import_dataset(tiny_dataset(), source_.path());
  source_.file(std::string(kTestImages), "wrong");
  EXPECT_THROW(import_dataset(tiny_dataset(), source_.path()), DataError);
  EXPECT_NO_THROW(verify_dataset(tiny_dataset(), cache_.path() / "tiny"));
}

TEST_F(DatasetCache, ImportReplacesADamagedOne) {
  fs::create_directory(cache_ / "tiny");
  write_file_atomically(cached("stray"), "file");
  write_file_atomically(cached(kTrainImages), "damaged");
  write_tiny_dataset(source_.path());
  import_dataset(tiny_dataset(), source_.path());
  EXPECT_NO_THROW(verify_dataset(tiny_dataset(), cache_.path() / "tiny"));
  EXPECT_FALSE(fs::exists(cached("stray")));
}

TEST_F(DatasetCache, ImportSaysWhenTheCacheCannotBeWritten) {
  write_tiny_dataset(source_.path());
  const fs::path file = cache_.file("file", "");
  const ScopedVariable inside_a_file("RAVINE_DATA", (file / "folder").string());
  const std::string message =
      error_of<IoError>([&] { import_dataset(tiny_dataset(), source_.path()); });
  EXPECT_NE(message.find("expected a writable place, got Not a directory"), std::string::npos)
      << message;
}

TEST_F(DatasetCache, FindsTheCacheBeforeTheSystemCopy) {
  DatasetDescription dataset = tiny_dataset();
  EXPECT_EQ(find_dataset(dataset), std::nullopt);
  write_tiny_dataset(source_.path(), true);
  dataset.system_folder = source_.path();
  EXPECT_EQ(find_dataset(dataset), source_.path());
  import_dataset(dataset, source_.path());
  EXPECT_EQ(find_dataset(dataset), cache_.path() / "tiny");
  fs::remove(cached(kTrainLabels));
  EXPECT_EQ(find_dataset(dataset), source_.path());
}

TEST_F(DatasetCache, TakesAFolderAsItIs) {
  write_tiny_dataset(source_.path());
  EXPECT_EQ(dataset_folder(source_.path().string()), source_.path());
  EXPECT_EQ(load_dataset(source_.path().string()).name, source_.path().string());
}

TEST_F(DatasetCache, SaysHowToGetAKnownDataset) {
  EXPECT_EQ(error_of<DataError>([] { dataset_folder("mnist"); }),
            "[data] mnist: expected a data set on this machine, got none; hint: ravine data fetch "
            "mnist");
}

TEST_F(DatasetCache, ListsTheKnownDatasetsForAnUnknownName) {
  EXPECT_EQ(error_of<ConfigError>([] { dataset_folder("imagenet"); }),
            "[data] data set: expected a folder or one of mnist, fashion-mnist, got \"imagenet\"");
}

TEST_F(DatasetCache, RefusesOtherContentUnderAKnownName) {
  fs::create_directory(cache_ / "mnist");
  write_tiny_dataset(cache_ / "mnist");
  const std::string message = error_of<DataError>([] { load_dataset("mnist"); });
  EXPECT_NE(message.find((cache_ / "mnist/train-images-idx3-ubyte").string()), std::string::npos);
  EXPECT_NE(message.find("hint: `ravine data fetch mnist`"), std::string::npos) << message;
}

TEST_F(DatasetCache, SaysHowToMendADamagedFileOfAKnownName) {
  fs::create_directory(cache_ / "mnist");
  write_tiny_dataset(cache_ / "mnist");
  write_file_atomically(cache_ / "mnist" / kTestLabels, "cut");
  const std::string message = error_of<DataError>([] { load_dataset("mnist"); });
  EXPECT_NE(message.find((cache_ / "mnist/t10k-labels-idx1-ubyte").string()), std::string::npos);
  EXPECT_NE(message.find("hint: `ravine data fetch mnist`"), std::string::npos) << message;
}

TEST(Mnist, HasThePublishedContentMeanAndDeviation) {
  ASSERT_TRUE(find_dataset(known_dataset("mnist"))) << "scripts/setup puts it into the cache";
  const ImageDataset mnist = load_dataset("mnist");
  EXPECT_EQ(mnist.train_images.count, 60'000u);
  EXPECT_EQ(mnist.test_images.count, 10'000u);
  EXPECT_NEAR(mnist.mean, 0.1306604763, 5e-11);
  EXPECT_NEAR(mnist.standard_deviation, 0.3081078071, 5e-11);
}

}  // namespace
}  // namespace ravine
