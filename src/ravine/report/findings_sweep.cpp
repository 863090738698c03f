#include "ravine/report/findings_sweep.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "ravine/base/median.hpp"
#include "ravine/base/monotone_fit.hpp"
#include "ravine/report/number_text.hpp"

namespace ravine::report {

namespace {

constexpr std::size_t kFewestForMap = 3;

struct OptionWords {
  std::string_view option;
  std::string_view symbol;
  std::string_view label;
};

constexpr std::array kWords{
    OptionWords{"alpha", "α", "α, the size of the start"},
    OptionWords{"condition-number", "κ", "condition number κ of X*"},
    OptionWords{"dimension", "d", "dimension d"},
    OptionWords{"learning-rate", "η", "learning rate η"},
    OptionWords{"measurements", "m", "measurements m"},
    OptionWords{"noise", "s", "noise, standard deviation s"},
    OptionWords{"rank", "R", "columns R of U"},
    OptionWords{"step", "c", "step c"},
    OptionWords{"true-rank", "r", "rank r of X*"},
};

std::string symbol_of(const std::string& option) {
  const auto* found = std::ranges::find(kWords, option, &OptionWords::option);
  return found == kWords.end() ? option : std::string(found->symbol);
}

std::string label_of(const std::string& option) {
  const auto* found = std::ranges::find(kWords, option, &OptionWords::option);
  return found == kWords.end() ? option : std::string(found->label);
}

// " / (d r)"
std::string divisor_text(const std::vector<std::string>& of) {
  std::string product;
  for (const std::string& name : of) {
    product += fmt::format("{}{}", product.empty() ? "" : " ", symbol_of(name));
  }
  if (of.size() > 1) product = fmt::format("({})", product);
  return of.empty() ? "" : " / " + product;
}

double number_or_nan(const std::string& text) {
  double value = NAN;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? value : NAN;
}

SweepAxis read_axis(const RunRecord& run, const std::string& place, const CsvTable& table) {
  SweepAxis axis;
  axis.option = run.text(place + "/option");
  for (std::size_t i = 0; i < run.array(place + "/of").size(); ++i) {
    axis.of.push_back(run.text(fmt::format("{}/of/{}", place, i)));
  }
  axis.symbol = symbol_of(axis.option) + divisor_text(axis.of);
  axis.label = label_of(axis.option) + divisor_text(axis.of);
  for (const std::string& text : table.texts(run.text(place + "/column"))) {
    if (std::ranges::find(axis.names, text) == axis.names.end()) axis.names.push_back(text);
  }
  const bool numbers = std::ranges::none_of(
      axis.names, [](const std::string& name) { return std::isnan(number_or_nan(name)); });
  if (!numbers) return axis;
  std::ranges::sort(axis.names, {}, number_or_nan);
  for (const std::string& name : axis.names) axis.values.push_back(number_or_nan(name));
  return axis;
}

// For each row of the table, which of its axis' values it has.
std::vector<std::size_t> places_of(const std::vector<std::string>& texts, const SweepAxis& axis) {
  std::vector<std::size_t> places;
  for (const std::string& text : texts) {
    places.push_back(
        static_cast<std::size_t>(std::ranges::find(axis.names, text) - axis.names.begin()));
  }
  return places;
}

void read_points(const CsvTable& table, const std::vector<std::string>& columns,
                 SweepFindings& found) {
  std::vector<std::size_t> point(table.row_count(), 0);
  std::size_t count = 1;
  for (std::size_t a = 0; a < columns.size(); ++a) {
    const std::vector<std::size_t> places = places_of(table.texts(columns[a]), found.axes[a]);
    for (std::size_t row = 0; row < point.size(); ++row) {
      point[row] = point[row] * found.axes[a].size() + places[row];
    }
    count *= found.axes[a].size();
  }
  found.points.resize(count);
  const std::vector<double> errors = table.numbers("relative_error");
  const std::vector<double> success = table.numbers("success");
  const std::vector<double> iterations = table.numbers("iterations_to_success");
  for (std::size_t row = 0; row < point.size(); ++row) {
    SweepPoint& to = found.points[point[row]];
    to.errors.push_back(std::isnan(errors[row]) ? INFINITY : errors[row]);
    if (!std::isnan(iterations[row])) to.iterations.push_back(iterations[row]);
    to.succeeded += success[row];
    found.trials = std::max(found.trials, to.trials());
  }
}

bool fits_map(const SweepAxis& axis) {
  return axis.is_numeric() && axis.size() >= kFewestForMap && axis.option != "alpha";
}

// d r - r (r - 1) / 2, the dimension of the symmetric matrices of rank r, in units of the columns:
// measurements, or multiples of d r.
std::vector<double> degrees_of_freedom(const RunRecord& run, const SweepMap& map) {
  const bool by_rank = map.rows->option == "true-rank" && map.columns->option == "measurements";
  const std::string dimension = "/configuration/dimension";
  if (!by_rank || !run.has(dimension) ||
      !run.manifest().at(Json::json_pointer(dimension)).is_number()) {
    return {};
  }
  const std::vector<std::string>& of = map.columns->of;
  const bool per_size = of == std::vector<std::string>{"dimension", "true-rank"};
  if (!of.empty() && !per_size) return {};
  const double d = run.number(dimension);
  std::vector<double> counts;
  for (const double r : map.rows->values) {
    counts.push_back((d * r - r * (r - 1.0) / 2.0) / (per_size ? d * r : 1.0));
  }
  return counts;
}

}  // namespace

double SweepPoint::median_iterations(double share) const {
  const auto reached = static_cast<double>(iterations.size());
  return reached >= share * trials() ? median(iterations) : NAN;
}

const SweepAxis* SweepFindings::axis(const std::string& option) const {
  const auto found = std::ranges::find(axes, option, &SweepAxis::option);
  return found == axes.end() ? nullptr : &*found;
}

SweepFindings sweep_findings(const RunRecord& run) {
  SweepFindings found;
  found.success = run.number("/configuration/success");
  found.cells = run.number("/results/cells");
  found.cells_done = run.number("/results/cells_done");
  found.succeeded = run.number("/results/succeeded");
  found.diverged = run.number("/results/diverged");
  const CsvTable& table = run.table("sweep.csv");
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < run.array("/results/axes").size(); ++i) {
    const std::string place = fmt::format("/results/axes/{}", i);
    SweepAxis axis = read_axis(run, place, table);
    if (axis.option == "seed" || axis.size() < 2) continue;
    found.axes.push_back(std::move(axis));
    columns.push_back(run.text(place + "/column"));
  }
  read_points(table, columns, found);
  return found;
}

