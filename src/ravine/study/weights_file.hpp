#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// Reads one array per block, under the block's name, from a `.npz` file: (rows, cols), or (cols)
/// for a block of one row. float64 is rounded to float32. Throws IoError, and DataError naming the
/// array when one is missing, unknown to the layout, of another shape or not finite.
std::vector<float> read_weights(const std::filesystem::path& path, const ParameterLayout& layout);

/// Writes one array per block. Blocks of one row named `*.bias` become vectors. Throws IoError.
void write_weights(const std::filesystem::path& path, const ParameterLayout& layout,
                   std::span<const float> parameters);

}  // namespace ravine
