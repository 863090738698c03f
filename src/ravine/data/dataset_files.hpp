#pragma once

#include <array>
#include <filesystem>
#include <string_view>

namespace ravine {

/// The usual names of the four files of an image data set; each may also be gzipped and end in
/// `.gz`.
inline constexpr std::string_view kTrainImages = "train-images-idx3-ubyte";
inline constexpr std::string_view kTrainLabels = "train-labels-idx1-ubyte";
inline constexpr std::string_view kTestImages = "t10k-images-idx3-ubyte";
inline constexpr std::string_view kTestLabels = "t10k-labels-idx1-ubyte";
inline constexpr std::array kDatasetFiles = {kTrainImages, kTrainLabels, kTestImages, kTestLabels};

/// The path of one of the four in a folder: the plain file, else the gzipped one. Throws IoError
/// when neither is there.
std::filesystem::path dataset_file(const std::filesystem::path& folder, std::string_view name);

/// Whether all four are in the folder, by name.
bool has_dataset_files(const std::filesystem::path& folder);

}  // namespace ravine
