#include "ravine/study/sense_files.hpp"

#include <cstddef>
#include <optional>
#include <vector>

#include "ravine/data/file_source.hpp"
#include "ravine/data/sha256.hpp"
#include "ravine/study/factor_file.hpp"

namespace ravine {

namespace {

namespace fs = std::filesystem;

std::string sha256_of(const fs::path& path) {
  FileSource source(path);
  std::vector<std::byte> buffer(std::size_t{1} << 17);
  Sha256 sum;
  for (std::size_t count = buffer.size(); count == buffer.size();) {
    count = source.read(buffer);
    sum.update(std::span<const std::byte>(buffer).first(count));
  }
  return sum.hex();
}

}  // namespace

Json file_sums(const SenseConfig& config) {
  Json sums = Json::object();
  const auto add = [&](const char* option, const std::optional<fs::path>& path) {
    if (path) sums[option] = sha256_of(*path);
  };
  add("measurement-file", config.measurement_file);
  add("value-file", config.value_file);
  add("truth-file", config.truth_file);
  if (config.initial_file) add("initial-file", file_of_factor(*config.initial_file));
  return sums;
}

}  // namespace ravine
