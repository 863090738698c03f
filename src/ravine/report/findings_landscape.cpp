#include "ravine/report/findings_landscape.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"

namespace ravine::report {

namespace {

using Points = std::vector<PointFindings>;

Points points_with(const Points& points, const std::string& kind, const std::string& verdict) {
  Points chosen;
  for (const PointFindings& point : points) {
    if (point.loss_kind == kind && point.verdict == verdict) chosen.push_back(point);
  }
  return chosen;
}

std::string names_of(const Points& points) {
  std::string names;
  for (std::size_t i = 0; i < points.size(); ++i) {
    names += fmt::format("{}{}", i == 0 ? "" : ", ", escaped(with_minus_sign(points[i].point)));
  }
  return names;
}

std::string saddle_sentence(const std::string& kind, const PointFindings& saddle) {
  std::string sentence = fmt::format(
      "For the {} loss, the point {} is a <strong>strict saddle</strong>: its gradient vanishes "
      "(norm {}), but the smallest eigenvalue of the Hessian is {}",
      kind, escaped(with_minus_sign(saddle.point)), number_text(saddle.gradient_norm, 2),
      number_text(saddle.smallest_eigenvalue, 4));
  if (std::isfinite(saddle.expected_smallest)) {
    sentence += fmt::format(" (theory: {})", number_text(saddle.expected_smallest, 4));
  }
  return sentence + ". Along its eigenvector the loss falls, so descent does not stay there.";
}

std::string minimum_sentence(const std::string& kind, const Points& minima) {
  double lowest = INFINITY;
  double farthest = 0.0;
  for (const PointFindings& point : minima) {
    lowest = std::min(lowest, point.smallest_eigenvalue);
    farthest = std::max(farthest, point.distance_to_truth);
  }
  return fmt::format(
      "For the {} loss, {} {} <strong>minima</strong>: the smallest Hessian eigenvalue among them "
      "is {}, and none is farther than {} from the truth.",
      kind, names_of(minima), minima.size() == 1 ? "is one of the" : "are", number_text(lowest, 4),
      number_text(farthest, 2));
}

std::string agreement_sentence(const LandscapeFindings& found) {
  return fmt::format(
      "<strong>{} of {}</strong> points are what theory says: their kind, their eigenvalues, and a "
      "minimum's distance from the truth. Relative to the larger "
      "eigenvalue of a point, measured and expected ones differ by at most {} for the population "
      "loss, and by {} for the sampled loss, whose measurements are random.",
      found.agreeing, found.points.size(), number_text(found.population_deviation, 2),
      number_text(found.sampled_deviation, 2));
}

std::string conclusion(double true_rank) {
  const bool rank_one = true_rank == 1.0;
  return fmt::format(
      "The conclusion to draw: {} critical points <em>and</em> second-order stationary points, in "
      "fact the global minima; {} not second-order stationary. Hence every second-order "
      "stationary point is a global minimum.",
      rank_one ? "±<i>u</i>* are" : "the <i>U</i> with <i>UU</i><sup>T</sup> = <i>X</i>* are",
      rank_one ? "0 is the critical point that is"
               : "0 and the saddles between it and the truth are critical points that are");
}

double deviation(const Points& points, std::string_view kind) {
  double largest = NAN;
  for (const PointFindings& point : points) {
    if (point.loss_kind != kind) continue;
    const double scale =
        std::max(std::abs(point.expected_smallest), std::abs(point.expected_largest));
    largest =
        std::fmax(largest, std::fmax(std::abs(point.smallest_eigenvalue - point.expected_smallest),
                                     std::abs(point.largest_eigenvalue - point.expected_largest)) /
                               scale);
  }
  return largest;
}

}  // namespace

LandscapeFindings landscape_findings(const RunRecord& run) {
  const CsvTable& table = run.table("points.csv");
  const auto kinds = table.texts("loss_kind");
  const auto names = table.texts("point");
  const auto verdicts = table.texts("verdict");
  const auto expected_verdicts = table.texts("expected_verdict");
  const auto loss = table.numbers("loss");
  const auto gradient = table.numbers("gradient_norm");
  const auto smallest = table.numbers("smallest_eigenvalue");
  const auto largest = table.numbers("largest_eigenvalue");
  const auto expected_smallest = table.numbers("expected_smallest");
  const auto expected_largest = table.numbers("expected_largest");
  const auto distance = table.numbers("distance_to_truth");
  const auto agrees = table.texts("agrees");
  LandscapeFindings found;
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    found.points.push_back({kinds[i], names[i], loss[i], gradient[i], smallest[i], largest[i],
                            expected_smallest[i], expected_largest[i], verdicts[i],
                            expected_verdicts[i], distance[i], agrees[i] == "yes"});
    if (found.points.back().agrees) ++found.agreeing;
  }
  if (run.has("/configuration/true-rank")) found.true_rank = run.number("/configuration/true-rank");
  found.population_deviation = deviation(found.points, "population");
  found.sampled_deviation = deviation(found.points, "sampled");
  return found;
}

std::vector<std::string> sentences_of(const LandscapeFindings& found) {
  std::vector<std::string> sentences;
  for (const std::string kind : {"population", "sampled"}) {
    for (const PointFindings& saddle : points_with(found.points, kind, "strict saddle")) {
      sentences.push_back(saddle_sentence(kind, saddle));
    }
    const Points minima = points_with(found.points, kind, "minimum");
    if (!minima.empty()) sentences.push_back(minimum_sentence(kind, minima));
  }
  sentences.push_back(agreement_sentence(found));
  if (found.agreeing == found.points.size()) sentences.push_back(conclusion(found.true_rank));
  return sentences;
}

}  // namespace ravine::report
