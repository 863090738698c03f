#include "ravine/data/dataset_staging.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/dataset_verify.hpp"
#include "ravine/data/part_file.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, const std::error_code& reason) {
  throw IoError(error_text("data", path.string(), "a writable place", reason.message()));
}

fs::path hidden_neighbour(const fs::path& target, std::string_view purpose) {
  return target.parent_path() /
         fmt::format(".{}.{}-{}", target.filename().string(), purpose, ::getpid());
}

}  // namespace

DatasetStaging::DatasetStaging(fs::path target)
    : target_(std::move(target)), folder_(hidden_neighbour(target_, "partial")) {
  std::error_code failed;
  fs::remove_all(folder_, failed);  // left by a killed process of the same number
  fs::create_directories(folder_, failed);
  if (failed) fail(folder_, failed);
}

DatasetStaging::~DatasetStaging() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void DatasetStaging::add(const DatasetFile& file, ByteSource& source) {
  PartFile part(folder_ / file.name);
  verify_content(file, source, [&](std::span<const std::byte> piece) { part.write(piece); });
  part.commit();
}

void DatasetStaging::publish() {
  const fs::path old = hidden_neighbour(target_, "old");
  std::error_code failed;
  fs::rename(target_, old, failed);
  const bool replaces = !failed;
  fs::rename(folder_, target_, failed);
  std::error_code ignored;
  if (failed && replaces) fs::rename(old, target_, ignored);
  if (failed) fail(target_, failed);
  fs::remove_all(old, ignored);
}

}  // namespace ravine