std::optional<SweepMap> sweep_map(const RunRecord& run, const SweepFindings& found) {
  if (found.axes.size() != 2 || !fits_map(found.axes[0]) || !fits_map(found.axes[1])) return {};
  // Multiples of others, and else the second axis, go along x.
  const bool turned = !found.axes[0].of.empty() || found.axes[0].option == "measurements";
  SweepMap map{&found.axes[turned ? 1 : 0], &found.axes[turned ? 0 : 1], {}, {}, {}};
  for (std::size_t row = 0; row < map.rows->size(); ++row) {
    map.points.emplace_back();
    std::vector<double> shares, weights;
    for (std::size_t column = 0; column < map.columns->size(); ++column) {
      const std::size_t place =
          turned ? column * map.rows->size() + row : row * map.columns->size() + column;
      map.points.back().push_back(&found.points[place]);
      shares.push_back(found.points[place].success_share());
      weights.push_back(found.points[place].trials());
    }
    map.half.push_back(rising_crossing(map.columns->values, shares, weights, 0.5));
  }
  map.parameters = degrees_of_freedom(run, map);
  return map;
}

std::optional<SweepCurves> sweep_curves(const RunRecord& run, const SweepFindings& found) {
  if (found.axes.empty() || found.axes.size() > 2 || sweep_map(run, found)) return {};
  const auto rank = [](const SweepAxis& axis) {
    if (!axis.is_numeric()) return std::size_t{0};
    return axis.option == "alpha" ? std::numeric_limits<std::size_t>::max() : axis.size();
  };
  const auto x = std::ranges::max_element(found.axes, {}, rank);
  if (!x->is_numeric()) return {};
  const bool x_first = x == found.axes.begin();
  const SweepAxis* other = found.axes.size() == 2 ? &found.axes[x_first ? 1 : 0] : nullptr;
  SweepCurves curves{&*x, other, {}};
  for (std::size_t k = 0; k < (other ? other->size() : 1); ++k) {
    SweepCurve curve;
    if (other) {
      curve.name = other->is_numeric()
                       ? fmt::format("{} = {}", other->symbol, power_text(other->values[k]))
                       : other->names[k];
    }
    for (std::size_t i = 0; i < x->size(); ++i) {
      const std::size_t place = other == nullptr ? i
                                : x_first        ? i * other->size() + k
                                                 : k * x->size() + i;
      curve.points.push_back(&found.points[place]);
    }
    curves.curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace ravine::report
