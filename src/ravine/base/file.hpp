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

}  // namespace ravine
