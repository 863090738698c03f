#include "ravine/record/run_record.hpp"

#include <limits>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine {

bool RunRecord::has(const std::string& pointer) const {
  const Json::json_pointer place(pointer);
  return manifest_.contains(place) && !manifest_.at(place).is_null();
}

double RunRecord::number(const std::string& pointer) const {
  const Json& value = at(pointer, "a number");
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) refuse(pointer, "a number", value.type_name());
  return value.get<double>();
}

double RunRecord::number_if_any(const std::string& pointer) const {
  return has(pointer) ? number(pointer) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> RunRecord::numbers(const std::string& pointer) const {
  std::vector<double> values;
  const std::size_t count = array(pointer).size();
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(number(fmt::format("{}/{}", pointer, i)));
  return values;
}

std::string RunRecord::text(const std::string& pointer) const {
  const Json& value = at(pointer, "a text");
  if (!value.is_string()) refuse(pointer, "a text", value.type_name());
  return value.get<std::string>();
}

const Json& RunRecord::array(const std::string& pointer) const {
  const Json& value = at(pointer, "an array");
  if (!value.is_array()) refuse(pointer, "an array", value.type_name());
  return value;
}

bool RunRecord::has_table(const std::string& file) const {
  std::error_code hidden;
  return std::filesystem::exists(folder_ / file, hidden);
}

const CsvTable& RunRecord::table(const std::string& file) const {
  const auto known = tables_.find(file);
  if (known != tables_.end()) return known->second;
  if (!has_table(file)) {
    throw DataError(error_text("run_record", folder_.string(), fmt::format("a table {}", file),
                               "a folder without it"));
  }
  return tables_.emplace(file, CsvTable::read(folder_ / file)).first->second;
}

const Json& RunRecord::at(const std::string& pointer, std::string_view expected) const {
  const Json::json_pointer place(pointer);
  if (!manifest_.contains(place)) refuse(pointer, expected, "nothing");
  return manifest_.at(place);
}

void RunRecord::refuse(const std::string& pointer, std::string_view expected,
                       std::string_view got) const {
  throw DataError(error_text("run_record",
                             fmt::format("{}, {}", (folder_ / kManifestFile).string(), pointer),
                             expected, got));
}

RunRecord read_run(const std::filesystem::path& folder) {
  return RunRecord(folder, read_manifest(folder));
}

}  // namespace ravine
