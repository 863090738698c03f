#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "ravine/diagnosis/norm_history.hpp"

namespace ravine {

/// What the probes measured in each of `depth` layers over a whole run, from the layer_epochs.csv
/// of its folder; empty when there is no such table. Throws DataError, IoError.
std::vector<LayerProbes> read_layer_probes(const std::filesystem::path& folder, std::size_t depth);

}  // namespace ravine
