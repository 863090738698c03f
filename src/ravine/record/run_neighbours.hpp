#pragma once

#include <filesystem>
#include <string_view>

namespace ravine {

/// A checkpoint of a run is two files in its folder: what it is a checkpoint of, written once, and
/// behind it, again and again, the numbers (StateArchive).
inline constexpr const char* kCheckpointPlan = "checkpoint.json";
inline constexpr const char* kCheckpointFile = "checkpoint.npz";

bool holds_checkpoint(const std::filesystem::path& folder);
void remove_checkpoint(const std::filesystem::path& folder) noexcept;

/// Runs are made in hidden neighbours of their place, `.NAME.partial-PID`. All functions take
/// places that are absolute, links resolved.
///
/// A new empty neighbour for a purpose, "partial" or another. Throws IoError.
std::filesystem::path make_neighbour(const std::filesystem::path& target, std::string_view purpose);

/// What the removal of leftovers spares.
enum class Spare { checkpoints, nothing };

/// Removes what killed processes left of runs into `target`, as far as the system lets it; nothing
/// of a process that lives, which its lock shows.
void remove_leftovers(const std::filesystem::path& target, Spare spare);

/// Throws IoError when a killed process left a checkpoint of a run into `target`.
void refuse_checkpoints(const std::filesystem::path& target);

/// The folder with the newest checkpoint of a run into `target`: the run's own, or what a killed
/// process left. Throws IoError when there is none.
std::filesystem::path newest_checkpoint(const std::filesystem::path& target);

}  // namespace ravine
