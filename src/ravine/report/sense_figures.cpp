#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include <fmt/format.h>

#include "ravine/report/number_text.hpp"
#include "ravine/report/run_figures.hpp"
#include "ravine/report/run_tables.hpp"
#include "ravine/report/sharpness.hpp"

namespace ravine::report {

namespace {

// A final error beyond this is that of a start that diverged; it would squeeze the others flat.
constexpr double kBlownUp = 100.0;

const Axis kIterations{"iteration t", Scale::kLinear, true, {}};

std::string alpha_name(double alpha) { return fmt::format("α = {}", power_text(alpha)); }

LineFigure error_figure(const RunRecord& run, const std::vector<MemberTrace>& traces) {
  LineFigure figure;
  figure.name = "distance";
  figure.title = "Distance from the truth";
  figure.caption =
      "Relative error ‖UUᵀ − X*‖ / ‖X*‖ (Frobenius norms) against the iteration, on a log axis. A "
      "straight line is linear convergence: every iteration takes away the same share of the "
      "error. Where a curve turns flat above the level of rounding, about 10⁻¹⁵, descent has all "
      "but stopped at a matrix that is not X*.";
  Panel panel{"", kIterations, {"relative error", Scale::kLog10, false, {}}, {}, {}};
  for (std::size_t i = 0; i < traces.size(); ++i) {
    panel.series.push_back({alpha_name(traces[i].alpha), traces[i].iteration,
                            traces[i].relative_error, series_stroke(i, traces.size())});
  }
  if (run.has("/results/minimum_norm_relative_error")) {
    panel.references.push_back(
        {"minimum-norm solution", run.number("/results/minimum_norm_relative_error")});
  }
  figure.panels = {std::move(panel)};
  return figure;
}

LineFigure loss_figure(const std::vector<MemberTrace>& traces) {
  LineFigure figure;
  figure.name = "loss";
  figure.title = "Loss";
  figure.caption =
      "The loss f(U), which is all that gradient descent sees, against the iteration on a log "
      "axis. Compare it with the distance from the truth: a loss of zero does not say that the "
      "truth was found.";
  Panel panel{"", kIterations, {"loss f(U)", Scale::kLog10, false, {}}, {}, {}};
  for (std::size_t i = 0; i < traces.size(); ++i) {
    panel.series.push_back({alpha_name(traces[i].alpha), traces[i].iteration, traces[i].loss,
                            series_stroke(i, traces.size())});
  }
  figure.panels = {std::move(panel)};
  return figure;
}

// Those that belong to the rank of X* are blue, those beyond it vermillion and dashed.
Panel spectrum_panel(const MemberSpectrum& spectrum, const std::vector<double>& truth,
                     bool with_title) {
  const std::size_t rank = truth.empty() ? spectrum.value.size() : truth.size();
  Panel panel{with_title ? alpha_name(spectrum.alpha) : "",
              kIterations,
              {"singular value of U", Scale::kLog10, false, {}},
              {},
              {}};
  for (std::size_t k = 0; k < spectrum.value.size(); ++k) {
    const bool wanted = k < rank;
    const std::string name = truth.empty() ? "singular values"
                             : wanted      ? fmt::format("1 to {}: the rank of X*", rank)
                                           : fmt::format("{} and on: beyond the rank", rank + 1);
    panel.series.push_back({name, spectrum.iteration, spectrum.value[k],
                            Stroke{std::string(wanted ? kBlue : kVermillion),
                                   std::string(wanted ? kSolid : kDashed), 1.5}});
  }
  for (const double sigma : truth)
    panel.references.push_back({"square roots of those of X*", std::sqrt(sigma)});
  return panel;
}

LineFigure spectrum_figure(const RunRecord& run, const std::vector<MemberSpectrum>& spectra) {
  const std::vector<double> truth = truth_singular_values(run);
  LineFigure figure;
  figure.name = "singular-values";
  figure.title = "Largest singular values of U";
  figure.caption = "The largest singular values of U against the iteration, on a log axis.";
  if (!truth.empty()) {
    figure.caption +=
        " Where UUᵀ = X*, they are the square roots of the singular values of X* (dotted), and "
        "zero "
        "beyond its rank. From a small start the wanted ones grow one after the other, the largest "
        "first.";
  }
  const bool any_beyond = std::any_of(spectra.begin(), spectra.end(), [&](const auto& spectrum) {
    return !truth.empty() && spectrum.value.size() > truth.size();
  });
  if (any_beyond)
    figure.caption += " Then look at how far those beyond the rank rise from their start.";
  for (const MemberSpectrum& spectrum : spectra) {
    figure.panels.push_back(spectrum_panel(spectrum, truth, spectra.size() > 1));
  }
  figure.columns = columns_for(spectra.size());
  figure.panel_height = spectra.size() <= 1 ? 280.0 : 200.0;
  return figure;
}

// A column of a table over the iterations, a curve for each alpha, of the rows that `wanted` takes.
template <class Wanted>
Panel panel_by_alpha(const CsvTable& table, const std::string& column, Panel panel, Wanted wanted) {
  const std::vector<double> iteration = table.numbers("iteration");
  const std::vector<double> value = table.numbers(column);
  const std::vector<double> alpha = table.numbers("alpha");
  const std::vector<RowGroup> groups = rows_by(table, "alpha");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    RowGroup group = groups[i];
    std::erase_if(group.rows, [&](std::size_t row) { return !wanted(row); });
    panel.series.push_back({alpha_name(alpha[groups[i].rows.front()]), pick(iteration, group),
                            pick(value, group), series_stroke(i, groups.size())});
  }
  return panel;
}

// `of_truth`: that of X* itself, NaN where it is not known.
Panel rank_panel(const RunRecord& run, const std::string& column, const std::string& title,
                 double of_truth) {
  Panel panel = panel_by_alpha(
      run.table("effective_rank.csv"), column,
      {title, kIterations, {"effective rank of U", Scale::kLog10, false, {}}, {}, {}},
      [](std::size_t) { return true; });
  if (std::isfinite(of_truth)) panel.references.push_back({"that of X* itself", of_truth});
  return panel;
}

LineFigure rank_figure(const RunRecord& run) {
  LineFigure figure;
  figure.name = "effective-rank";
  figure.title = "Effective rank of U";
  figure.caption =
      "How many singular values of U matter, counted in two ways: the entropy rank weighs all of "
      "them, the stable rank counts against the largest.";
  const std::vector<double> truth = truth_singular_values(run);
  if (!truth.empty()) {
    figure.caption +=
        " Dotted: that of X* itself, which U has where UUᵀ = X*. It is the rank of X* only where "
        "all its singular values are equal, else less.";
  }
  const bool has_more =
      run.number_if_any("/configuration/rank") > static_cast<double>(truth.size());
  const bool is_underdetermined =
      run.number_if_any("/configuration/measurements") < run.number("/results/unknowns");
  if (!truth.empty() && has_more && is_underdetermined) {
    figure.caption +=
        " A start of more directions that collapses to those of X* is implicit regularisation at "
        "work; nothing in the loss asks for it.";
  }
  const EffectiveRank of_truth = truth_effective_rank(run);
  figure.panels = {rank_panel(run, "entropy_rank", "entropy rank", of_truth.entropy),
                   rank_panel(run, "stable_rank", "stable rank", of_truth.stable)};
  figure.columns = 2;
  figure.panel_height = 240.0;
  return figure;
}

LineFigure alignment_figure(const RunRecord& run) {
  LineFigure figure;
  figure.name = "alignment";
  figure.title = "Where U points, and how large it is";
  figure.caption =
      "Left: the largest principal angle between the leading left singular vectors of U, as many "
      "as "
      "X* has eigenvectors, and those eigenvectors; 0 is the same subspace, π/2 ≈ 1.57 is a "
      "direction that is missed. Right: the nuclear norm of UUᵀ, the sum of its eigenvalues, "
      "against that of X*. Both on log axes.";
  const CsvTable& angles = run.table("alignment.csv");
  const CsvTable& norms = run.table("effective_rank.csv");
  const std::vector<double> index = angles.numbers("index");
  const double last = index.empty() ? 0.0 : *std::ranges::max_element(index);
  figure.panels = {
      panel_by_alpha(
          angles, "angle",
          {"largest angle to X*, radians", kIterations, {"", Scale::kLog10, false, {}}, {}, {}},
          [&](std::size_t row) { return index[row] == last; }),
      panel_by_alpha(norms, "nuclear_norm",
                     {"nuclear norm of UUᵀ", kIterations, {"", Scale::kLog10, false, {}}, {}, {}},
                     [](std::size_t) { return true; })};
  const std::vector<double> truth = truth_singular_values(run);
  figure.panels.back().references.push_back(
      {"of X*", std::accumulate(truth.begin(), truth.end(), 0.0)});
  figure.columns = 2;
  figure.same_y = false;
  figure.panel_height = 240.0;
  return figure;
}

// One curve over alpha, in ascending order.
Series series_over_alpha(std::string name, std::vector<double> alpha, std::vector<double> value,
                         std::string_view colour, std::string_view dash) {
  std::vector<std::size_t> order(alpha.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return alpha[a] < alpha[b]; });
  const RowGroup sorted{"", std::move(order)};
  return {std::move(name), pick(alpha, sorted), pick(value, sorted),
          Stroke{std::string(colour), std::string(dash)}, Marks::kLinesAndDots};
}

