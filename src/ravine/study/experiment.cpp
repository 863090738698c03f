#include "ravine/study/experiment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/record/run_record.hpp"
#include "ravine/study/built_in_experiments.hpp"

namespace ravine {

namespace {

/// What a value of a file is, for an error; `node`: null where there is none.
std::string_view kind_of(const toml::node* node) {
  if (node == nullptr) return "nothing";
  switch (node->type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return node->is_array_of_tables() ? "an array of tables" : "an array";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or a time";
  }
}

/// Reads the keys of a table and in the end refuses those nobody asked for.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string where)
      : table_(table), where_(std::move(where)) {}

  std::string text(const std::string& key) {
    const auto value = node(key).value<std::string>();
    if (!value) fail(key, "a text");
    return *value;
  }
  std::string text_or(const std::string& key, const std::string& fallback) {
    return table_.contains(key) ? text(key) : fallback;
  }

  /// The texts of an array, none when it is missing.
  std::vector<std::string> texts(const std::string& key) {
    std::vector<std::string> found;
    const toml::array* array = node(key).as_array();
    if (array == nullptr && table_.contains(key)) fail(key, "an array of texts");
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto text = (*array)[i].value<std::string>();
      if (!text) fail_element(key, "an array of texts", (*array)[i]);
      found.push_back(*text);
    }
    return found;
  }

  bool flag(const std::string& key) {
    const auto value = node(key).value<bool>();
    if (!value && table_.contains(key)) fail(key, "true or false");
    return value.value_or(false);
  }

  double number(const toml::node_view<const toml::node>& value, const std::string& key) const {
    const auto found = value.value<double>();
    if (!found) fail(key, "a number", std::string(kind_of(value.node())));
    return *found;
  }

  toml::table subtable(const std::string& key) {
    const toml::table* table = node(key).as_table();
    if (table == nullptr && table_.contains(key)) fail(key, "a table");
    return table != nullptr ? *table : toml::table();
  }

  /// The tables of an array [[key]], none when it is missing.
  std::vector<const toml::table*> tables(const std::string& key) {
    std::vector<const toml::table*> found;
    const toml::array* array = node(key).as_array();
    if (array == nullptr && table_.contains(key)) fail(key, "an array of tables");
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const toml::table* table = (*array)[i].as_table();
      if (table == nullptr) fail_element(key, "an array of tables", (*array)[i]);
      found.push_back(table);
    }
    return found;
  }

  toml::node_view<const toml::node> node(const std::string& key) {
    known_.push_back(key);
    return table_[key];
  }

  void refuse_others() const {
    for (const auto& [key, value] : table_) {
      if (std::ranges::find(known_, key.str()) == known_.end()) {
        fail(std::string(key.str()), "a known key", "an unknown one");
      }
    }
  }

  [[noreturn]] void fail(const std::string& key, const std::string& expected) const {
    fail(key, expected, std::string(kind_of(table_[key].node())));
  }
  [[noreturn]] void fail(const std::string& key, const std::string& expected,
                         const std::string& got) const {
    throw ConfigError(error_text("experiment", where_ + ", " + key, expected, got));
  }
  [[noreturn]] void fail_element(const std::string& key, const std::string& expected,
                                 const toml::node& element) const {
    fail(key, expected, fmt::format("an array with {}", kind_of(&element)));
  }

 private:
  const toml::table& table_;
  std::string where_;
  std::vector<std::string> known_;
};

/// "a.toml [[run]] 'NAME'", as far as the table has a name in `key`.
std::string place_of(const toml::table& table, const std::string& key, std::string place) {
  const auto name = table[key].value<std::string>();
  return name ? fmt::format("{} '{}'", place, *name) : place;
}

bool is_option_value(const toml::node& node) {
  const auto is_scalar = [](const toml::node& each) {
    return each.is_string() || each.is_number() || each.is_boolean();
  };
  const toml::array* array = node.as_array();
  if (array == nullptr) return is_scalar(node);
  return !array->empty() && std::all_of(array->begin(), array->end(), is_scalar);
}

toml::table read_options(TableReader& reader, const std::string& key) {
  toml::table options = reader.subtable(key);
  for (const auto& [name, value] : options) {
    if (is_option_value(value)) continue;
    const toml::array* array = value.as_array();
    reader.fail(
        fmt::format("{}, {}", key, name.str()), "a number, a text, true, false or an array of them",
        array != nullptr && array->empty() ? "an empty array" : std::string(kind_of(&value)));
  }
  return options;
}

