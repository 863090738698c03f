#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "ravine/data/npy.hpp"

namespace ravine {

/// The arrays of a `.npz` file by name, stored or deflated (numpy.savez, numpy.savez_compressed).
/// Memory stays below what the file's size justifies. Arrays whose names end in `ignored`, where it
/// is not empty, are passed over, of whatever type. Throws IoError when the file cannot be read,
/// DataError when it is no zip archive, damaged, encrypted, or holds anything but arrays that
/// read_npy() takes; the text names the entry.
std::map<std::string, NpyArray> read_npz(const std::filesystem::path& path,
                                         std::string_view ignored = {});

/// Writes arrays into a `.npz` file in the order given, uncompressed, whole or not at all. The
/// bytes depend on names, shapes and values only. Throws ShapeError when an array's values are not
/// as many as its shape says, ConfigError for no entries or a name that is empty or given twice,
/// IoError.
void write_npz(const std::filesystem::path& path, std::span<const NamedArray> entries);

}  // namespace ravine
