#pragma once

#include <filesystem>
#include <string>

#include "ravine/record/manifest.hpp"
#include "ravine/study/landscape_slice.hpp"

namespace ravine {

/// Writes slices.csv, slice_paths.csv and slice_deviation.csv. Throws IoError.
void write_slices(const std::filesystem::path& folder, const LandscapeSlices& slices);

/// `results.slices` of the manifest; the fit is null where there is none.
Json slices_json(const LandscapeSlices& slices);

/// One line for people about the fit.
std::string line_about(const LandscapeSlices& slices);

}  // namespace ravine
