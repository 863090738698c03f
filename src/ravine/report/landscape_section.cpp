#include <fmt/format.h>

#include "ravine/report/findings_landscape.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/search_findings.hpp"
#include "ravine/report/section.hpp"

namespace ravine::report {

namespace {

std::string setup_text(const RunRecord& run, const LandscapeFindings& found) {
  const auto count_option = [&](const std::string& name) {
    return count_text(run.number("/configuration/" + name));
  };
  return fmt::format(
      "Hessian eigenvalues from Hessian-vector products at {} points, for the population loss "
      "½‖<i>UU</i><sup>T</sup> − <i>X</i>*‖<sub>F</sub>² and for the loss of one instance: "
      "<i>d</i> = {}, rank {}, <i>m</i> = {} measurements.",
      found.points.size(), count_option("dimension"), count_text(found.true_rank),
      count_option("measurements"));
}

// The verdict may be right where the eigenvalues, or a minimum's distance from the truth, are not.
std::string disagreement(const PointFindings& point) {
  if (point.agrees) return {};
  if (point.is_unfinished()) {
    return fmt::format(" <span class=\"outside\">unfinished: {}</span>", ending_words(point));
  }
  return fmt::format(" <span class=\"outside\">{}not as expected</span>",
                     point.verdict == point.expected_verdict ? "numbers " : "");
}

std::string points_table(const LandscapeFindings& found) {
  HtmlTable table;
  table.caption = "Every point: gradient, extreme eigenvalues of the Hessian (theory in brackets)";
  table.header = {"point",
                  "loss",
                  "gradient norm",
                  "smallest eigenvalue",
                  "largest eigenvalue",
                  "verdict",
                  "distance to truth"};
  const auto with_theory = [](double measured, double expected) {
    return fmt::format("{} ({})", number_text(measured, 4), number_text(expected, 4));
  };
  for (const PointFindings& point : found.points) {
    table.rows.push_back(
        {fmt::format("{}, {}", escaped(with_minus_sign(point.point)), escaped(point.loss_kind)),
         number_text(point.loss, 2), number_text(point.gradient_norm, 2),
         with_theory(point.smallest_eigenvalue, point.expected_smallest),
         with_theory(point.largest_eigenvalue, point.expected_largest),
         fmt::format("{}{}", escaped(point.verdict), disagreement(point)),
         number_text(point.distance_to_truth, 2)});
  }
  return html_of(table);
}

}  // namespace

Section landscape_section(const RunRecord& run) {
  const LandscapeFindings found = landscape_findings(run);
  Section section;
  section.title = fmt::format("Loss landscape: {}", run.name());
  section.question =
      "Which points of the loss are critical, which of those are minima, and which are saddles "
      "that "
      "descent leaves?";
  section.headline = fmt::format("<strong>{} of {}</strong> points are what theory says",
                                 found.agreeing, found.points.size());
  section.setup = setup_text(run, found);
  section.findings = sentences_of(found);
  for (std::string& sentence : search_sentences(run)) {
    section.findings.push_back(std::move(sentence));
  }
  section.tables.push_back(points_table(found));
  if (std::string list = critical_list_table(run); !list.empty()) {
    section.tables.push_back(std::move(list));
  }
  return section;
}

}  // namespace ravine::report
