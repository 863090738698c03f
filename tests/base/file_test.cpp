#include "ravine/base/file.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ravine/base/error.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

TEST(ReadFile, GivesBackEveryByte) {
  const TemporaryFolder folder;
  std::string content(200'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * i >> 3);
  write_file_atomically(folder / "bytes", content);
  EXPECT_EQ(read_file(folder / "bytes"), content);
  EXPECT_EQ(read_file(folder.file("empty", "")), "");
}

TEST(ReadFile, RefusesWhatIsMissingOrNoFile) {
  const TemporaryFolder folder;
  const auto error = [](const fs::path& path) {
    return error_of<IoError>([&] { (void)read_file(path); });
  };
  EXPECT_EQ(error(folder / "none"),
            "[file] " + (folder / "none").string() +
                ": expected a readable file, got No such file or directory");
  EXPECT_EQ(error(folder.path()),
            "[file] " + folder.path().string() + ": expected a file, got a folder");
  EXPECT_THAT(error(folder.file("plain", "x") / "below"), HasSubstr("Not a directory"));
  EXPECT_THAT(error(""), HasSubstr("No such file or directory"));
}

TEST(ReadFile, NamesThatCannotBeLookedUpAreIoErrorsToo) {
  const TemporaryFolder folder;
  fs::create_symlink("loop", folder / "loop");
  EXPECT_THAT(error_of<IoError>([&] { (void)read_file(folder / "loop"); }),
              HasSubstr("Too many levels of symbolic links"));
  EXPECT_THAT(error_of<IoError>([&] { (void)read_file(folder / std::string(300, 'x')); }),
              HasSubstr("File name too long"));
}

TEST(WriteFileAtomically, ReplacesTheWholeContent) {
  const TemporaryFolder folder;
  folder.file("notes", "a long first version");
  write_file_atomically(folder / "notes", "short");
  EXPECT_EQ(read_file(folder / "notes"), "short");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("notes"));
}

TEST(WriteFileAtomically, LeavesNothingBehindWhereItCannotWrite) {
  const TemporaryFolder folder;
  const auto error = [](const fs::path& path) {
    return error_of<IoError>([&] { write_file_atomically(path, "text"); });
  };
  EXPECT_EQ(error(folder / "none" / "file"),
            "[file] " + (folder / "none" / "file").string() +
                ": expected a writable place, got No such file or directory");
  fs::create_directory(folder / "taken");
  EXPECT_THAT(error(folder / "taken"), HasSubstr("Is a directory"));
  EXPECT_THAT(error(folder.file("plain", "old") / "below"), HasSubstr("Not a directory"));
  EXPECT_EQ(read_file(folder / "plain"), "old");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("plain", "taken"));
  EXPECT_TRUE(fs::is_empty(folder / "taken"));
}

TEST(WriteFileAtomically, KeepsTheOldContentWhenWritingFails) {
  const TemporaryFolder folder;
  folder.file("results", "old");
  // A file size limit is the full disk a test can have; it needs a process of its own.
  const auto write_beyond_limit = [&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_file_atomically(folder / "results", std::string(100'000, 'x'));
    } catch (const IoError& error) {
      std::fputs(error.what(), stderr);
      std::_Exit(7);
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(write_beyond_limit(), ::testing::ExitedWithCode(7), "File too large");
  EXPECT_EQ(read_file(folder / "results"), "old");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("results"));
}

}  // namespace
}  // namespace ravine
