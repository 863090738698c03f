#pragma once

#include <filesystem>
#include <memory>
#include <optional>

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

/// None where the values do not lie in the file as in memory: in Fortran order, of another type
/// than float32 and float64 of this machine, or not at a multiple of their size. Throws as read_npy
/// does.
std::optional<MappedNpy> map_npy(const std::filesystem::path& path);

}  // namespace ravine
