#include "ravine/data/part_file.hpp"

#include <span>
#include <string>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

void write(PartFile& file, const std::string& text) { file.write(std::as_bytes(std::span(text))); }

TEST(PartFile, TakesItsNameWhenComplete) {
  const TemporaryFolder folder;
  folder.file("a", "old");
  PartFile file(folder / "a");
  write(file, "one, ");
  write(file, "two");
  EXPECT_EQ(read_file(folder / "a"), "old");
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "one, two");
  EXPECT_FALSE(fs::exists(folder / "a.part"));
}

TEST(PartFile, VanishesWithoutCommit) {
  const TemporaryFolder folder;
  {
    PartFile file(folder / "a");
    write(file, "text");
    EXPECT_TRUE(fs::exists(folder / "a.part"));
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(PartFile, SaysWhyItCannotBeCreated) {
  const TemporaryFolder folder;
  EXPECT_EQ(testing::error_of<IoError>([&] { PartFile(folder / "none/a"); }),
            "[file] " + (folder / "none/a").string() +
                ": expected a writable place, got No such file or directory");
}

}  // namespace
}  // namespace ravine
