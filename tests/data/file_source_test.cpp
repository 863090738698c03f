#include "ravine/data/file_source.hpp"

#include <span>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ravine/base/error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

using testing::error_of;
using testing::TemporaryFolder;

std::string read_all(ByteSource& source) {
  std::string content(1000, '\0');
  content.resize(source.read(std::as_writable_bytes(std::span(content))));
  return content;
}

TEST(FileSource, ReadsAndStartsAgain) {
  const TemporaryFolder folder;
  FileSource source(folder.file("a", "0123456789"));
  EXPECT_EQ(source.most_remaining(), 10u);
  std::string start(4, ' ');
  EXPECT_EQ(source.read(std::as_writable_bytes(std::span(start))), 4u);
  EXPECT_EQ(start, "0123");
  EXPECT_EQ(source.most_remaining(), 6u);
  EXPECT_EQ(read_all(source), "456789");
  EXPECT_EQ(read_all(source), "");
  source.rewind();
  EXPECT_EQ(read_all(source), "0123456789");
}

TEST(FileSource, RefusesWhatIsNoRegularFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const auto opening = [&](const std::string& name) {
    return error_of<IoError>([&] { FileSource(folder / name); });
  };
  EXPECT_EQ(opening("none"), "[file] " + (folder / "none").string() +
                                 ": expected a readable file, got No such file or directory");
  EXPECT_NE(opening("").find("got a folder"), std::string::npos);
  EXPECT_NE(opening("pipe").find("expected a regular file"), std::string::npos);
}

TEST(FileSource, TellsGzipByContentNotByName) {
  const TemporaryFolder folder;
  const std::string content = "the content";
  EXPECT_EQ(read_all(*open_plain_or_gzip(folder.file("a.gz", content))), content);
  EXPECT_EQ(read_all(*open_plain_or_gzip(folder.file("b", testing::gzipped(content)))), content);
  EXPECT_EQ(read_all(*open_plain_or_gzip(folder.file("empty", ""))), "");
  EXPECT_EQ(read_all(*open_plain_or_gzip(folder.file("one", "\x1f"))), "\x1f");
}

}  // namespace
}  // namespace ravine
