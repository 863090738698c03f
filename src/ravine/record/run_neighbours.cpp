#include "ravine/record/run_neighbours.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/record/folder_lock.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPartial = "partial";

// What the names of all neighbours for a purpose begin with.
std::string neighbour_prefix(const fs::path& target, std::string_view purpose) {
  return fmt::format(".{}.{}-", target.filename().string(), purpose);
}

// Of processes that live and of killed ones.
std::vector<fs::path> partial_runs(const fs::path& target) {
  const std::string prefix = neighbour_prefix(target, kPartial);
  std::vector<fs::path> found;
  std::error_code failed;
  for (fs::directory_iterator entry(target.parent_path(), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    std::error_code hidden;
    const bool is_ours =
        fs::exists(entry->path() / kLockFile, hidden) || holds_checkpoint(entry->path());
    if (name.starts_with(prefix) && is_ours) found.push_back(entry->path());
  }
  return found;
}

// Whether a process works in it.
bool lives(const fs::path& folder) {
  std::error_code failed;
  FolderLock::take(folder, failed);
  return failed == std::errc::operation_would_block;
}

// What stands in a place without a checkpoint.
std::string_view what_stands_in(const fs::path& target) {
  if (!holds_run(target)) return "none";
  const Json manifest = read_manifest(target);
  return manifest["termination"].value("reason", "") == "interrupted"
             ? "an interrupted run that kept none"
             : "a finished run";
}

}  // namespace

bool holds_checkpoint(const fs::path& folder) {
  std::error_code hidden;
  return fs::exists(folder / kCheckpointFile, hidden);
}

void remove_checkpoint(const fs::path& folder) noexcept {
  std::error_code ignored;
  fs::remove(folder / kCheckpointFile, ignored);
  fs::remove(folder / kCheckpointPlan, ignored);
}

fs::path make_neighbour(const fs::path& target, std::string_view purpose) {
  const std::string name = fmt::format("{}{}", neighbour_prefix(target, purpose), ::getpid());
  std::error_code failed;
  for (int number = 1;; ++number) {  // a process elsewhere or before may have the same identity
    const std::string ending = number == 1 ? "" : fmt::format("-{}", number);
    const fs::path folder = target.parent_path() / (name + ending);
    if (!holds_checkpoint(folder) && !lives(folder)) fs::remove_all(folder, failed);
    if (fs::create_directory(folder, failed)) return folder;
    if (failed) {
      throw IoError(error_text("run_folder", target.string(), "a place that can be written",
                               failed.message()));
    }
  }
}

void remove_leftovers(const fs::path& target, Spare spare) {
  for (const fs::path& leftover : partial_runs(target)) {
    if (spare == Spare::checkpoints && holds_checkpoint(leftover)) continue;
    std::error_code failed;
    const FolderLock lock = FolderLock::take(leftover, failed);
    if (!failed) fs::remove_all(leftover, failed);
  }
}

void refuse_checkpoints(const fs::path& target) {
  for (const fs::path& leftover : partial_runs(target)) {
    if (!holds_checkpoint(leftover) || lives(leftover)) continue;
    throw IoError(error_text("run_folder", target.string(), "a new run",
                             "one that was killed and left a checkpoint",
                             "--resume goes on with it, --force begins anew"));
  }
}

fs::path newest_checkpoint(const fs::path& target) {
  std::vector<fs::path> folders = partial_runs(target);
  folders.push_back(target);
  std::erase_if(folders, [](const fs::path& folder) { return !holds_checkpoint(folder); });
  if (folders.empty()) {
    throw IoError(error_text("run_folder", target.string(), "a checkpoint to go on from",
                             what_stands_in(target), "--checkpoint-every keeps them"));
  }
  return *std::ranges::max_element(folders, {}, [](const fs::path& folder) {
    std::error_code hidden;
    return fs::last_write_time(folder / kCheckpointFile, hidden);
  });
}

}  // namespace ravine
