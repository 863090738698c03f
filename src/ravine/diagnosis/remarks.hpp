#pragma once

#include <string>
#include <vector>

#include "ravine/diagnosis/measures.hpp"

namespace ravine {

/// Layers that are out of line though no verdict depends on it, in sentences: a layer between
/// others whose norm is next to nothing beside theirs, and zeros that are not yet death. Where
/// there is one, health is not certain.
std::vector<std::string> remarks_on(const Measures& measures);

}  // namespace ravine
