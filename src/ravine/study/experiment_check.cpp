#include "ravine/study/experiment_check.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ravine/base/line_fit.hpp"

namespace ravine {

namespace {

double result_value(const std::string& result, const RunRecord& record) {
  const Json::json_pointer pointer(result);
  if (!record.manifest().contains(pointer)) return NAN;
  const Json& value = record.manifest().at(pointer);
  if (value.is_boolean()) return value.get<bool>();
  return value.is_number() ? value.get<double>() : NAN;
}

/// Which rows meet all conditions.
std::vector<bool> chosen_rows(const std::vector<RowCondition>& where, const CsvTable& table) {
  std::vector<bool> chosen(table.row_count(), true);
  for (const RowCondition& condition : where) {
    const std::vector<double> values = table.numbers(condition.column);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!(values[i] >= condition.low && values[i] <= condition.high)) chosen[i] = false;
    }
  }
  return chosen;
}

}  // namespace

std::vector<std::string> columns_of(const ExperimentCheck& check) {
  std::vector<std::string> columns = {check.column};
  for (const RowCondition& condition : check.where) columns.push_back(condition.column);
  if (check.statistic == CheckStatistic::slope) columns.push_back(check.over);
  return columns;
}

double measured_value(const ExperimentCheck& check, const RunRecord& record) {
  if (!check.result.empty()) return result_value(check.result, record);
  const CsvTable& table = record.table(check.table);
  const std::vector<bool> chosen = chosen_rows(check.where, table);
  const auto numbers_of = [&](const std::string& column) {
    const bool by_log = std::ranges::find(check.logs, column) != check.logs.end();
    std::vector<double> numbers;
    const std::vector<double> all = table.numbers(column);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (chosen[i]) numbers.push_back(by_log ? std::log10(all[i]) : all[i]);
    }
    return numbers;
  };
  const std::vector<double> values = numbers_of(check.column);
  if (values.empty()) return NAN;
  switch (check.statistic) {
    case CheckStatistic::first:
      return values.front();
    case CheckStatistic::mean:
      return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
    case CheckStatistic::slope:
      return fit_line(numbers_of(check.over), values).slope;
  }
  return NAN;
}

}  // namespace ravine
