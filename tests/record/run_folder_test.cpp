#include "ravine/record/run_folder.hpp"

#include <chrono>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/record/manifest.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;

using ::ravine::testing::error_of;
using ::ravine::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::size_t entries_of(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

void commit_run(const fs::path& path, const std::string& name, bool force = false) {
  RunFolder folder = RunFolder::create(path, force);
  write_manifest(folder.staging(), {.kind = "train", .name = name});
  folder.commit();
}

TEST(RunFolder, AppearsOnlyWhenCommitted) {
  TemporaryFolder place;
  RunFolder folder = RunFolder::create(place / "run", false);
  write_file_atomically(folder.staging() / "a.csv", "a\n");
  EXPECT_EQ(folder.staging().filename().string().rfind(".run.partial-", 0), 0U);
  EXPECT_FALSE(fs::exists(place / "run"));
  folder.commit();
  EXPECT_EQ(read_file(place / "run/a.csv"), "a\n");
  EXPECT_EQ(folder.target(), place / "run");
  EXPECT_EQ(entries_of(place.path()), 1U);
}

TEST(RunFolder, LeavesNothingBehindWhenItIsNotCommitted) {
  TemporaryFolder place;
  {
    RunFolder folder = RunFolder::create(place / "made/for/run", false);
    write_file_atomically(folder.staging() / "a.csv", "a\n");
  }
  EXPECT_EQ(entries_of(place.path()), 0U);
}

TEST(RunFolder, DiscardsOnceWhenMoved) {
  TemporaryFolder place;
  RunFolder first = RunFolder::create(place / "run", false);
  {
    RunFolder second = std::move(first);
    EXPECT_TRUE(fs::exists(second.staging()));
    second.commit();
  }
  EXPECT_TRUE(fs::exists(place / "run"));
}

TEST(RunFolder, MakesParentFolders) {
  TemporaryFolder place;
  commit_run(place / "runs/today/a", "a");
  EXPECT_TRUE(fs::exists(place / "runs/today/a/manifest.json"));
}

TEST(RunFolder, RefusesAnExistingFolderAndNamesForce) {
  TemporaryFolder place;
  commit_run(place / "run", "first");
  EXPECT_THAT(error_of<IoError>([&] { RunFolder::create(place / "run", false); }),
              AllOf(HasSubstr("run"), HasSubstr("hint: --force")));
  EXPECT_THROW(RunFolder::create(place / "run/", false), IoError);
}

TEST(RunFolder, ReplacesAnOlderRunAtCommitAndNotBefore) {
  TemporaryFolder place;
  commit_run(place / "run", "first");
  write_file_atomically(place / "run/old.csv", "a\n");
  RunFolder folder = RunFolder::create(place / "run", true);
  write_manifest(folder.staging(), {.kind = "train", .name = "second"});
  EXPECT_EQ(read_manifest(place / "run")["name"], "first");
  folder.commit();
  EXPECT_EQ(read_manifest(place / "run")["name"], "second");
  EXPECT_FALSE(fs::exists(place / "run/old.csv"));
  EXPECT_EQ(entries_of(place.path()), 1U);
}

TEST(RunFolder, KeepsTheOlderRunWhenTheNewOneIsDiscarded) {
  TemporaryFolder place;
  commit_run(place / "run", "first");
  { RunFolder folder = RunFolder::create(place / "run", true); }
  EXPECT_EQ(read_manifest(place / "run")["name"], "first");
  EXPECT_EQ(entries_of(place.path()), 1U);
}

/// What a killed process leaves of a run that kept a checkpoint.
fs::path leave_checkpoint(const TemporaryFolder& place, const std::string& folder,
                          const std::string& content) {
  fs::create_directory(place / folder);
  place.file(folder + "/.ravine-lock", "");
  return place.file(folder + "/checkpoint.npz", content);
}

TEST(RunFolder, GoesOnFromTheNewestCheckpointAndRemovesItAtCommit) {
  TemporaryFolder place;
  const fs::path old = leave_checkpoint(place, ".run.partial-1", "old"),
                 newer = leave_checkpoint(place, ".run.partial-2", "new");
  fs::last_write_time(old, fs::last_write_time(newer) - std::chrono::seconds(5));
  {
    RunFolder folder = RunFolder::resume(place / "run");
    EXPECT_EQ(folder.source(), newer.parent_path());
    EXPECT_THAT(error_of<IoError>([&] { RunFolder::resume(place / "run"); }),
                HasSubstr("one that still runs"));
  }
  EXPECT_TRUE(fs::exists(newer)) << "a run that did not end needs it again";
  RunFolder folder = RunFolder::resume(place / "run");
  write_manifest(folder.staging(), {.kind = "train", .name = "run"});
  folder.commit();
  EXPECT_EQ(entries_of(place.path()), 1U);
}

TEST(RunFolder, KeepsTheCheckpointOfAKilledRunUntilTheForcedOneIsCommitted) {
  TemporaryFolder place;
  const fs::path old = leave_checkpoint(place, ".run.partial-1", "old");
  { RunFolder folder = RunFolder::create(place / "run", true); }
  EXPECT_TRUE(fs::exists(old)) << "the new run did not end";
  EXPECT_EQ(RunFolder::resume(place / "run").source(), old.parent_path());
  commit_run(place / "run", "anew", true);
  EXPECT_EQ(entries_of(place.path()), 1U);
}

TEST(RunFolder, StaysWithItsCheckpointWhenItIsNotCommitted) {
  TemporaryFolder place;
  fs::path staging;
  {
    RunFolder folder = RunFolder::create(place / "run", false);
    staging = folder.staging();
    write_file_atomically(staging / "checkpoint.npz", "numbers");
  }
  EXPECT_TRUE(fs::exists(staging / "checkpoint.npz"));
  EXPECT_THAT(error_of<IoError>([&] { RunFolder::create(place / "run", false); }),
              AllOf(HasSubstr("left a checkpoint"), HasSubstr("--force begins anew")));
  EXPECT_EQ(RunFolder::resume(place / "run").source(), staging);
  commit_run(place / "run", "anew", true);
  EXPECT_EQ(entries_of(place.path()), 1U);
}

TEST(RunFolder, RefusesToReplaceAFolderThatIsNoRunEvenWithForce) {
  TemporaryFolder place;
  fs::create_directory(place / "home");
  write_file_atomically(place / "home/thesis.tex", "years of work");
  EXPECT_THAT(error_of<IoError>([&] { RunFolder::create(place / "home", true); }),
              HasSubstr("holds no Ravine run"));
  write_file_atomically(place / "home/manifest.json", R"({"schema": "something-else/1"})");
  EXPECT_THROW(RunFolder::create(place / "home", true), IoError);
  write_file_atomically(place / "home/manifest.json", "not json");
  EXPECT_THROW(RunFolder::create(place / "home", true), IoError);
  EXPECT_EQ(read_file(place / "home/thesis.tex"), "years of work");
}

TEST(RunFolder, RefusesToReplaceAFileEvenWithForce) {
  TemporaryFolder place;
  place.file("run", "text");
  EXPECT_THROW(RunFolder::create(place / "run", true), IoError);
  EXPECT_EQ(read_file(place / "run"), "text");
}

TEST(RunFolder, ReplacesAnEmptyFolderWithForce) {
  TemporaryFolder place;
  fs::create_directory(place / "run");
  EXPECT_THROW(RunFolder::create(place / "run", false), IoError);
  commit_run(place / "run", "a", true);
  EXPECT_TRUE(fs::exists(place / "run/manifest.json"));
}

TEST(RunFolder, KeepsALinkAndReplacesWhatItPointsTo) {
  TemporaryFolder place;
  commit_run(place / "real", "first");
  fs::create_directory_symlink(place / "real", place / "link");
  commit_run(place / "link", "second", true);
  EXPECT_TRUE(fs::is_symlink(place / "link"));
  EXPECT_EQ(read_manifest(place / "real")["name"], "second");
}

TEST(RunFolder, RefusesAPlaceThatCannotBeWritten) {
  TemporaryFolder place;
  place.file("file", "text");
  EXPECT_THROW(RunFolder::create(place / "file/run", false), IoError);
  EXPECT_THROW(RunFolder::create("/proc/run", false), IoError);
  EXPECT_THROW(RunFolder::create("/", true), IoError);
}

TEST(RunFolder, RefusesToCommitOverAFolderMadeMeanwhile) {
  TemporaryFolder place;
  RunFolder folder = RunFolder::create(place / "run", false);
  fs::create_directory(place / "run");
  fs::create_directory(place / "run-2");
  write_file_atomically(folder.staging() / "a.csv", "a\n");
  EXPECT_THAT(error_of<IoError>([&] { folder.commit(); }),
              AllOf(HasSubstr("made meanwhile"), HasSubstr("run-3")));
  EXPECT_EQ(read_file(place / "run-3/a.csv"), "a\n") << "what was made is kept";
  EXPECT_EQ(entries_of(place / "run"), 0U);
}

TEST(RunFolder, ClearsWhatAKilledProcessLeft) {
  TemporaryFolder place;
  fs::path staging;
  {
    RunFolder folder = RunFolder::create(place / "run", false);
    staging = folder.staging();
  }
  fs::create_directory(staging);
  write_file_atomically(staging / "stale.csv", "a\n");
  RunFolder folder = RunFolder::create(place / "run", false);
  EXPECT_EQ(folder.staging(), staging);
  EXPECT_FALSE(fs::exists(staging / "stale.csv"));
}

/// A neighbour as a process with another number has it, with its lock file.
fs::path neighbour_of_another(const fs::path& place, const std::string& name) {
  const fs::path folder = place / fmt::format(".{}.partial-x", name);
  fs::create_directory(folder);
  write_file_atomically(folder / kLockFile, "");
  return folder;
}

TEST(RunFolder, RemovesTheNeighboursOfThePlaceThatNoProcessHolds) {
  TemporaryFolder place;
  const fs::path dead = neighbour_of_another(place.path(), "run");
  RunFolder::create(place / "run", false);
  EXPECT_FALSE(fs::exists(dead));
}

TEST(RunFolder, KeepsNeighboursThatAreHeldUnlockedOrOfOtherPlaces) {
  TemporaryFolder place;
  const fs::path held = neighbour_of_another(place.path(), "run");
  std::error_code failed;
  const FolderLock lock = FolderLock::take(held, failed);
  ASSERT_FALSE(failed);
  const fs::path other = neighbour_of_another(place.path(), "run.2");
  const fs::path mine = place / ".run.partial-notes";
  fs::create_directory(mine);
  RunFolder::create(place / "run", false);
  EXPECT_TRUE(fs::exists(held));
  EXPECT_TRUE(fs::exists(other));
  EXPECT_TRUE(fs::exists(mine));
}

TEST(RunFolder, CommitsWithoutItsLock) {
  TemporaryFolder place;
  commit_run(place / "run", "a");
  EXPECT_FALSE(fs::exists(place / "run" / kLockFile));
}

/// Beside its lock.
std::size_t content_of(const fs::path& folder) {
  EXPECT_TRUE(fs::exists(folder / kLockFile));
  return entries_of(folder) - 1;
}

TEST(GrowingFolder, IsKeptWithItsMarkerAndEmptiedByForce) {
  TemporaryFolder place;
  const fs::path folder = GrowingFolder::open(place / "a/b", "marker", false).path();
  EXPECT_EQ(folder, place / "a/b");
  GrowingFolder::open(folder, "marker", false);  // empty
  write_file_atomically(folder / "marker", "m");
  write_file_atomically(folder / "rows", "1");
  GrowingFolder::open(folder, "marker", false);
  EXPECT_EQ(content_of(folder), 2U);
  GrowingFolder::open(folder, "marker", true);
  EXPECT_EQ(content_of(folder), 0U);
}

TEST(GrowingFolder, RefusesOtherFoldersButReplacesRunsByForce) {
  TemporaryFolder place;
  commit_run(place / "run", "old");
  EXPECT_THAT(error_of<IoError>([&] { GrowingFolder::open(place / "run", "marker", false); }),
              HasSubstr("--force"));
  GrowingFolder::open(place / "run", "marker", true);
  EXPECT_EQ(content_of(place / "run"), 0U);
  fs::create_directory(place / "mine");
  write_file_atomically(place / "mine/notes", "x");
  error_of<IoError>([&] { GrowingFolder::open(place / "mine", "marker", true); });
  EXPECT_EQ(entries_of(place / "mine"), 1U);
}

TEST(GrowingFolder, BelongsToOneAtATimeAndForceDoesNotTakeItAway) {
  TemporaryFolder place;
  {
    const GrowingFolder first = GrowingFolder::open(place / "a", "marker", false);
    write_file_atomically(first.path() / "marker", "m");
    for (const bool force : {false, true}) {
      EXPECT_THAT(error_of<IoError>([&] { GrowingFolder::open(place / "a", "marker", force); }),
                  HasSubstr("expected a folder that no other process works in"));
    }
    EXPECT_EQ(content_of(place / "a"), 1U);
  }
  GrowingFolder::open(place / "a", "marker", false);
}

}  // namespace
}  // namespace ravine
