#include "ravine/probe/loss_function.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

void check_point(std::string_view component, const ParameterLayout& layout,
                 std::span<const double> point) {
  if (point.size() == layout.size()) return;
  throw ShapeError(error_text(component, "point", fmt::format("{} numbers", layout.size()),
                              fmt::format("{}", point.size())));
}

}  // namespace ravine
