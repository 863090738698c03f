#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ravine {

/// The whole content of a file. Throws IoError when it cannot be opened or read.
std::string read_file(const std::filesystem::path& path);

/// Writes a file so that readers see the old content or the new, never a part: to a temporary
/// neighbour, then renamed. Throws IoError and leaves nothing behind when that fails.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Waits until a file's content, or a folder's entries, are on the disk and outlast a power cut.
/// Throws IoError.
void sync_to_disk(const std::filesystem::path& path);

}  // namespace ravine
