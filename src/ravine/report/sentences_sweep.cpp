#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/line_fit.hpp"
#include "ravine/base/median.hpp"
#include "ravine/report/findings_sweep.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/power_law.hpp"

namespace ravine::report {

namespace {

std::string totals_sentence(const SweepFindings& found) {
  std::string sentence = fmt::format(
      "<strong>{} of {}</strong> runs end with a relative error of at most {}: a success.",
      count_text(found.succeeded), count_text(found.cells_done), power_text(found.success));
  if (found.diverged > 0.0) {
    sentence += fmt::format(" {} diverged.", count_text(found.diverged));
  }
  return sentence;
}

// Where half of the runs succeed, over the rows that have such a place.
std::string half_sentence(const SweepMap& map) {
  std::vector<double> found;
  std::string list;
  for (std::size_t row = 0; row < map.half.size(); ++row) {
    if (std::isnan(map.half[row])) continue;
    found.push_back(map.half[row]);
    list += fmt::format("{}{} at {} = {}", list.empty() ? "" : ", ", number_text(map.half[row]),
                        escaped(map.rows->symbol), power_text(map.rows->values[row]));
  }
  if (found.empty()) return "At no row of the map do the runs pass from failure to success.";
  const auto [low, high] = std::ranges::minmax_element(found);
  return fmt::format(
      "<strong>Half of the runs succeed at {} between {} and {}</strong>, by a fit that never "
      "falls: {}.",
      escaped(map.columns->symbol), number_text(*low), number_text(*high), list);
}

std::string freedom_sentence(const SweepMap& map) {
  std::vector<double> ratios;
  for (std::size_t row = 0; row < map.half.size(); ++row) {
    const double ratio = map.half[row] / map.parameters[row];
    if (std::isfinite(ratio)) ratios.push_back(ratio);
  }
  if (ratios.empty()) return {};
  const auto [low, high] = std::ranges::minmax_element(ratios);
  return fmt::format(
      "A symmetric <i>d</i> × <i>d</i> matrix of rank <i>r</i> has <i>dr</i> − <i>r</i>(<i>r</i> − "
      "1)/2 degrees of freedom; no method recovers it from fewer measurements. Here one run in two "
      "succeeds with <strong>{} to {} times</strong> as many measurements (median {}).",
      number_text(*low), number_text(*high), number_text(median(ratios)));
}

/// What smaller starts cost.
struct AlphaCost {
  double from;        // the alpha of the quickest start; larger ones come slowly to a worse end
  double per_decade;  // more iterations to success for each tenth of it, by least squares
};

AlphaCost cost_of(const SweepCurves& curves, const SweepCurve& curve) {
  AlphaCost cost{NAN, NAN};
  double fewest = INFINITY;
  std::vector<double> log_alpha, iterations;
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    log_alpha.push_back(std::log10(curves.x->values[i]));
    iterations.push_back(curve.points[i]->median_iterations(1.0));
    if (!(iterations.back() < fewest)) continue;
    fewest = iterations.back();
    cost = {curves.x->values[i], -fit_line(log_alpha, iterations).slope};
  }
  return cost;
}

std::string error_clause(const SweepCurves& curves, const SweepCurve& curve) {
  std::vector<double> errors;
  for (const SweepPoint* point : curve.points) errors.push_back(median(point->errors));
  const auto law = power_law(curves.x->values, std::move(errors));
  if (!law) return "he final error is no power of <i>α</i>";
  return fmt::format("he final error goes as <i>α</i> to the power <strong>{} ± {}</strong>",
                     fixed_text(law->exponent, 2), fixed_text(law->margin, 2));
}

std::string alpha_sentence(const SweepCurves& curves, const SweepCurve& curve, double success) {
  const AlphaCost cost = cost_of(curves, curve);
  std::string sentence = fmt::format("{}{}{}", escaped(curve.name),
                                     curve.name.empty() ? "T" : ": t", error_clause(curves, curve));
  if (cost.per_decade > 0.0) {
    sentence += fmt::format(
        ", and below {} each tenth of <i>α</i> costs <strong>{}</strong> more iterations to a "
        "relative error of {}",
        number_text(cost.from, 2), number_text(cost.per_decade, 2), power_text(success));
  }
  return sentence + " (least squares).";
}

std::string best_sentence(const SweepCurves& curves, const SweepCurve& curve) {
  const auto error = [](const SweepPoint* point) { return median(point->errors); };
  const auto best = std::ranges::min_element(curve.points, {}, error);
  return fmt::format(
      "{}{}he smallest median error, {}, is at {} = {}.", escaped(curve.name),
      curve.name.empty() ? "T" : ": t", number_text(error(*best), 2), escaped(curves.x->symbol),
      power_text(curves.x->values[static_cast<std::size_t>(best - curve.points.begin())]));
}

}  // namespace

std::vector<std::string> sentences_of(const RunRecord& run, const SweepFindings& found) {
  if (found.cells_done == 0.0) return {"No run was finished."};
  std::vector<std::string> sentences{totals_sentence(found)};
  if (const auto map = sweep_map(run, found)) {
    sentences.push_back(half_sentence(*map));
    if (!map->parameters.empty()) sentences.push_back(freedom_sentence(*map));
  } else if (const auto curves = sweep_curves(run, found)) {
    for (const SweepCurve& curve : curves->curves) {
      sentences.push_back(curves->x->option == "alpha"
                              ? alpha_sentence(*curves, curve, found.success)
                              : best_sentence(*curves, curve));
    }
  } else {
    sentences.push_back("sweep.csv has every run; figures are drawn of one or two axes.");
  }
  std::erase(sentences, std::string());
  return sentences;
}

}  // namespace ravine::report
