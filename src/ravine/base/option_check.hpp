#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace ravine {

/// Collects everything that is wrong with a set of options, so that one error can name it all.
class OptionCheck {
 public:
  /// `component` opens each violation's text, as in error_text().
  explicit OptionCheck(std::string_view component) : component_(component) {}

  template <class Got>
  void demand(bool holds, std::string_view what, std::string_view expected, const Got& got,
              std::string_view hint = {}) {
    if (!holds) add(what, expected, fmt::format("{}", got), hint);
  }

  bool passed() const { return violations_.empty(); }

  /// Throws ConfigError with every violation, if there was any.
  void report() const;

 private:
  void add(std::string_view what, std::string_view expected, std::string_view got,
           std::string_view hint);

  std::string component_;
  std::string violations_;
};

}  // namespace ravine
