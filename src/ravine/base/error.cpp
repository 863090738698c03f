#include "ravine/base/error.hpp"

#include <fmt/format.h>

namespace ravine {

std::string error_text(std::string_view component, std::string_view what, std::string_view expected,
                       std::string_view got, std::string_view hint) {
  std::string text = fmt::format("[{}] {}: ", component, what);
  if (!expected.empty()) text += fmt::format("expected {}, ", expected);
  text += expected.empty() ? std::string(got) : fmt::format("got {}", got);
  if (!hint.empty()) text += fmt::format("; hint: {}", hint);
  return text;
}

}  // namespace ravine