ExperimentRun read_run_table(const toml::table& table, const std::string& source) {
  TableReader reader(table, place_of(table, "name", source + " [[run]]"));
  ExperimentRun run{reader.text("name"), reader.text("verb"), {}, {}, {}};
  if (run.verb == "sweep") {
    run.plan = reader.text("plan");
    run.quick = reader.subtable("quick");
  } else {
    run.options = read_options(reader, "options");
    run.quick = read_options(reader, "quick");
  }
  reader.refuse_others();
  return run;
}

/// `expected` says what may stand in place of an array of another length.
std::pair<double, double> read_range(const toml::array& range, const std::string& key,
                                     const std::string& expected, const TableReader& reader) {
  if (range.size() != 2) reader.fail(key, expected, fmt::format("an array of {}", range.size()));
  const auto number_at = [&](std::size_t i) {
    return reader.number(toml::node_view<const toml::node>(range[i]), key);
  };
  const double low = number_at(0), high = number_at(1);
  if (!(low <= high)) {
    reader.fail(key, "two numbers, the lower one first", fmt::format("[{}, {}]", low, high));
  }
  return {low, high};
}

/// One number for a value that rows must have, two for a range.
RowCondition read_condition(const std::string& column, const toml::node& value,
                            const TableReader& reader) {
  if (const toml::array* array = value.as_array()) {
    const auto [low, high] = read_range(*array, "where", "a number, or two for a range", reader);
    return {column, low, high};
  }
  const double number = reader.number(toml::node_view<const toml::node>(value), "where");
  return {column, number, number};
}

void read_table_check(TableReader& reader, ExperimentCheck& check) {
  check.table = reader.text("table");
  check.column = reader.text("column");
  for (const auto& [key, value] : reader.subtable("where")) {
    check.where.push_back(read_condition(std::string(key.str()), value, reader));
  }
  const std::string name = reader.text_or("statistic", "first");
  const auto statistic = choice_in(kCheckStatistics, name);
  if (!statistic) reader.fail("statistic", "first, mean or slope", fmt::format("'{}'", name));
  check.statistic = *statistic;
  if (check.statistic != CheckStatistic::slope) return;
  check.over = reader.text("over");
  check.logs = reader.texts("logs");
}

bool is_pointer(const std::string& text) {
  try {
    return !Json::json_pointer(text).empty();
  } catch (const Json::exception&) {
    return false;
  }
}

ExperimentCheck read_check(const toml::table& table, const std::string& source) {
  TableReader reader(table, place_of(table, "what", source + " [[check]]"));
  ExperimentCheck check;
  check.run = reader.text("run");
  check.what = reader.text("what");
  check.result = reader.text_or("result", "");
  if (check.result.empty()) read_table_check(reader, check);
  if (!check.result.empty() && !is_pointer(check.result)) {
    reader.fail("result", "a JSON pointer such as /results/test_accuracy",
                fmt::format("'{}'", check.result));
  }
  const toml::array* range = reader.node("range").as_array();
  if (range == nullptr) reader.fail("range", "two numbers");
  std::tie(check.low, check.high) = read_range(*range, "range", "two numbers", reader);
  reader.refuse_others();
  return check;
}

/// What the folder around those of the runs holds beside them.
constexpr std::array<std::string_view, 3> kOfReproduction = {"manifest.json", "report.html",
                                                             "figures"};

/// A run is a folder beside those of the others.
void demand_run_names(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const ExperimentRun& run : experiment.runs) {
    const std::filesystem::path path(run.name);
    if (path.empty() || path.filename() != path || run.name == "." || run.name == "..") {
      throw ConfigError(error_text("experiment", experiment.file + " [[run]], name",
                                   "a folder's name", fmt::format("'{}'", run.name)));
    }
    if (std::ranges::find(kOfReproduction, run.name) != kOfReproduction.end()) {
      throw ConfigError(error_text(
          "experiment", experiment.file + " [[run]], name",
          fmt::format("none of {}, which stand beside the runs", fmt::join(kOfReproduction, ", ")),
          fmt::format("'{}'", run.name)));
    }
    if (std::ranges::find(names, run.name) != names.end()) {
      throw ConfigError(error_text("experiment", experiment.file + " [[run]], name",
                                   "names that differ", fmt::format("'{}' twice", run.name)));
    }
    names.push_back(run.name);
  }
  for (const ExperimentCheck& check : experiment.checks) {
    if (std::ranges::find(names, check.run) != names.end()) continue;
    throw ConfigError(error_text(
        "experiment", fmt::format("{} [[check]] '{}', run", experiment.file, check.what),
        fmt::format("one of '{}'", fmt::join(names, "', '")), fmt::format("'{}'", check.run)));
  }
}

