#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "ravine/report/probe_history.hpp"
#include "ravine/report/run_figures.hpp"
#include "ravine/report/run_tables.hpp"
#include "ravine/report/sharpness.hpp"
#include "ravine/report/thinning.hpp"
#include "ravine/report/train_spectrum.hpp"

namespace ravine::report {

namespace {

using Norms = std::vector<std::vector<double>>;

// More layers than this share one panel: a panel each would be too small to read.
constexpr std::size_t kMostPanels = 6;
// With fewer epochs or steps than these every one gets a mark, for a line of few points says
// little, and a running median of few steps says nothing.
constexpr std::size_t kFewEpochs = 15;
constexpr std::size_t kFewSteps = 40;
constexpr std::size_t kMostColumns = 400;
constexpr std::string_view kGaps = "gaps in the curves";

std::string layer_name(std::size_t layer) { return fmt::format("Layer {}", layer + 1); }

Marks marks_for(std::size_t points, std::size_t few) {
  return points < few ? Marks::kLinesAndDots : Marks::kNone;
}

// Log where the values span more than a decade.
Scale loss_scale(const std::vector<double>& losses) {
  double low = INFINITY;
  double high = 0.0;
  for (const double loss : losses) {
    if (!std::isfinite(loss)) continue;
    low = std::min(low, loss);
    high = std::max(high, loss);
  }
  return low > 0.0 && high > 10.0 * low ? Scale::kLog10 : Scale::kLinear;
}

// Where a log scale has no place for some norms: what stands there instead.
std::string zero_norms_text(const Norms& norms, std::string_view shown_as) {
  const bool any = std::ranges::any_of(norms, [](const std::vector<double>& layer) {
    return std::ranges::find(layer, 0.0) != layer.end();
  });
  return any ? fmt::format(" Norms of zero, which a log scale cannot show, are {}.", shown_as) : "";
}

LineFigure loss_figure(const CsvTable& epochs) {
  const std::vector<double> epoch = epochs.numbers("epoch");
  const std::string name = loss_name(epochs);
  const bool is_nll = name == "nll";
  const std::vector<double> train = epochs.numbers("train_" + name);
  const std::vector<double> test = epochs.numbers("test_" + name);
  std::vector<double> both = train;
  both.insert(both.end(), test.begin(), test.end());
  const Marks marks = marks_for(epoch.size(), kFewEpochs);
  const Stroke solid{std::string(kBlue), std::string(kSolid)};
  const Stroke dashed{std::string(kVermillion), std::string(kDashed)};
  LineFigure figure;
  figure.name = "loss";
  figure.title = "Loss by epoch";
  figure.caption =
      fmt::format("Mean {} against epoch. ", is_nll ? "negative log likelihood" : "squared error") +
      "Train is the mean over the epoch's "
      "mini-batches, taken while the weights were still moving; test is measured after the epoch. "
      "Look for the gap that opens between the two: a train loss that falls while the test loss "
      "does not is learning by heart.";
  figure.panels = {{"",
                    {"epoch", Scale::kLinear, true, {}},
                    {is_nll ? "negative log likelihood (nats)" : "mean squared error",
                     loss_scale(both),
                     false,
                     {}},
                    {{"train", epoch, train, solid, marks}, {"test", epoch, test, dashed, marks}},
                    {}}};
  return figure;
}

LineFigure norm_figure(const CsvTable& epochs) {
  const std::vector<double> epoch = epochs.numbers("epoch");
  const Norms norms = layer_norms(epochs);
  LineFigure figure;
  figure.name = "gradient-norms";
  figure.title = "Gradient norm of every layer by epoch";
  figure.caption =
      "Frobenius norm of the loss gradient of each layer's weight matrix, the mean over the "
      "epoch's steps, on a log axis. Lines that stay close together mean that all layers learn at "
      "similar rates; lines that fan out by orders of magnitude mean vanishing or exploding "
      "gradients." +
      zero_norms_text(norms, kGaps);
  Panel panel{"",
              {"epoch", Scale::kLinear, true, {}},
              {"mean gradient norm", Scale::kLog10, false, {}},
              {},
              {}};
  for (std::size_t layer = 0; layer < norms.size(); ++layer) {
    panel.series.push_back({layer_name(layer), epoch, norms[layer],
                            series_stroke(layer, norms.size()),
                            marks_for(epoch.size(), kFewEpochs)});
  }
  figure.panels = {std::move(panel)};
  return figure;
}

Panel step_panel(std::string title) {
  return {std::move(title),
          {"step", Scale::kLinear, true, {}},
          {"gradient norm", Scale::kLog10, false, {}},
          {},
          {}};
}

std::size_t half_window_of(std::size_t steps) { return std::max<std::size_t>(2, steps / 200); }

// Every step of every layer in light, and the running median over it: a panel a layer.
std::vector<Panel> panels_by_layer(const std::vector<double>& step, const Norms& norms) {
  const Stroke every_step{std::string(kSkyBlue), std::string(kSolid), 0.7};
  const Stroke median{std::string(kBlack), std::string(kSolid), 1.8};
  std::vector<Panel> panels;
  for (std::size_t layer = 0; layer < norms.size(); ++layer) {
    Panel panel = step_panel(layer_name(layer));
    panel.series = {{"every step", step, norms[layer], every_step},
                    {"running median", step,
                     running_median(norms[layer], half_window_of(step.size())), median}};
    panels.push_back(std::move(panel));
  }
  return panels;
}

// All layers in one panel: their running medians, or every step where those are few.
Panel panel_of_all(const std::vector<double>& step, const Norms& norms) {
  Panel panel = step_panel("");
  const bool few = step.size() < kFewSteps;
  for (std::size_t layer = 0; layer < norms.size(); ++layer) {
    panel.series.push_back(
        {layer_name(layer), step,
         few ? norms[layer] : running_median(norms[layer], half_window_of(step.size())),
         series_stroke(layer, norms.size()), marks_for(step.size(), kFewSteps)});
  }
  return panel;
}

LineFigure step_figure(const CsvTable& steps) {
  const std::vector<double> step = steps.numbers("step");
  const Norms norms = layer_norms(steps);
  LineFigure figure;
  figure.name = "gradient-norms-by-step";
  figure.title = "Gradient norm at every step";
  const std::string zeros = zero_norms_text(norms, kGaps);
  if (step.size() < kFewSteps) {
    figure.caption = "The gradient norm of every layer at every step, on a log axis." + zeros;
    figure.panels = {panel_of_all(step, norms)};
    return figure;
  }
  const std::string window =
      fmt::format("median over {} steps", 2 * half_window_of(step.size()) + 1);
  if (norms.size() > kMostPanels) {
    figure.caption = fmt::format(
        "Running {} of each layer's gradient norm, on a log axis, from the first layer (dark) to "
        "the last (light).{}",
        window, zeros);
    figure.panels = {panel_of_all(step, norms)};
    return figure;
  }
  figure.caption = fmt::format(
      "The norm of every single mini-batch gradient (light; where steps crowd a pixel, its lowest "
      "and highest) with the running {} (black). Look at the band's width: once the mean gradient "
      "is small, what a step sees is mostly the noise of its mini-batch.{}",
      window, zeros);
  figure.panels = panels_by_layer(step, norms);
  figure.columns = columns_for(norms.size());
  figure.panel_height = norms.size() <= 3 ? 240.0 : 170.0;
  return figure;
}

// The mean of log10 over each stretch of steps that shares a column.
std::vector<double> columns_of(const std::vector<double>& norms, std::size_t columns) {
  std::vector<double> means;
  for (std::size_t column = 0; column < columns; ++column) {
    double sum = 0.0;
    std::size_t count = 0;
    for (std::size_t i = norms.size() * column / columns; i < norms.size() * (column + 1) / columns;
         ++i) {
      if (!(norms[i] > 0.0) || !std::isfinite(norms[i])) continue;
      sum += std::log10(norms[i]);
      ++count;
    }
    means.push_back(count > 0 ? sum / static_cast<double>(count) : NAN);
  }
  return means;
}

HeatMap heat_map(const CsvTable& steps) {
  const std::vector<double> step = steps.numbers("step");
  const Norms layers = layer_norms(steps);
  HeatMap map;
  map.name = "gradient-heatmap";
  map.title = "Gradient norm, layer by step";
  map.caption =
      "The same norms as a map: a row a layer, time to the right, colour the norm on a log scale. "
      "Read it along a column: equal colours from top to bottom mean a healthy flow of gradients, "
      "a fade towards the first layer means that they vanish." +
      zero_norms_text(layers, "left out of a cell, and white where it has no others");
  map.x_label = "step";
  map.value_label = "gradient norm";
  for (const std::vector<double>& norms : layers) {
    map.row_names.push_back(layer_name(map.row_names.size()));
    map.values.push_back(columns_of(norms, std::min(norms.size(), kMostColumns)));
  }
  if (!step.empty()) map.x_range = {step.front() - 0.5, step.back() + 0.5};
  return map;
}

}  // namespace

std::vector<FigureScript> train_figures(const RunRecord& run) {
  const CsvTable& epochs = run.table("epochs.csv");
  const CsvTable& steps = run.table("steps.csv");
  std::vector<FigureScript> figures;
  if (epochs.row_count() > 0) {
    figures.push_back(script_of(loss_figure(epochs)));
    figures.push_back(script_of(norm_figure(epochs)));
  }
  figures.push_back(script_of(step_figure(steps)));
  figures.push_back(script_of(heat_map(steps)));
  if (const std::optional<ProbeHistory> history = probe_history(run)) {
    const LineFigure figure = probe_history_figure(*history);
    if (!figure.panels.empty()) figures.push_back(script_of(figure));
  }
  if (has_sharpness(run)) figures.push_back(script_of(sharpness_figure(run)));
  if (has_spectra(run)) {
    figures.push_back(script_of(spectrum_figure(run)));
    if (const auto slice = loss_slice_figure(run)) figures.push_back(script_of(*slice));
  }
  std::ranges::move(connection_figures(run), std::back_inserter(figures));
  return figures;
}

}  // namespace ravine::report
