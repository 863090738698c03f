#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>

#include "ravine/data/byte_source.hpp"
#include "ravine/data/dataset_registry.hpp"

namespace ravine {

/// Reads `source` piece by piece, passes each piece to `sink` if there is one, and throws DataError
/// naming the source unless size and SHA-256 are those of `file`. Never reads much more than
/// `file.size` bytes.
void verify_content(const DatasetFile& file, ByteSource& source,
                    const std::function<void(std::span<const std::byte>)>& sink = {});

/// Verifies the four files in a folder, plain or gzip. Throws IoError, DataError.
void verify_dataset(const DatasetDescription& dataset, const std::filesystem::path& folder);

}  // namespace ravine
