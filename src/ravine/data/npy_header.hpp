#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ravine {

/// What the header of a `.npy` file says.
struct NpyHeader {
  std::string type;  ///< numpy's name, e.g. `<f8`
  bool fortran_order = false;
  std::vector<std::size_t> shape;  ///< empty for a single number
};

/// Parses the header's text, a Python dictionary such as
/// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`. Throws DataError naming `where`
/// for anything but the three keys once each, and for numbers that overflow.
NpyHeader parse_npy_header(std::string_view text, std::string_view where);

/// The same text for a header, as numpy writes it.
std::string npy_header_text(const NpyHeader& header);

}  // namespace ravine
