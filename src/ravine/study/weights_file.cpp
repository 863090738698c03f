#include "ravine/study/weights_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/data/npz.hpp"
#include "ravine/data/safetensors.hpp"

namespace ravine {

namespace {

using Arrays = std::map<std::string, NpyArray>;

bool is_safetensors(const std::filesystem::path& path) {
  return path.extension() == ".safetensors";
}

/// "net.2.weight" taken apart: "net.", 2, ".weight".
struct NumberedName {
  std::string prefix;
  std::size_t number = 0;
  std::string kind;
};

std::optional<NumberedName> numbered(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  const std::size_t before = name.substr(0, dot).rfind('.');
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  NumberedName parts{name.substr(0, begin), 0, name.substr(dot)};
  const auto parsed = std::from_chars(name.data() + begin, name.data() + dot, parts.number);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + dot) return std::nullopt;
  return parts;
}

/// Gives the modules of a PyTorch Sequential the names of blocks: those with a matrix are layers,
/// those with a vector for a weight normalise the layer before. Other arrays keep their names.
Arrays with_layer_names(Arrays arrays) {
  std::map<std::size_t, bool> is_layer;  // by the module's number
  std::set<std::string> prefixes;
  for (const auto& [name, array] : arrays) {
    const auto parts = numbered(name);
    if (!parts) return arrays;
    is_layer[parts->number] |= array.shape.size() == 2;
    prefixes.insert(parts->prefix);
  }
  if (prefixes.size() > 1) return arrays;
  std::map<std::size_t, std::string> names;
  std::size_t layers = 0;
  for (const auto& [number, layer] : is_layer) {
    layers += layer;
    names[number] = fmt::format("{}{}", layer ? "layer" : "norm", layers);
  }
  Arrays renamed;
  for (auto& [name, array] : arrays) {
    const auto parts = numbered(name);
    renamed.emplace(names[parts->number] + parts->kind, std::move(array));
  }
  return renamed;
}

/// Only a layer's weights are a matrix.
std::vector<std::size_t> shape_in_file(const ParameterBlock& block) {
  const bool is_matrix = block.name.starts_with("layer") && block.name.ends_with(".weight");
  return is_matrix ? std::vector{block.rows, block.cols} : std::vector{block.cols};
}

/// What PyTorch's batch normalisation counts, as integers, and nothing here needs.
constexpr std::string_view kBatchCount = "num_batches_tracked";

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
  Arrays arrays = with_layer_names(is_safetensors(path) ? read_safetensors(path, kBatchCount)
                                                        : read_npz(path, kBatchCount));
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
                               "check --hidden, --bias and --normalisation against the file"));
  }
  return parameters;
}

void write_weights(const std::filesystem::path& path, const ParameterLayout& layout,
                   std::span<const float> parameters) {
  std::vector<NamedArray> entries;
  for (const ParameterBlock& block : layout.blocks()) {
    entries.push_back(
        {block.name, {shape_in_file(block), parameters.subspan(block.offset, block.size())}});
  }
  is_safetensors(path) ? write_safetensors(path, entries) : write_npz(path, entries);
}

}  // namespace ravine
