#include "ravine/report/findings_landscape.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"

namespace ravine::report {

namespace {

using Points = std::vector<PointFindings>;

// A minimum is at X* within this of its largest eigenvalue, and fits the measurements when its loss
// is below this share of the largest of any point.
constexpr double kAtTruth = 1e-3;
constexpr double kZeroLoss = 1e-9;

Points points_with(const Points& points, const auto& wanted) {
  Points chosen;
  std::ranges::copy_if(points, std::back_inserter(chosen), wanted);
  return chosen;
}

double largest_of(const Points& points, double PointFindings::*value) {
  double largest = 0.0;
  for (const PointFindings& point : points) largest = std::fmax(largest, point.*value);
  return largest;
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
  if (saddle.expected_verdict == "minimum") {
    return sentence +
           ". Along its eigenvector the loss falls, but descent ended there: its "
           "gradient was within the tolerance.";
  }
  return sentence + ". Along its eigenvector the loss falls, so descent does not stay there.";
}

std::string minimum_sentence(const std::string& kind, const Points& minima) {
  double lowest = INFINITY;
  for (const PointFindings& point : minima) lowest = std::min(lowest, point.smallest_eigenvalue);
  return fmt::format(
      "For the {} loss, {} {} <strong>minima</strong>: the smallest Hessian eigenvalue among them "
      "is {}, and none is farther than {} from the truth.",
      kind, names_of(minima), minima.size() == 1 ? "is one of the" : "are", number_text(lowest, 4),
      number_text(largest_of(minima, &PointFindings::distance_to_truth), 2));
}

// Minima that are not the truth, with the loss that they share.
std::string other_minima_sentence(const LandscapeFindings& found, const std::string& kind,
                                  const Points& minima, bool fit) {
  if (minima.empty()) return {};
  const std::string are = minima.size() == 1 ? "is a minimum" : "are minima";
  const std::string distance =
      number_text(largest_of(minima, &PointFindings::distance_to_truth), 2);
  if (fit) {
    return fmt::format(
        "For the {} loss, {} {} <strong>other than <i>X</i>*</strong>, up to {} away from it, "
        "though the loss there is zero (at most {}): {} measurements do not determine <i>X</i>*, "
        "even among matrices of its rank.",
        kind, names_of(minima), are, distance,
        number_text(largest_of(minima, &PointFindings::loss), 2), count_text(found.measurements));
  }
  return fmt::format(
      "For the {} loss, {} {} <strong>other than <i>X</i>*</strong>, up to {} away from it, where "
      "the loss is up to {} and not zero: spurious local minima, which theory rules out where "
      "there are enough measurements.",
      kind, names_of(minima), are, distance,
      number_text(largest_of(minima, &PointFindings::loss), 2));
}

void add_minima(const LandscapeFindings& found, const std::string& kind,
                std::vector<std::string>& sentences) {
  const Points here = points_with(found.points, [&](const auto& p) { return p.loss_kind == kind; });
  const Points minima =
      points_with(here, [](const auto& p) { return p.verdict == "minimum" && !p.is_unfinished(); });
  const auto at_truth = [&](const PointFindings& p) {
    return !(p.distance_to_truth > kAtTruth * found.sigma_1);
  };
  const double zero = kZeroLoss * largest_of(here, &PointFindings::loss);
  const Points near = points_with(minima, at_truth);
  if (!near.empty()) sentences.push_back(minimum_sentence(kind, near));
  for (const bool fit : {true, false}) {
    const Points others =
        points_with(minima, [&](const auto& p) { return !at_truth(p) && (p.loss <= zero) == fit; });
    sentences.push_back(other_minima_sentence(found, kind, others, fit));
  }
}

std::string unfinished_sentence(const std::string& kind, const PointFindings& point) {
  return fmt::format(
      "For the {} loss, {} <strong>{}</strong> before it converged: its gradient norm was still "
      "{} and its loss {}. Where it ended is not yet a critical point.",
      kind, escaped(point.point), ending_words(point), number_text(point.gradient_norm, 2),
      number_text(point.loss, 2));
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
    if (point.loss_kind != kind || point.is_unfinished()) continue;
    const double scale =
        std::max(std::abs(point.expected_smallest), std::abs(point.expected_largest));
    largest =
        std::fmax(largest, std::fmax(std::abs(point.smallest_eigenvalue - point.expected_smallest),
                                     std::abs(point.largest_eigenvalue - point.expected_largest)) /
                               scale);
  }
  return largest;
}

// Tells every point of a descent how that ended.
void find_endings(const RunRecord& run, LandscapeFindings& found) {
  if (!run.has("/results/descents")) return;
  for (std::size_t i = 0; i < run.array("/results/descents").size(); ++i) {
    const std::string at = fmt::format("/results/descents/{}", i);
    for (PointFindings& point : found.points) {
      if (point.loss_kind != run.text(at + "/loss_kind")) continue;
      if (point.point == run.text(at + "/point")) point.ended = run.text(at + "/termination");
    }
  }
}

}  // namespace

std::string ending_words(const PointFindings& point) {
  if (point.ended == "max_steps") return "reached the iteration limit";
  return point.ended == "interrupted" ? "was interrupted" : escaped(point.ended);
}

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
    found.points.push_back({kinds[i],
                            names[i],
                            loss[i],
                            gradient[i],
                            smallest[i],
                            largest[i],
                            expected_smallest[i],
                            expected_largest[i],
                            verdicts[i],
                            expected_verdicts[i],
                            distance[i],
                            agrees[i] == "yes",
                            {}});
    if (found.points.back().agrees) ++found.agreeing;
  }
  if (run.has("/configuration/true-rank")) found.true_rank = run.number("/configuration/true-rank");
  found.sigma_1 = run.number_if_any("/results/sigma_1");
  found.measurements = run.number_if_any("/configuration/measurements");
  find_endings(run, found);
  found.population_deviation = deviation(found.points, "population");
  found.sampled_deviation = deviation(found.points, "sampled");
  return found;
}

std::vector<std::string> sentences_of(const LandscapeFindings& found) {
  std::vector<std::string> sentences;
  for (const std::string kind : {"population", "sampled"}) {
    for (const PointFindings& point : found.points) {
      if (point.loss_kind != kind || point.is_unfinished()) continue;
      if (point.verdict == "strict saddle") sentences.push_back(saddle_sentence(kind, point));
    }
    add_minima(found, kind, sentences);
    for (const PointFindings& point : found.points) {
      if (point.loss_kind != kind || !point.is_unfinished()) continue;
      sentences.push_back(unfinished_sentence(kind, point));
    }
  }
  std::erase(sentences, std::string());
  sentences.push_back(agreement_sentence(found));
  if (found.agreeing == found.points.size()) sentences.push_back(conclusion(found.true_rank));
  return sentences;
}

}  // namespace ravine::report
