#include "ravine/base/option_check.hpp"

#include "ravine/base/error.hpp"

namespace ravine {

void OptionCheck::report() const {
  if (!passed()) throw ConfigError(violations_);
}

void OptionCheck::add(std::string_view what, std::string_view expected, std::string_view got,
                      std::string_view hint) {
  if (!violations_.empty()) violations_ += "; ";
  violations_ += error_text(component_, what, expected, got, hint);
}

}  // namespace ravine
