#include "ravine/data/dataset_shelf.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

TEST(DatasetShelf, ReadsTheFilesOfTheSameDataSetOnce) {
  testing::TemporaryFolder folder;
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directory(folder / name);
    testing::write_tiny_dataset(folder / name);
  }
  const std::string a = (folder / "a").string(), b = (folder / "b").string();
  DatasetShelf shelf;
  const auto first = shelf.load(a);
  EXPECT_EQ(first->name, a);
  EXPECT_EQ(shelf.load(a), first);
  EXPECT_EQ(shelf.load(b)->name, b);
  std::filesystem::remove_all(folder / "a");
  EXPECT_THROW(shelf.load(a), ConfigError) << "only the last one is kept";
  EXPECT_EQ(shelf.load(b)->name, b) << "a failure leaves it";
}

}  // namespace
}  // namespace ravine
