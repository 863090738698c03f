#pragma once

#include <string>

namespace ravine::report {

/// The sentences of findings, a line each.
inline std::string text_of(const auto& findings) {
  std::string text;
  for (const std::string& sentence : sentences_of(findings)) text += sentence + "\n";
  return text;
}

}  // namespace ravine::report
