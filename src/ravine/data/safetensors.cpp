#include "ravine/data/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ravine/base/error.hpp"
#include "ravine/data/bounded_read.hpp"
#include "ravine/data/file_source.hpp"
#include "ravine/data/part_file.hpp"

namespace ravine {

// A file is the header's length as a 64-bit number, the header as JSON,
// {name: {dtype, shape, data_offsets: [begin, end]}}, then the values; all little-endian.
static_assert(std::endian::native == std::endian::little);

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kComponent = "safetensors";
constexpr std::uint64_t kLargestHeader = std::uint64_t{1} << 20;
constexpr std::size_t kAlignment = 8;  // of the values in the file
constexpr std::string_view kMetadata = "__metadata__";

struct Tensor {
  std::string name;
  bool is_ignored = false;  // then only begin and end count
  bool is_float = true;     // else double
  std::vector<std::size_t> shape;
  std::size_t count = 0;  // of values
  std::uint64_t begin = 0, end = 0;
};

[[noreturn]] void refuse(const ByteSource& source, std::string_view what, std::string_view expected,
                         std::string_view got) {
  throw DataError(
      error_text(kComponent, fmt::format("{}, {}", source.where(), what), expected, got));
}

std::vector<std::size_t> sizes_in(const ByteSource& source, const std::string& name,
                                  const Json& tensor, const char* key) {
  std::vector<std::size_t> sizes;
  const auto found = tensor.find(key);
  if (found == tensor.end() || !found->is_array()) {
    refuse(source, name, fmt::format("an array '{}'", key), "none");
  }
  for (const Json& size : *found) {
    if (!size.is_number_unsigned()) {
      refuse(source, name, fmt::format("whole numbers in '{}'", key), size.dump().substr(0, 40));
    }
    sizes.push_back(size.get<std::size_t>());
  }
  return sizes;
}

/// `ignored` tensors may have any dtype.
Tensor tensor_in(const ByteSource& source, const std::string& name, const Json& json,
                 bool ignored) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::ranges::any_of(name, is_control)) {
    refuse(source, "header", "names that can be printed", "control characters");
  }
  const auto dtype = json.is_object() ? json.find("dtype") : json.end();
  if (!json.is_object() || dtype == json.end() ||
      (!ignored && *dtype != "F32" && *dtype != "F64")) {
    refuse(source, name, "dtype F32 or F64",
           dtype == json.end() ? "none" : dtype->dump().substr(0, 40));
  }
  Tensor tensor{name, ignored, *dtype == "F32", sizes_in(source, name, json, "shape"), 0, 0, 0};
  const std::vector<std::size_t> offsets = sizes_in(source, name, json, "data_offsets");
  const auto count = checked_product(tensor.shape);
  const std::size_t width = tensor.is_float ? sizeof(float) : sizeof(double);
  const bool are_offsets = offsets.size() == 2 && offsets[0] <= offsets[1];
  if (!are_offsets || !count ||
      (!ignored &&
       ((offsets[1] - offsets[0]) / width != *count || (offsets[1] - offsets[0]) % width != 0))) {
    refuse(source, name, "data_offsets that fit shape and dtype",
           json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 160));
  }
  tensor.count = *count;
  tensor.begin = offsets[0];
  tensor.end = offsets[1];
  return tensor;
}

/// The header, the tensors in the order of their values.
std::vector<Tensor> read_header(ByteSource& source, std::string_view ignored) {
  std::uint64_t length = 0;
  read_exactly(source, std::as_writable_bytes(std::span(&length, 1)), kComponent, "the length");
  if (length > kLargestHeader) {
    refuse(source, "header", fmt::format("at most {} bytes", kLargestHeader),
           fmt::format("{}", length));
  }
  const auto text = read_elements<std::vector<char>>(source, length, kComponent, "the header");
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) refuse(source, "header", "a JSON object", "something else");
  std::vector<Tensor> tensors;
  for (const auto& [name, tensor] : json.items()) {
    if (name == kMetadata) continue;
    tensors.push_back(tensor_in(source, name, tensor, !ignored.empty() && name.ends_with(ignored)));
  }
  std::ranges::stable_sort(tensors, {}, [](const Tensor& t) { return std::pair(t.begin, t.end); });
  std::uint64_t end = 0;
  for (const Tensor& tensor : tensors) {
    if (tensor.begin != end) {
      refuse(source, tensor.name, fmt::format("values from byte {}, without gap or overlap", end),
             fmt::format("from byte {}", tensor.begin));
    }
    end = tensor.end;
  }
  require_remaining(source, end, kComponent, "values");
  return tensors;
}

std::string header_of(std::span<const NamedArray> arrays) {
  Json json = Json::object();
  std::size_t begin = 0;
  for (const NamedArray& array : arrays) {
    const std::size_t end = begin + npy_value_bytes(array.array).size();
    const bool is_float = std::holds_alternative<std::span<const float>>(array.array.values);
    json[array.name] = {{"dtype", is_float ? "F32" : "F64"},
                        {"shape", array.array.shape},
                        {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = json.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

}  // namespace

std::map<std::string, NpyArray> read_safetensors(const std::filesystem::path& path,
                                                 std::string_view ignored) {
  FileSource source(path);
  std::map<std::string, NpyArray> arrays;
  for (Tensor& tensor : read_header(source, ignored)) {
    if (tensor.is_ignored) {
      (void)read_elements<std::vector<char>>(source, tensor.end - tensor.begin, kComponent,
                                             tensor.name);
      continue;
    }
    NpyArray array{std::move(tensor.shape), {}};
    if (tensor.is_float) {
      array.values =
          read_elements<AlignedBuffer<float>>(source, tensor.count, kComponent, tensor.name);
    } else {
      array.values =
          read_elements<AlignedBuffer<double>>(source, tensor.count, kComponent, tensor.name);
    }
    if (!arrays.emplace(tensor.name, std::move(array)).second) {
      refuse(source, tensor.name, "each tensor once", "it twice");
    }
  }
  require_end(source, kComponent);
  return arrays;
}

void write_safetensors(const std::filesystem::path& path, std::span<const NamedArray> arrays) {
  check_names(kComponent, arrays);
  const std::string header = header_of(arrays);
  const std::uint64_t length = header.size();
  PartFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(std::as_bytes(std::span(header)));
  for (const NamedArray& array : arrays) file.write(npy_value_bytes(array.array));
  file.commit();
}

}  // namespace ravine
