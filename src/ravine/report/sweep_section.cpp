#include <fmt/format.h>

#include "ravine/base/median.hpp"
#include "ravine/report/configuration.hpp"
#include "ravine/report/findings_sweep.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/rule_words.hpp"
#include "ravine/report/section.hpp"

namespace ravine::report {

namespace {

std::string axes_text(const SweepFindings& found) {
  std::string text;
  for (const SweepAxis& axis : found.axes) {
    const std::string range = axis.is_numeric()
                                  ? fmt::format("{} to {}", power_text(axis.values.front()),
                                                power_text(axis.values.back()))
                                  : fmt::format("{} to {}", axis.names.front(), axis.names.back());
    text += fmt::format("{}{} ({} values, {})", text.empty() ? "" : " × ", escaped(axis.symbol),
                        axis.size(), escaped(range));
  }
  return text.empty() ? "one point" : text;
}

// "2 × true-rank"; empty for an axis.
std::string multiple_text(const Json& value) {
  const Json& times = value.at("times");
  if (times.is_array()) return {};
  std::string text = times == 1.0 ? "" : power_text(times.get<double>());
  for (const Json& name : value.at("of")) {
    text += fmt::format("{}{}", text.empty() ? "= " : " × ", name.get<std::string>());
  }
  return text;
}

std::string setup_text(const RunRecord& run, const SweepFindings& found) {
  std::string fixed;
  for (const auto& [name, value] : run.manifest().at("configuration").items()) {
    const std::string text = value.is_object() ? multiple_text(value) : option_text(run, name);
    if (name == "plan" || name == "success" || value.is_array() || text.empty()) continue;
    fixed += fmt::format("{}{} {}", fixed.empty() ? "" : ", ", escaped(name), escaped(text));
  }
  return fmt::format(
      "A grid of runs of <code>ravine sense</code>: {}, {} at each point; {} cells. {}.",
      axes_text(found), found.trials == 1.0 ? "one run" : count_text(found.trials) + " seeds",
      count_text(found.cells), fixed.empty() ? "All else by default" : "Fixed: " + fixed);
}

std::string map_table(const SweepMap& map) {
  HtmlTable table;
  table.caption = "Where half of the runs succeed";
  table.header = {escaped(map.rows->symbol),
                  fmt::format("{} at 50 %", escaped(map.columns->symbol))};
  const bool counted = !map.parameters.empty();
  if (counted) {
    table.header.push_back("degrees of freedom, same unit");
    table.header.push_back("times the degrees of freedom");
  }
  for (std::size_t row = 0; row < map.rows->size(); ++row) {
    std::vector<std::string> cells{power_text(map.rows->values[row]), number_text(map.half[row])};
    if (counted) {
      cells.push_back(number_text(map.parameters[row]));
      cells.push_back(number_text(map.half[row] / map.parameters[row]));
    }
    table.rows.push_back(std::move(cells));
  }
  return html_of(table);
}

std::string curves_table(const SweepFindings& found, const SweepCurves& curves) {
  HtmlTable table;
  table.caption = fmt::format(
      "Medians over the seeds: relative error at the end; in brackets the "
      "iterations to {}",
      power_text(found.success));
  table.header = {escaped(curves.x->symbol)};
  for (const SweepCurve& curve : curves.curves) {
    table.header.push_back(curve.name.empty() ? "relative error" : escaped(curve.name));
  }
  for (std::size_t i = 0; i < curves.x->size(); ++i) {
    std::vector<std::string> cells{power_text(curves.x->values[i])};
    for (const SweepCurve& curve : curves.curves) {
      const SweepPoint& point = *curve.points[i];
      cells.push_back(fmt::format("{} ({})", number_text(median(point.errors), 2),
                                  count_text(point.median_iterations(0.5))));
    }
    table.rows.push_back(std::move(cells));
  }
  return html_of(table);
}

}  // namespace

Section sweep_section(const RunRecord& run) {
  const SweepFindings found = sweep_findings(run);
  Section section;
  section.title = fmt::format("Sweep: {}", run.name());
  section.question = "Where in this grid do runs find the unknown matrix, and how fast?";
  section.headline = fmt::format("<strong>{} of {}</strong> runs succeed",
                                 count_text(found.succeeded), count_text(found.cells_done));
  section.setup = setup_text(run, found);
  section.findings = sentences_of(run, found);
  if (const auto map = sweep_map(run, found)) section.tables.push_back(map_table(*map));
  if (const auto curves = sweep_curves(run, found)) {
    section.tables.push_back(curves_table(found, *curves));
  }
  return section;
}

}  // namespace ravine::report
