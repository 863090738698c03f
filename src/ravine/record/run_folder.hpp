#pragma once

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "ravine/record/folder_lock.hpp"

namespace ravine {

/// Where a run into `path` goes: absolute, links resolved. Throws IoError when it has no name.
std::filesystem::path resolved_run_place(const std::filesystem::path& path);

/// A run's output folder that appears whole or not at all.
///
/// Work goes to a hidden neighbour, `.NAME.partial-PID`; commit() renames it to its place. An
/// object that dies before commit() takes the neighbour with it, and the parent folders it made;
/// but one that holds a checkpoint stays. A process that is killed leaves it to the next one with
/// the same place, which tells it by its lock from the neighbour of a process that lives.
class RunFolder {
 public:
  /// Makes the staging folder, so a place that cannot be written is refused before any work. With
  /// `force` commit() removes checkpoints of runs into `path` that were killed; until then they
  /// stay.
  ///
  /// Throws IoError when `path` exists, or a checkpoint of a run into it, and `force` is false,
  /// when it is something `force` must not replace (a file, or a non-empty folder that holds no
  /// Ravine run), or when the folder or its parents cannot be created. Throws ConfigError for an
  /// empty path.
  static RunFolder create(const std::filesystem::path& path, bool force);

  /// The same for a run that goes on from the newest checkpoint of one into `path`, which stays as
  /// it is until commit(). Throws IoError when there is none or a process still works on it.
  static RunFolder resume(const std::filesystem::path& path);

  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  /// Where to write until commit().
  const std::filesystem::path& staging() const { return staging_; }
  /// Where the folder stands after commit(): absolute, links resolved.
  const std::filesystem::path& target() const { return target_; }
  /// The folder with the checkpoint to go on from; empty for a run that begins.
  const std::filesystem::path& source() const { return source_; }

  /// Moves the folder to its place, replacing an older run only now. Throws IoError when the place
  /// was taken meanwhile or the system refuses; the older run is then still there, and this one
  /// stands beside it, where the error says.
  void commit();

 private:
  RunFolder() = default;
  void make_staging();
  void set_aside_and_replace();
  [[noreturn]] void give_up(std::string_view expected, std::string_view got);
  void discard() noexcept;

  std::filesystem::path target_;
  std::filesystem::path staging_;  // empty once committed or moved from
  FolderLock lock_;                // on staging_, where the system has locks
  std::filesystem::path source_;
  FolderLock source_lock_;
  std::vector<std::filesystem::path> made_parents_;  // innermost first
  bool replaces_ = false;
  bool replaces_checkpoints_ = false;  // what killed processes left, once committed
};

/// A folder that grows in its place, for work that goes on where it was stopped, and locked while
/// the object lives, so that no other process works in it.
class GrowingFolder {
 public:
  /// The folder is made when it is missing and kept as it is when it holds the file `marker`. With
  /// `force` it is emptied, and so is one that holds an older run. Throws IoError as
  /// RunFolder::create(), and when another process works in the folder.
  static GrowingFolder open(const std::filesystem::path& path, const std::filesystem::path& marker,
                            bool force);

  const std::filesystem::path& path() const { return path_; }  ///< absolute

 private:
  GrowingFolder(std::filesystem::path path, FolderLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  FolderLock lock_;
};

}  // namespace ravine
