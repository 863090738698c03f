#include "ravine/cli/result_cell.hpp"

#include <fmt/format.h>

namespace ravine::cli {

std::string result_cell(const Json& object, const char* key, const char* format) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return "-";
  return fmt::format(fmt::runtime(format), found->get<double>());
}

}  // namespace ravine::cli
