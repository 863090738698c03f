#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ravine/data/dataset_registry.hpp"

namespace ravine {

/// Told how far the download of one file is, in bytes (total 0: unknown). It may throw to stop.
using FetchProgress =
    std::function<void(std::string_view file, std::uint64_t received, std::uint64_t total)>;

/// The base URLs to try, in order: `$RAVINE_MIRROR` alone when it is set, else the data set's own.
std::vector<std::string> mirrors_of(const DatasetDescription& dataset);

/// Puts a data set into the cache and returns its folder there. Tried in order: the cache itself,
/// when its content is right; the system's copy; each mirror, at `BASE/NAME.gz`. What comes is
/// verified before it is used, a wrong answer leads to the next source, and all four files arrive
/// or none. Throws IoError that tells what each source answered.
std::filesystem::path fetch_dataset(const DatasetDescription& dataset,
                                    const std::vector<std::string>& mirrors,
                                    const FetchProgress& progress = {});

}  // namespace ravine
