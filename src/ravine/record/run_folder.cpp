#include "ravine/record/run_folder.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/record/manifest.hpp"
#include "ravine/record/run_neighbours.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const fs::path& path, std::string_view expected, std::string_view got,
                         std::string_view hint = {}) {
  throw IoError(error_text("run_folder", path.string(), expected, got, hint));
}

}  // namespace

fs::path resolved_run_place(const fs::path& path) {
  if (path.empty()) {
    throw ConfigError(error_text("run_folder", "path", "the name of a new folder", "none"));
  }
  std::error_code failed;
  fs::path whole = fs::weakly_canonical(fs::absolute(path), failed);
  if (failed) refuse(path, "a usable path", failed.message());
  if (!whole.has_filename()) whole = whole.parent_path();
  if (!whole.has_filename()) refuse(path, "the name of a new folder", "the root folder");
  return whole;
}

namespace {

bool is_taken(const fs::path& path) {
  std::error_code unknown;
  return fs::exists(fs::symlink_status(path, unknown));
}

// `--force` on a mistyped path must never cost anyone a folder that is not a run.
void check_replaceable(const fs::path& target, bool force) {
  if (!force) {
    refuse(target, "a new folder", "one that exists",
           holds_checkpoint(target) ? "--resume goes on from its checkpoint, --force replaces it"
                                    : "--force replaces an older run");
  }
  std::error_code failed;
  if (!fs::is_directory(target, failed)) refuse(target, "a folder", "something else");
  const bool empty = fs::is_empty(target, failed);
  if (failed) refuse(target, "a readable folder", failed.message());
  if (!empty && !holds_run(target)) {
    refuse(target, "an older run to replace", "a folder that holds no Ravine run",
           "choose another folder; --force replaces runs only");
  }
}

// Nothing but perhaps its lock.
bool holds_nothing(const fs::path& folder) {
  std::error_code failed;
  const fs::directory_iterator entries(folder, failed);
  return !failed && std::ranges::all_of(begin(entries), end(entries), [](const auto& entry) {
    return entry.path().filename() == kLockFile;
  });
}

// All but the lock.
void remove_content(const fs::path& folder) {
  std::error_code failed;
  std::vector<fs::path> content;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().filename() != kLockFile) content.push_back(entry.path());
  }
  for (const fs::path& path : content) {
    if (!failed) fs::remove_all(path, failed);
  }
  if (failed) refuse(folder, "a folder that can be replaced", failed.message());
}

std::vector<fs::path> make_parents(const fs::path& target) {
  std::vector<fs::path> missing;
  for (fs::path parent = target.parent_path(); !is_taken(parent); parent = parent.parent_path()) {
    missing.push_back(parent);
  }
  std::error_code failed;
  fs::create_directories(target.parent_path(), failed);
  if (failed) refuse(target, "a place that can be written", failed.message());
  return missing;
}

}  // namespace

RunFolder RunFolder::create(const fs::path& path, bool force) {
  RunFolder folder;
  folder.target_ = resolved_run_place(path);
  folder.replaces_ = is_taken(folder.target_);
  if (folder.replaces_) check_replaceable(folder.target_, force);
  folder.made_parents_ = make_parents(folder.target_);
  if (!force) refuse_checkpoints(folder.target_);
  folder.replaces_checkpoints_ = force;
  remove_leftovers(folder.target_, Spare::checkpoints);
  folder.make_staging();
  return folder;
}

RunFolder RunFolder::resume(const fs::path& path) {
  RunFolder folder;
  folder.target_ = resolved_run_place(path);
  folder.source_ = newest_checkpoint(folder.target_);
  folder.replaces_checkpoints_ = true;
  folder.replaces_ = is_taken(folder.target_);
  if (folder.replaces_) check_replaceable(folder.target_, true);
  if (folder.source_ != folder.target_) {
    std::error_code failed;
    folder.source_lock_ = FolderLock::take(folder.source_, failed);
    if (failed) {
      refuse(folder.target_, "a run that was killed or interrupted", "one that still runs");
    }
  }
  remove_leftovers(folder.target_, Spare::checkpoints);
  folder.make_staging();
  return folder;
}

void RunFolder::make_staging() {
  staging_ = make_neighbour(target_, "partial");
  std::error_code failed;
  lock_ = FolderLock::take(staging_, failed);  // without one it is left to its user
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : target_(std::move(other.target_)),
      staging_(std::exchange(other.staging_, {})),
      lock_(std::move(other.lock_)),
      source_(std::move(other.source_)),
      source_lock_(std::move(other.source_lock_)),
      made_parents_(std::exchange(other.made_parents_, {})),
      replaces_(other.replaces_),
      replaces_checkpoints_(other.replaces_checkpoints_) {}

RunFolder::~RunFolder() { discard(); }

void RunFolder::commit() {
  std::error_code ignored;
  fs::remove(staging_ / kLockFile, ignored);
  if (replaces_) {
    set_aside_and_replace();
  } else {
    if (is_taken(target_)) give_up("a new folder", "one that was made meanwhile");
    std::error_code failed;
    fs::rename(staging_, target_, failed);
    if (failed) give_up("a place that can be written", failed.message());
  }
  staging_.clear();
  made_parents_.clear();
  if (!replaces_checkpoints_) return;
  source_lock_ = {};
  remove_leftovers(target_, Spare::nothing);
}

void RunFolder::set_aside_and_replace() {
  const fs::path aside = make_neighbour(target_, "replaced");
  std::error_code failed;
  fs::rename(target_, aside, failed);
  if (failed) {
    std::error_code ignored;
    fs::remove(aside, ignored);
    give_up("a folder that can be replaced", failed.message());
  }
  fs::rename(staging_, target_, failed);
  if (failed) {
    std::error_code ignored;
    fs::rename(aside, target_, ignored);
    give_up("a place that can be written", failed.message());
  }
  fs::remove_all(aside, failed);
  if (failed) refuse(aside, "an older run that can be deleted", failed.message());
}

/// What is finished is not thrown away: it gets the first free name NAME-2, NAME-3, ..., or keeps
/// the one it has.
void RunFolder::give_up(std::string_view expected, std::string_view got) {
  fs::path free;
  for (int number = 2; free.empty() || is_taken(free); ++number) {
    free = target_;
    free += fmt::format("-{}", number);
  }
  std::error_code failed;
  fs::rename(staging_, free, failed);
  const fs::path place = failed ? staging_ : free;
  staging_.clear();
  made_parents_.clear();
  refuse(target_, expected, got, fmt::format("the run is in {}", place.string()));
}

void RunFolder::discard() noexcept {
  if (staging_.empty()) return;
  lock_ = {};
  if (holds_checkpoint(staging_)) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
  for (const fs::path& parent : made_parents_) fs::remove(parent, ignored);
  staging_.clear();
}

GrowingFolder GrowingFolder::open(const fs::path& path, const fs::path& marker, bool force) {
  const fs::path target = resolved_run_place(path);
  std::error_code failed;
  if (is_taken(target) && !is_taken(target / marker) && !holds_nothing(target)) {
    check_replaceable(target, force);
  }
  fs::create_directories(target, failed);
  if (failed) refuse(target, "a place that can be written", failed.message());
  FolderLock lock = FolderLock::take(target, failed);
  if (failed == std::errc::operation_would_block) {
    refuse(target, "a folder that no other process works in", "one in which one does",
           "wait for its end, or choose another folder");
  }
  if (failed) refuse(target, "a folder that can be locked", failed.message());
  if (force || !is_taken(target / marker)) remove_content(target);
  return {target, std::move(lock)};
}

}  // namespace ravine
