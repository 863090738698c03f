#include "ravine/base/lower_case.hpp"

namespace ravine {

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

}  // namespace ravine