Panel final_error_panel(const RunRecord& run, const std::vector<double>& alphas,
                        const std::vector<MemberTrace>& traces) {
  std::vector<double> errors;
  for (const MemberTrace& trace : traces) {
    const double error = trace.relative_error.back();
    errors.push_back(error < kBlownUp ? error : NAN);
  }
  Panel panel{"relative error at the end",
              {"α, the size of the start", Scale::kLog10, false, {}},
              {"", Scale::kLog10, false, {}},
              {series_over_alpha("relative error", alphas, errors, kBlue, kSolid)},
              {}};
  if (run.has("/results/minimum_norm_relative_error")) {
    panel.references.push_back(
        {"minimum-norm solution", run.number("/results/minimum_norm_relative_error")});
  }
  return panel;
}

Panel first_beyond_panel(const std::vector<MemberSpectrum>& spectra,
                         const std::vector<double>& alphas, std::size_t rank) {
  std::vector<double> at_start;
  std::vector<double> at_end;
  for (const MemberSpectrum& spectrum : spectra) {
    at_start.push_back(spectrum.value[rank].front());
    at_end.push_back(spectrum.value[rank].back());
  }
  return {fmt::format("singular value {} of U", rank + 1),
          {"α, the size of the start", Scale::kLog10, false, {}},
          {"", Scale::kLog10, false, {}},
          {series_over_alpha("at the end", alphas, at_end, kVermillion, kDashed),
           series_over_alpha("at the start", alphas, at_start, kGreen, kDotted)},
          {}};
}

