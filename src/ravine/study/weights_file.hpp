#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "ravine/objective/parameter_layout.hpp"

namespace ravine {

/// Reads one array per block from a `.safetensors` file, or a `.npz` file of any other name: (rows,
/// cols) for a layer's weights, (cols) for anything else. Arrays have the blocks' names,
/// `layer1.weight`, or those that PyTorch gives the modules of a Sequential, `0.weight`,
/// `2.weight`,
/// ... after any one prefix: modules with a matrix become layers 1, 2, ... in the order of their
/// numbers, others the normalisation of the layer before. `num_batches_tracked` is passed over.
/// float64 is rounded to float32. Throws IoError, and DataError naming the array when one is
/// missing, unknown to the layout, of another shape or not finite.
std::vector<float> read_weights(const std::filesystem::path& path, const ParameterLayout& layout);

/// Writes one array per block under its name, which is also that of PyTorch's state_dict for
/// modules `layer1 = nn.Linear(...)`, ..., into a file of the kind its name ends with, as above.
/// All but the weights of layers become vectors. Throws IoError.
void write_weights(const std::filesystem::path& path, const ParameterLayout& layout,
                   std::span<const float> parameters);

}  // namespace ravine
