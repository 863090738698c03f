#pragma once

#include <string>

#include "ravine/record/manifest.hpp"

namespace ravine::cli {

/// A number of a manifest as text, by a format such as "{:.3e}"; "-" where there is none.
std::string result_cell(const Json& object, const char* key, const char* format);

}  // namespace ravine::cli