/// The tables of a run's folder.
std::vector<std::string> tables_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".csv") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

Json outcome_of(const Experiment& experiment, const ExperimentCheck& check, double measured) {
  return {{"experiment", experiment.id},
          {"run", check.run},
          {"what", check.what},
          {"expected", {check.low, check.high}},
          {"measured", std::isfinite(measured) ? Json(measured) : Json(nullptr)},
          {"holds", measured >= check.low && measured <= check.high}};
}

void demand_columns(const ExperimentCheck& check, const RunRecord& record,
                    const std::string& source) {
  if (!check.result.empty()) return;
  const auto fail = [&](const std::string& kind, const std::vector<std::string>& known,
                        const std::string& got) {
    throw ConfigError(
        error_text("experiment", fmt::format("{} [[check]] '{}', {}", source, check.what, kind),
                   fmt::format("one of '{}'", fmt::join(known, "', '")), fmt::format("'{}'", got)));
  };
  const auto tables = tables_in(record.folder());
  if (std::ranges::find(tables, check.table) == tables.end()) fail("table", tables, check.table);
  const CsvTable& table = record.table(check.table);
  for (const std::string& column : columns_of(check)) {
    if (!table.has_column(column)) fail("column", table.columns(), column);
  }
}

}  // namespace

Json Experiment::description() const {
  return {{"id", id}, {"title", title}, {"question", question}, {"notebook", notebook}};
}

Experiment parse_experiment(std::string_view text, const std::string& source) {
  toml::table table;
  try {
    table = toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    throw ConfigError(error_text("experiment",
                                 fmt::format("{} line {}", source, error.source().begin.line),
                                 "TOML", std::string(error.description())));
  }
  TableReader reader(table, source);
  Experiment experiment{reader.text("id"),
                        reader.text("title"),
                        reader.text("question"),
                        reader.text_or("notebook", ""),
                        reader.flag("full"),
                        source,
                        false,
                        {},
                        {}};
  for (const toml::table* run : reader.tables("run")) {
    experiment.runs.push_back(read_run_table(*run, source));
  }
  for (const toml::table* check : reader.tables("check")) {
    experiment.checks.push_back(read_check(*check, source));
  }
  reader.refuse_others();
  demand_run_names(experiment);
  return experiment;
}

std::vector<Experiment> built_in_experiments() {
  std::vector<Experiment> experiments;
  for (const BuiltInFile& built_in : kBuiltInExperiments) {
    experiments.push_back(parse_experiment(built_in.toml, std::string(built_in.source)));
    experiments.back().built_in = true;
  }
  return experiments;
}

PlanText read_plan(const Experiment& experiment, const ExperimentRun& run) {
  namespace fs = std::filesystem;
  const std::string file = (fs::path(experiment.file).parent_path() / run.plan).string();
  if (!experiment.built_in) return {read_file(file), file};
  const auto found = std::ranges::find(kBuiltInPlans, file, &BuiltInFile::source);
  if (found == kBuiltInPlans.end()) {
    throw ConfigError(error_text("experiment", experiment.file, "a plan that is built in", file));
  }
  return {std::string(found->toml), file};
}

Json evaluate_checks(const Experiment& experiment, const std::string& run,
                     const std::filesystem::path& folder) {
  Json outcomes = Json::array();
  const RunRecord record = read_run(folder);
  for (const ExperimentCheck& check : experiment.checks) {
    if (check.run != run) continue;
    demand_columns(check, record, experiment.file);
    outcomes.push_back(outcome_of(experiment, check, measured_value(check, record)));
  }
  return outcomes;
}

Json checks_of_failed(const Experiment& experiment, const std::string& run) {
  Json outcomes = Json::array();
  for (const ExperimentCheck& check : experiment.checks) {
    if (check.run == run) outcomes.push_back(outcome_of(experiment, check, NAN));
  }
  return outcomes;
}

}  // namespace ravine
