#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace ravine {

/// A configuration no run can start from: an option out of range, options that contradict.
class ConfigError : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Matrices or vectors whose shapes do not fit together.
class ShapeError : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Input that was read but is not what it should be: truncated, mislabelled, non-finite.
class DataError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The operating system or the network refused: missing file, full disk, no permission.
class IoError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One line for an error: `[component] what: expected E, got G; hint: H`.
/// `expected` and `hint` may be empty and are then left out.
std::string error_text(std::string_view component, std::string_view what, std::string_view expected,
                       std::string_view got, std::string_view hint = {});

}  // namespace ravine
