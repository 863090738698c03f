#pragma once

#include <string>
#include <string_view>

namespace ravine {

/// The text with A to Z made small, whatever the locale.
std::string lower_case(std::string_view text);

}  // namespace ravine
