#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace ravine {

/// A factor U as the user names it.
struct StoredFactor {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;  ///< (rows, columns)
};

/// The file that `FILE.npy` or `FILE.npz:NAME` names.
std::filesystem::path file_of_factor(const std::string& source);

/// Reads the matrix in `FILE.npy`, or the array NAME of `FILE.npz:NAME`, such as the `U.0.1` of a
/// `sense` run's arrays.npz. Throws IoError, and DataError naming the file for an array that is not
/// there, has no rows and columns, or holds a number that is not finite.
StoredFactor read_factor(const std::string& source);

}  // namespace ravine
