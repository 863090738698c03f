#pragma once

#include "ravine/study/sense.hpp"

namespace ravine {

/// SHA-256 of each of the user's files that a run reads, by its option; an empty object where there
/// are none. Throws IoError.
Json file_sums(const SenseConfig& config);

}  // namespace ravine
