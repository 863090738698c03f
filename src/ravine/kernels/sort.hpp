#pragma once

#include <span>

namespace ravine {

/// Sorts numbers from small to large, by vectorised quicksort (Blacher, Giesen, Kuehne 2021,
/// "Fast and Robust Vectorized In-Place Sorting of Primitive Types"), which takes a random pivot
/// from the system at each call. That alone takes longer than to sort as few numbers as the samples
/// of a mini-batch by a bitonic network (Batcher 1968, "Sorting networks and their applications").
/// All must be finite.
void sort_ascending(std::span<double> x);

}  // namespace ravine