LineFigure alpha_figure(const RunRecord& run, const std::vector<MemberTrace>& traces,
                        const std::vector<MemberSpectrum>& spectra) {
  std::vector<double> alphas;
  for (const MemberTrace& trace : traces) alphas.push_back(trace.alpha);
  LineFigure figure;
  figure.name = "error-by-alpha";
  figure.title = "What the size of the start decides";
  figure.caption =
      "Where descent ends, against the size α of its random start, both on log axes. Left: the "
      "distance from the truth. Right: the first singular value that X* does "
      "not have, at the start and at the end; where the end lies above the start, it has grown.";
  figure.panels = {final_error_panel(run, alphas, traces)};
  const std::size_t rank = truth_singular_values(run).size();
  const bool all_have_more =
      spectra.size() == alphas.size() &&
      std::all_of(spectra.begin(), spectra.end(),
                  [&](const MemberSpectrum& spectrum) { return spectrum.value.size() > rank; });
  if (all_have_more) figure.panels.push_back(first_beyond_panel(spectra, alphas, rank));
  figure.columns = figure.panels.size();
  figure.same_y = false;
  return figure;
}

}  // namespace

std::vector<FigureScript> sense_figures(const RunRecord& run) {
  const std::vector<MemberTrace> traces = member_traces(run);
  const bool truth_known = !traces.empty() && !traces.front().relative_error.empty();
  std::vector<FigureScript> figures;
  if (truth_known) figures.push_back(script_of(error_figure(run, traces)));
  figures.push_back(script_of(loss_figure(traces)));
  const std::vector<MemberSpectrum> spectra = member_spectra(run);
  if (!spectra.empty()) {
    figures.push_back(script_of(spectrum_figure(run, spectra)));
    figures.push_back(script_of(rank_figure(run)));
    if (run.has_table("alignment.csv")) figures.push_back(script_of(alignment_figure(run)));
  }
  if (truth_known && traces.size() > 1)
    figures.push_back(script_of(alpha_figure(run, traces, spectra)));
  std::ranges::move(theory_figures(run), std::back_inserter(figures));
  if (has_sharpness(run)) figures.push_back(script_of(sharpness_figure(run)));
  return figures;
}

}  // namespace ravine::report
