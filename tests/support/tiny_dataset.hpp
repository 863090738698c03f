#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "ravine/data/dataset_registry.hpp"

namespace ravine::testing {

/// A number as IDX files hold it.
std::string big_endian(std::uint32_t value);

/// The bytes of IDX files; the pixels and labels are taken as given, right or wrong in number.
std::string idx_images(std::uint32_t count, std::uint32_t rows, std::uint32_t cols,
                       std::string_view pixels);
std::string idx_labels(std::uint32_t count, std::string_view labels);

/// The bytes of a gzip file with one member.
std::string gzipped(std::string_view content);

/// The files of a valid data set of 3 training and 2 test images of 2 x 2 pixels, in the order of
/// kDatasetFiles.
std::array<std::string, 4> tiny_dataset_files();

/// Writes the four files under their usual names, with `.gz` and gzipped if asked.
void write_tiny_dataset(const std::filesystem::path& folder, bool gzip = false);

/// Its description, as a known data set `tiny` without mirrors or a system folder.
DatasetDescription tiny_dataset();

}  // namespace ravine::testing
