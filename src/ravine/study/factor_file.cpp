#include "ravine/study/factor_file.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/data/npz.hpp"

namespace ravine {

namespace {

constexpr std::string_view kArchive = ".npz";

[[noreturn]] void fail(const std::string& source, const std::string& expected,
                       const std::string& got, const std::string& hint = {}) {
  throw DataError(error_text("factor", source, expected, got, hint));
}

NpyArray read_array(const std::string& source) {
  const std::string path = file_of_factor(source).string();
  if (path == source) {
    if (source.ends_with(kArchive)) {
      fail(source, "an array of that file", "none named",
           fmt::format("{}:U.0.1 is the array U.0.1", source));
    }
    return read_npy(std::filesystem::path(source));
  }
  const std::string name = source.substr(path.size() + 1);
  std::map<std::string, NpyArray> arrays = read_npz(path);
  const auto found = arrays.find(name);
  if (found == arrays.end()) {
    std::vector<std::string> names;
    for (const auto& [known, array] : arrays) names.push_back(known);
    fail(path, fmt::format("an array {}", name), fmt::format("{}", fmt::join(names, ", ")));
  }
  return std::move(found->second);
}

}  // namespace

std::filesystem::path file_of_factor(const std::string& source) {
  const std::size_t colon = source.find(std::string(kArchive) + ":");
  return colon == std::string::npos ? source : source.substr(0, colon + kArchive.size());
}

StoredFactor read_factor(const std::string& source) {
  NpyArray array = read_array(source);
  const std::vector<std::size_t> shape = array.shape;
  if (shape.size() != 2 || shape[0] == 0 || shape[1] == 0) {
    fail(source, "a factor of shape (d, R)", fmt::format("({})", fmt::join(shape, ", ")));
  }
  const AlignedBuffer<double> values = take_values_as<double>(std::move(array));
  if (!std::ranges::all_of(values, [](double x) { return std::isfinite(x); })) {
    fail(source, "finite numbers", "NaN or infinity");
  }
  return {shape[0], shape[1], {values.begin(), values.end()}};
}

}  // namespace ravine
