#include "ravine/report/checks.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"

namespace ravine::report {

namespace {

struct Check {
  std::string experiment;
  std::string run;
  std::string what;
  std::string expected;
  std::string measured;
  bool holds = false;
};

// A value of a check is a number or a text that says more ("0.0975 to 0.0977").
std::string value_text(const RunRecord& run, const std::string& pointer) {
  const Json::json_pointer place(pointer);
  const Json& manifest = run.manifest();
  if (manifest.contains(place) && manifest.at(place).is_string()) return run.text(pointer);
  return power_text(run.number(pointer));
}

std::vector<Check> checks_of(const std::vector<RunRecord>& reproductions) {
  std::vector<Check> checks;
  for (const RunRecord& run : reproductions) {
    if (!run.has("/results/checks")) continue;
    for (std::size_t i = 0; i < run.array("/results/checks").size(); ++i) {
      const std::string place = fmt::format("/results/checks/{}", i);
      const Json::json_pointer holds(place + "/holds");
      checks.push_back({run.text(place + "/experiment"), run.text(place + "/run"),
                        run.text(place + "/what"), value_text(run, place + "/expected"),
                        value_text(run, place + "/measured"),
                        run.manifest().contains(holds) && run.manifest().at(holds) == true});
    }
  }
  return checks;
}

}  // namespace

std::string checks_summary(const std::vector<RunRecord>& reproductions) {
  const std::vector<Check> checks = checks_of(reproductions);
  if (checks.empty()) return {};
  const auto holding =
      std::count_if(checks.begin(), checks.end(), [](const Check& check) { return check.holds; });
  return fmt::format("<strong class=\"{}\">{} of {}</strong> <a href=\"#checks\">checks</a> hold.",
                     holding == std::ssize(checks) ? "holds" : "fails", holding, checks.size());
}

std::string checks_html(const std::vector<RunRecord>& reproductions) {
  const std::vector<Check> checks = checks_of(reproductions);
  if (checks.empty()) return {};
  HtmlTable table;
  table.header = {"what", "run", "expected", "measured", "holds"};
  for (const Check& check : checks) {
    table.rows.push_back(
        {escaped(check.what), escaped(check.run), escaped(check.expected), escaped(check.measured),
         check.holds ? "<span class=\"holds\">yes</span>" : "<span class=\"fails\">no</span>"});
  }
  return html_of(table);
}

}  // namespace ravine::report
