#include "ravine/study/weights_file.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/data/npz.hpp"

namespace ravine {

namespace {

std::vector<std::size_t> shape_in_file(const ParameterBlock& block) {
  if (block.name.ends_with(".bias")) return {block.cols};
  return {block.rows, block.cols};
}

void read_block(const std::filesystem::path& path, const ParameterBlock& block, NpyArray&& array,
                std::span<float> values) {
  const auto fail = [&](const std::string& expected, const std::string& got) {
    throw DataError(
        error_text("weights", fmt::format("{} in {}", block.name, path.string()), expected, got));
  };
  const std::vector<std::size_t> shape = shape_in_file(block);
  if (array.shape != shape) {
    fail(fmt::format("shape ({})", fmt::join(shape, ", ")),
         fmt::format("({})", fmt::join(array.shape, ", ")));
  }
  const AlignedBuffer<float> read = take_values_as<float>(std::move(array));
  if (!std::ranges::all_of(read, [](float x) { return std::isfinite(x); })) {
    fail("finite numbers", "NaN or infinity");
  }
  std::ranges::copy(read, values.begin());
}

}  // namespace

std::vector<float> read_weights(const std::filesystem::path& path, const ParameterLayout& layout) {
  std::map<std::string, NpyArray> arrays = read_npz(path);
  std::vector<float> parameters(layout.size());
  for (const ParameterBlock& block : layout.blocks()) {
    const auto found = arrays.find(block.name);
    if (found == arrays.end()) {
      throw DataError(error_text("weights", path.string(), fmt::format("an array {}", block.name),
                                 "none of that name"));
    }
    read_block(path, block, std::move(found->second),
               std::span(parameters).subspan(block.offset, block.size()));
    arrays.erase(found);
  }
  if (!arrays.empty()) {
    throw DataError(error_text("weights", path.string(), "arrays of this network only",
                               fmt::format("{}", arrays.begin()->first),
                               "check --hidden and --bias against the file"));
  }
  return parameters;
}

void write_weights(const std::filesystem::path& path, const ParameterLayout& layout,
                   std::span<const float> parameters) {
  std::vector<NpzEntry> entries;
  for (const ParameterBlock& block : layout.blocks()) {
    entries.push_back(
        {block.name, {shape_in_file(block), parameters.subspan(block.offset, block.size())}});
  }
  write_npz(path, entries);
}

}  // namespace ravine
