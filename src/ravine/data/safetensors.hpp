#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "ravine/data/npy.hpp"

namespace ravine {

/// The tensors of a `.safetensors` file by name (format of the safetensors library, as PyTorch
/// models are shared in). Memory stays below what the file's size justifies, and the header's below
/// 1 MiB. Tensors whose names end in `ignored`, where it is not empty, are passed over, of whatever
/// dtype. Throws IoError when the file cannot be read, DataError when it is no such file, damaged,
/// or holds anything but F32 and F64 tensors that lie one after the other; the text names the
/// tensor.
std::map<std::string, NpyArray> read_safetensors(const std::filesystem::path& path,
                                                 std::string_view ignored = {});

/// Writes arrays into a `.safetensors` file in the order given, whole or not at all. The bytes
/// depend on names, shapes and values only. Throws ShapeError when an array's values are not as
/// many as its shape says, ConfigError for no arrays or a name that is empty or given twice,
/// IoError.
void write_safetensors(const std::filesystem::path& path, std::span<const NamedArray> arrays);

}  // namespace ravine
