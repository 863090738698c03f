#include "ravine/report/train_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/report/configuration.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/run_tables.hpp"
#include "ravine/report/slice_figures.hpp"

namespace ravine::report {

namespace {

const Stroke kBefore{std::string(kGrey), std::string(kDashed)};
const Stroke kAfter{std::string(kBlue), std::string(kSolid)};

/// Of some rows, those of one epoch: index and value.
std::pair<std::vector<double>, std::vector<double>> spectrum_at(
    const CsvTable& table, const std::vector<std::size_t>& rows, double epoch,
    const std::string& column) {
  const std::vector<double> epochs = table.numbers("epoch"), index = table.numbers("index");
  const std::vector<double> values = table.numbers(column);
  std::pair<std::vector<double>, std::vector<double>> spectrum;
  for (const std::size_t row : rows) {
    if (epochs[row] != epoch) continue;
    spectrum.first.push_back(index[row]);
    spectrum.second.push_back(values[row]);
  }
  return spectrum;
}

Panel spectrum_panel(const CsvTable& table, const std::vector<std::size_t>& rows,
                     const std::string& title, const std::string& column) {
  Panel panel{title,
              {"index", Scale::kLinear, true, {}},
              {"singular value", Scale::kLog10, false, {}},
              {},
              {}};
  const std::vector<double> epochs = table.numbers("epoch");
  const double last = epochs[rows.back()];
  const auto add = [&](const std::string& name, double epoch, const Stroke& stroke) {
    auto [index, values] = spectrum_at(table, rows, epoch, column);
    panel.series.push_back(
        {name, std::move(index), std::move(values), stroke, Marks::kLinesAndDots});
  };
  add("before training", 0, kBefore);
  if (last > 0) add("after the last epoch", last, kAfter);
  for (Series& series : panel.series) {
    if (series.x.size() > 20) series.marks = Marks::kNone;
  }
  return panel;
}

std::string curvature_sentence(const RunRecord& run) {
  const std::string last = fmt::format("/results/spectrum/hessian/{}/",
                                       run.array("/results/spectrum/hessian").size() - 1);
  const double first = run.number("/results/spectrum/hessian/0/largest");
  const double largest = run.number(last + "largest");
  std::string sentence = fmt::format(
      "The largest Hessian eigenvalue on {} training samples goes from {} before training to "
      "<strong>{}</strong> after it, the smallest from {} to {}",
      count_text(run.number("/results/spectrum/samples")), number_text(first), number_text(largest),
      number_text(run.number("/results/spectrum/hessian/0/smallest")),
      number_text(run.number(last + "smallest")));
  if (option_text(run, "rule") == "sgd") {
    const double limit = 2 / run.number("/configuration/learning-rate");
    sentence += fmt::format(
        "; full-batch descent at this learning rate would be stable up to 2/η = "
        "{}",
        number_text(limit));
  }
  return sentence + ".";
}

std::string jacobian_sentence(const RunRecord& run) {
  const CsvTable& table = run.table("jacobian_spectrum.csv");
  const std::vector<std::size_t> rows = all_rows(table);
  const double last = table.numbers("epoch").back();
  const std::vector<double> before = spectrum_at(table, rows, 0, "median").second;
  const std::vector<double> after = spectrum_at(table, rows, last, "median").second;
  return fmt::format(
      "The network&#39;s output moves by at most {} times as much as its input before training and "
      "<strong>{}</strong> times after epoch {} (largest singular value of the end-to-end "
      "Jacobian, "
      "median over samples); the smallest of its {} singular values goes from {} to {}.",
      number_text(before.front()), number_text(after.front()), count_text(last),
      count_text(static_cast<double>(after.size())), number_text(before.back()),
      number_text(after.back()));
}

}  // namespace

bool has_spectra(const RunRecord& run) { return run.has("/results/spectrum"); }

std::vector<std::string> spectrum_sentences(const RunRecord& run) {
  if (!has_spectra(run)) return {};
  return {curvature_sentence(run), jacobian_sentence(run)};
}

LineFigure spectrum_figure(const RunRecord& run) {
  LineFigure figure;
  figure.name = "spectra";
  figure.title = "Singular values of the weights and of the whole network";
  figure.caption =
      "Singular values, from large to small, of each weight matrix and of the end-to-end Jacobian "
      "(the derivative of the logits by the inputs, median over samples). Training lifts a few "
      "directions out of the bulk; a Jacobian whose values spread over many decades passes some "
      "directions of signal and gradient on and kills others.";
  const CsvTable& weights = run.table("weight_spectrum.csv");
  for (const RowGroup& group : rows_by(weights, "layer")) {
    figure.panels.push_back(
        spectrum_panel(weights, group.rows, "weights of layer " + group.key.substr(5), "value"));
  }
  const CsvTable& jacobian = run.table("jacobian_spectrum.csv");
  figure.panels.push_back(
      spectrum_panel(jacobian, all_rows(jacobian), "end-to-end Jacobian", "median"));
  figure.columns = columns_for(figure.panels.size());
  figure.same_y = false;
  figure.panel_height = figure.panels.size() <= 3 ? 240.0 : 170.0;
  return figure;
}

std::optional<ContourFigure> loss_slice_figure(const RunRecord& run) {
  const CsvTable& table = run.table("loss_slice.csv");
  if (table.row_count() == 0) return std::nullopt;
  ContourFigure figure;
  figure.name = "loss-slice";
  figure.title = "The loss around where training ended";
  figure.caption =
      "Loss of the first training samples on the plane through the trained weights along two "
      "random directions, each filter-normalised (Li et al. 2018): a distance of 1 is as long as "
      "the weights into each unit. The trained weights are at the middle.";
  figure.x_label = "along the first direction";
  figure.y_label = "along the second direction";
  figure.value_label = "loss";
  ContourPanel panel = loss_panel(table, all_rows(table));
  panel.points = {{"trained weights",
                   {0},
                   {0},
                   Stroke{std::string(kBlack), std::string(kSolid), 1.5},
                   Marks::kDots}};
  figure.panels.push_back(std::move(panel));
  return figure;
}

}  // namespace ravine::report
