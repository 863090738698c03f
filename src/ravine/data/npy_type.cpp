#include "ravine/data/npy_type.hpp"

#include <fmt/format.h>

namespace ravine {

std::string NpyType::name() const {
  if (kind == 'b') return "bool";
  const char* word = kind == 'f' ? "float" : kind == 'i' ? "int" : "uint";
  return fmt::format("{}{}{}", big_endian ? "big-endian " : "", word, 8 * bytes);
}

std::optional<NpyType> parse_npy_type(std::string_view descr) {
  if (descr.size() != 3) return std::nullopt;
  const char order = descr[0], kind = descr[1];
  const auto bytes = static_cast<std::size_t>(descr[2] - '0');
  const bool is_float = kind == 'f' && (bytes == 4 || bytes == 8);
  const bool is_whole =
      (kind == 'i' || kind == 'u') && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
  const bool is_bool = kind == 'b' && bytes == 1;
  const bool has_order = order == '<' || order == '>' || (order == '|' && bytes == 1);
  if (!has_order || !(is_float || is_whole || is_bool)) return std::nullopt;
  return NpyType{kind, bytes, order == '>' && bytes > 1};
}

}  // namespace ravine
