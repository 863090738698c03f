#include "ravine/report/checks.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
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

// What is expected is a range of two numbers, which may be one.
std::string range_text(const RunRecord& run, const std::string& pointer) {
  const std::vector<double> range = run.numbers(pointer);
  if (range.size() != 2) {
    throw DataError(error_text("report", (run.folder() / kManifestFile).string() + ", " + pointer,
                               "two numbers", fmt::format("{}", range.size())));
  }
  if (range[0] == range[1]) return power_text(range[0]);
  return fmt::format("{} to {}", power_text(range[0]), power_text(range[1]));
}

std::vector<Check> checks_of(const std::vector<RunRecord>& reproductions) {
  std::vector<Check> checks;
  for (const RunRecord& run : reproductions) {
    if (!run.has("/results/checks")) continue;
    for (std::size_t i = 0; i < run.array("/results/checks").size(); ++i) {
      const std::string place = fmt::format("/results/checks/{}", i);
      const Json::json_pointer holds(place + "/holds");
      checks.push_back({run.text(place + "/experiment"), run.text(place + "/run"),
                        run.text(place + "/what"), range_text(run, place + "/expected"),
                        power_text(run.number_if_any(place + "/measured")),
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
        {prose(check.what), escaped(check.run), escaped(check.expected), escaped(check.measured),
         check.holds ? "<span class=\"holds\">yes</span>" : "<span class=\"fails\">no</span>"});
  }
  return html_of(table);
}

}  // namespace ravine::report
