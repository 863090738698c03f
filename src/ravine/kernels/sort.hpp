#pragma once

#include <span>

namespace ravine {

/// Sorts numbers from small to large, by vectorised quicksort (Blacher, Giesen, Kuehne 2021,
/// "Fast and Robust Vectorized In-Place Sorting of Primitive Types"). All must be finite.
void sort_ascending(std::span<double> x);

}  // namespace ravine
