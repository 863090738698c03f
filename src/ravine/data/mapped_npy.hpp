#pragma once

#include <filesystem>
#include <memory>

#include "ravine/data/npy.hpp"

namespace ravine {

/// An array of a `.npy` file where it lies: the file is mapped into memory, nothing is copied, and
/// a page is read when it is touched and may be dropped again, so that the array can be larger than
/// memory. The file must keep its size as long: the system ends a program that touches what was cut
/// off.
struct MappedNpy {
  NpyView view;
  std::shared_ptr<const std::byte> file;  ///< keeps the values alive
};

/// Throws as read_npy does, and DataError when the values do not lie at a multiple of their size,
/// which numpy sees to.
MappedNpy map_npy(const std::filesystem::path& path);

}  // namespace ravine
