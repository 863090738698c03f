#pragma once

#include <string>
#include <vector>

#include "ravine/base/named.hpp"
#include "ravine/record/run_record.hpp"

namespace ravine {

/// Rows of a table whose number in a column is in [low, high].
struct RowCondition {
  std::string column;
  double low = 0, high = 0;
};

/// What is taken of a column of the rows that meet all conditions: the first one's number, the mean
/// of all, or the slope of the least-squares line over another column.
enum class CheckStatistic { first, mean, slope };
inline constexpr Named<CheckStatistic> kCheckStatistics[] = {{"first", CheckStatistic::first},
                                                             {"mean", CheckStatistic::mean},
                                                             {"slope", CheckStatistic::slope}};

/// A number an experiment must show: a result of the manifest (a JSON pointer), or one of a table.
struct ExperimentCheck {
  std::string run;
  std::string what;    ///< in words
  std::string result;  ///< the pointer; empty: of the table
  std::string table, column;
  std::vector<RowCondition> where;
  CheckStatistic statistic = CheckStatistic::first;
  std::string over;               ///< of a slope
  std::vector<std::string> logs;  ///< columns of a slope taken by their decimal logarithms
  double low = 0, high = 0;       ///< where the number must lie
};

/// The columns of its table that a check reads.
std::vector<std::string> columns_of(const ExperimentCheck& check);

/// What the run shows; NaN for no such number. Throws DataError for a table or column that is not
/// there.
double measured_value(const ExperimentCheck& check, const RunRecord& record);

}  // namespace ravine
