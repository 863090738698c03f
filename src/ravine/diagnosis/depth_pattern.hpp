#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ravine/diagnosis/measures.hpp"

namespace ravine {

/// Whether norms change over depth the way the ratio of first to last layer says: the 95 % interval
/// of their slope lies on that side of 0.
bool follows_depth(const Measures& measures);

/// The first or the last layer where that one alone makes the ratio between them: it is the farther
/// of both, in decades, from the median layer, and without it the ratio is between 1/5 and 30.
std::optional<std::size_t> odd_end(const Measures& measures);

/// The ratio of first to last layer in words: a factor a layer where norms follow depth, else the
/// layer that differs or that none does.
std::string ratio_text(const Measures& measures);

}  // namespace ravine
