#include "ravine/data/state_archive.hpp"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/data/npz.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

template <class T>
std::string count_text(std::size_t count) {
  return fmt::format("{} numbers of {}", count, std::is_same_v<T, float> ? "float32" : "float64");
}

}  // namespace

StateArchive StateArchive::read(const fs::path& path) {
  StateArchive archive;
  archive.arrays_ = read_npz(path);
  archive.folder_ = path.parent_path();
  archive.restores_ = true;
  return archive;
}

void StateArchive::write(const fs::path& path) const {
  std::vector<NamedArray> entries;
  for (const auto& [name, array] : arrays_) {
    NamedArray entry{name, {array.shape, {}}};
    std::visit([&](const auto& values) { entry.array.values = std::span(values); }, array.values);
    entries.push_back(std::move(entry));
  }
  const fs::path fresh = path.string() + ".new";
  write_npz(fresh, entries);
  sync_to_disk(fresh);
  std::error_code failed;
  fs::rename(fresh, path, failed);
  if (failed) {
    throw IoError(error_text("checkpoint", path.string(), "a writable place", failed.message()));
  }
  sync_to_disk(path.parent_path());
}

StateArchive::Scope::Scope(StateArchive& archive, std::string_view name)
    : archive_(archive), length_(archive.prefix_.size()) {
  archive.prefix_ += name;
  archive.prefix_ += '/';
}

std::int64_t StateArchive::count(std::string_view name, double number) const {
  constexpr double kLargest = 9007199254740992;
  const bool is_count = number >= 0 && number <= kLargest && number == std::trunc(number);
  if (!is_count) refuse(name, "a count", fmt::format("{}", number));
  return static_cast<std::int64_t>(number);
}

void StateArchive::count_if_any(std::string_view name, std::optional<std::int64_t>& value) {
  std::vector<double> none_or_one;
  if (value) none_or_one.push_back(static_cast<double>(*value));
  none_or_all(name, none_or_one, 1);
  if (!restores_) return;
  value = none_or_one.empty() ? std::nullopt : std::optional(count(name, none_or_one[0]));
}

void StateArchive::text(std::string_view name, std::string& value) {
  std::vector<double> bytes;
  for (const char c : value) bytes.push_back(static_cast<unsigned char>(c));
  rows(name, bytes, 1);
  if (!restores_) return;
  value.clear();
  for (const double byte : bytes) value += static_cast<char>(count(name, byte));
}

void StateArchive::rows(std::string_view name, std::vector<double>& numbers, std::size_t width) {
  if (restores_) {
    const NpyArray& array = at(name);
    const std::size_t count = std::visit([](const auto& all) { return all.size(); }, array.values);
    if (count % width != 0) {
      refuse(name, fmt::format("rows of {} numbers", width), fmt::format("{} numbers", count));
    }
    numbers.resize(count);
  }
  exchange(name, std::span(numbers));
}

void StateArchive::one_or_more(std::string_view name, std::vector<double>& numbers) {
  rows(name, numbers, 1);
  if (numbers.empty()) refuse(name, "numbers", "none");
}

void StateArchive::none_or_all(std::string_view name, std::vector<double>& numbers,
                               std::size_t count) {
  rows(name, numbers, std::max<std::size_t>(1, count));
  if (numbers.size() > count) {
    refuse(name, fmt::format("{} numbers", count), fmt::format("{}", numbers.size()));
  }
}

template <class T>
void StateArchive::exchange(std::string_view name, std::span<T> numbers) {
  if (!restores_) {
    NpyArray array{{numbers.size()}, AlignedBuffer<T>(numbers.begin(), numbers.end())};
    arrays_.insert_or_assign(full(name), std::move(array));
    return;
  }
  const auto* kept = std::get_if<AlignedBuffer<T>>(&at(name).values);
  if (kept == nullptr || kept->size() != numbers.size()) {
    refuse(name, count_text<T>(numbers.size()),
           kept == nullptr ? "another type" : count_text<T>(kept->size()));
  }
  std::ranges::copy(*kept, numbers.begin());
}

template void StateArchive::exchange(std::string_view, std::span<float>);
template void StateArchive::exchange(std::string_view, std::span<double>);

const NpyArray& StateArchive::at(std::string_view name) const {
  const auto found = arrays_.find(full(name));
  if (found == arrays_.end()) refuse(name, "an array", "none of that name");
  return found->second;
}

void StateArchive::refuse(std::string_view name, const std::string& expected,
                          const std::string& got) const {
  throw DataError(error_text("checkpoint", fmt::format("{} in {}", full(name), folder_.string()),
                             expected, got));
}

}  // namespace ravine
