#include "ravine/report/sharpness.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/report/number_text.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

bool is_network(const RunRecord& run) { return run.kind() == "train"; }

std::string where_of(const RunRecord& run) { return is_network(run) ? "step" : "iteration"; }

// The rows of each start; of a network all of them.
std::vector<RowGroup> tracks_of(const RunRecord& run) {
  const CsvTable& table = run.table("sharpness.csv");
  if (!is_network(run)) return rows_by(table, "alpha");
  RowGroup all;
  for (std::size_t row = 0; row < table.row_count(); ++row) all.rows.push_back(row);
  return {all};
}

Panel step_losses(const RunRecord& run) {
  const CsvTable& steps = run.table("steps.csv");
  return {"",
          {"step", Scale::kLinear, true, {}},
          {"loss", Scale::kLog10, false, {}},
          {{"loss of the step", steps.numbers("step"), steps.numbers("loss"),
            Stroke{std::string(kBlack), std::string(kSolid), 1.3}}},
          {}};
}

Panel sharpness_panel(const RunRecord& run) {
  const CsvTable& table = run.table("sharpness.csv");
  const std::vector<double> step = table.numbers(where_of(run)), edge = table.numbers("edge");
  const std::vector<double> sharpness = table.numbers("sharpness");
  Panel panel{"",
              {where_of(run), Scale::kLinear, true, {}},
              {"sharpness", Scale::kLinear, false, {}},
              {},
              {}};
  const std::vector<RowGroup> tracks = tracks_of(run);
  const auto longest =
      std::ranges::max_element(tracks, {}, [](const RowGroup& track) { return track.rows.size(); });
  Series edges{"edge of stability", pick(step, *longest), pick(edge, *longest),
               Stroke{std::string(kGrey), std::string(kDashed), 1.5}};
  if (is_network(run)) {  // to the end of the panel of losses
    edges.x.push_back(run.table("steps.csv").numbers("step").back());
    edges.y.push_back(edges.y.back());
  }
  if (std::isfinite(edges.y.front())) panel.series.push_back(std::move(edges));
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const std::string name = is_network(run)
                                 ? "largest Hessian eigenvalue"
                                 : fmt::format("α = {}", power_text(std::stod(tracks[i].key)));
    panel.series.push_back(
        {name, pick(step, tracks[i]), pick(sharpness, tracks[i]), series_stroke(i, tracks.size())});
  }
  return panel;
}

// `at`: where in the manifest; `of`: whose.
std::string sentence_at(const RunRecord& run, const std::string& at, const std::string& of) {
  std::string sentence =
      fmt::format("The sharpness{}, the largest eigenvalue of the Hessian, goes from {} to {}", of,
                  number_text(run.number(at + "/first")), number_text(run.number(at + "/last")));
  if (!run.has(at + "/edge")) return sentence + ".";
  const double edge = run.number(at + "/edge");
  if (!run.has(at + "/crossed_step")) {
    return sentence + fmt::format("; it stays below the edge of stability, {}.", number_text(edge));
  }
  return sentence +
         fmt::format(
             "; at {} {} it reaches the edge of stability, above which a quadratic would diverge, "
             "and from there on its median is <strong>{} times</strong> the edge, which is {} at "
             "the end.",
             where_of(run), count_text(run.number(at + "/crossed_step")),
             fixed_text(run.number(at + "/settled_ratio"), 3), number_text(edge));
}

}  // namespace

bool has_sharpness(const RunRecord& run) {
  return run.has_table("sharpness.csv") && run.table("sharpness.csv").row_count() > 0;
}

std::vector<std::string> sharpness_sentences(const RunRecord& run) {
  if (!has_sharpness(run)) return {};
  if (is_network(run)) {
    const std::string at = "/results/sharpness";
    return {sentence_at(
        run, at, fmt::format(" on {} training samples", count_text(run.number(at + "/samples"))))};
  }
  std::vector<std::string> sentences;
  for (std::size_t k = 0; k < run.array("/results/members").size(); ++k) {
    const std::string member = fmt::format("/results/members/{}", k);
    if (!run.has(member + "/sharpness/first")) continue;
    sentences.push_back(
        sentence_at(run, member + "/sharpness",
                    fmt::format(" from α = {}", power_text(run.number(member + "/alpha")))));
  }
  return sentences;
}

LineFigure sharpness_figure(const RunRecord& run) {
  LineFigure figure;
  figure.name = "sharpness";
  figure.title = "Sharpness and the edge of stability";
  figure.caption = fmt::format(
      "{} sharpness, the largest eigenvalue of the Hessian of the loss, along the run, and the "
      "edge of stability, the curvature above which the step rule would run away from the minimum "
      "of a quadratic: 2/η for gradient descent. Full-batch descent on a network raises the "
      "sharpness to the edge and then hovers there while the loss, no longer at every step, goes "
      "on falling (Cohen et al. 2021).",
      is_network(run) ? "Above, the loss of every step. Below, the" : "The");
  if (is_network(run)) figure.panels.push_back(step_losses(run));
  figure.panels.push_back(sharpness_panel(run));
  figure.same_y = false;
  figure.panel_height = figure.panels.size() == 1 ? 280.0 : 190.0;
  return figure;
}

}  // namespace ravine::report
