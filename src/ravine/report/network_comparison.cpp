#include "ravine/report/network_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/median.hpp"
#include "ravine/report/compared_network.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/palette.hpp"

namespace ravine::report {

namespace {

constexpr std::size_t kMostCurves = 10;
constexpr std::size_t kMostNetworks = 60;
constexpr std::size_t kManyEpochs = 4;  // a loss over fewer is said by the table
constexpr double kMostLoss = 1e6;       // of a run that blew up, which would flatten the others
constexpr double kRowHeight = 18;       // pixels

double last_of(const std::vector<double>& values) { return values.empty() ? NAN : values.back(); }
double first_of(const std::vector<double>& values) { return values.empty() ? NAN : values.front(); }

Series curve(const std::vector<ComparedNetwork>& networks, const ComparedNetwork& network,
             std::vector<double> x, const std::vector<double>& y) {
  constexpr std::size_t kDistinctColours = 1;  // colours of their own, not shades
  const auto index = static_cast<std::size_t>(&network - networks.data());
  return {network.name, std::move(x), y, series_stroke(index, kDistinctColours),
          Marks::kLinesAndDots};
}

std::vector<double> layers_of(const std::vector<double>& values) {
  std::vector<double> layers(values.size());
  std::iota(layers.begin(), layers.end(), 1.0);
  return layers;
}

Panel layers_panel(const std::vector<ComparedNetwork>& networks, const std::string& title,
                   const std::string& quantity, std::vector<double> ComparedNetwork::*values) {
  Panel panel{
      title, {"layer", Scale::kLinear, true, {}}, {quantity, Scale::kLog10, false, {}}, {}, {}};
  for (const ComparedNetwork& network : networks) {
    panel.series.push_back(curve(networks, network, layers_of(network.*values), network.*values));
  }
  return panel;
}

FigureScript norms_figure(const std::vector<ComparedNetwork>& networks) {
  LineFigure figure;
  figure.name = "networks";
  figure.title = "Gradient norms of the networks, layer by layer";
  figure.caption =
      "Gradient norm of every layer, layer 1 at the input: of the first mini-batch, and the mean "
      "over the last epoch. A curve that falls to the left loses its gradient on the way back.";
  figure.panels = {
      layers_panel(networks, "before training", "gradient norm", &ComparedNetwork::first_norms),
      layers_panel(networks, "in the last epoch", "gradient norm", &ComparedNetwork::last_norms)};
  figure.columns = 2;
  return script_of(figure);
}

FigureScript signal_figure(const std::vector<ComparedNetwork>& networks) {
  LineFigure figure;
  figure.name = "signal";
  figure.title = "The backpropagated signal before training, and mean-field theory";
  figure.caption =
      "Gradient with respect to the pre-activations of every layer in the first step, root mean "
      "square over the samples (dots), and what mean-field theory says of infinitely wide layers "
      "(lines): going back a layer multiplies its square by σ_w² E[φ′(z)²].";
  Panel panel = layers_panel(networks, "", "signal", &ComparedNetwork::signal);
  for (Series& series : panel.series) series.marks = Marks::kDots;
  for (const ComparedNetwork& network : networks) {
    Series line =
        curve(networks, network, layers_of(network.expected_signal), network.expected_signal);
    line.name.clear();
    line.marks = Marks::kNone;
    panel.series.push_back(std::move(line));
  }
  figure.panels = {std::move(panel)};
  figure.panel_height = 420;
  return script_of(figure);
}

Panel loss_panel(const std::vector<ComparedNetwork>& networks, const std::string& title,
                 std::vector<double> ComparedNetwork::*losses) {
  Panel panel{
      title, {"epoch", Scale::kLinear, true, {}}, {"loss", Scale::kLog10, false, {}}, {}, {}};
  for (const ComparedNetwork& network : networks) {
    std::vector<double> shown = network.*losses;
    std::ranges::replace_if(
        shown, [](double loss) { return loss > kMostLoss; }, NAN);
    panel.series.push_back(curve(networks, network, network.epoch, shown));
  }
  return panel;
}

FigureScript losses_figure(const std::vector<ComparedNetwork>& networks) {
  LineFigure figure;
  figure.name = "losses";
  figure.title = "Losses of the networks by epoch";
  figure.caption =
      "Mean loss over the training and over the test set. Where the first goes on to fall and the "
      "second rises, the network learns its training set by heart.";
  figure.panels = {loss_panel(networks, "training loss", &ComparedNetwork::train_loss),
                   loss_panel(networks, "test loss", &ComparedNetwork::test_loss)};
  figure.columns = 2;
  return script_of(figure);
}

FigureScript norms_map(const std::vector<ComparedNetwork>& networks, const std::string& name,
                       const std::string& when, std::vector<double> ComparedNetwork::*norms) {
  HeatMap map;
  map.name = name;
  map.title = fmt::format("Gradient norm of every layer {}", when);
  map.caption =
      "A row for each network, from layer 1 at the input to its last layer. The framed strip along "
      "the middle of a row is what mean-field theory says of the network before training: where "
      "it is right only the frame is seen.";
  map.x_label = "layer";
  map.value_label = "gradient norm";
  std::size_t deepest = 0;
  for (const ComparedNetwork& network : networks) {
    deepest = std::max(deepest, network.first_norms.size());
  }
  const auto logarithms = [&](const std::vector<double>& norms_by_layer) {
    std::vector<double> row(deepest, NAN);
    std::ranges::transform(norms_by_layer, row.begin(),
                           [](double norm) { return norm > 0 ? std::log10(norm) : NAN; });
    return row;
  };
  for (const ComparedNetwork& network : networks) {
    const bool foretold = !network.expected_norms.empty();
    map.row_names.push_back(network.name);
    map.values.push_back(logarithms(network.*norms));
    map.expected.push_back(foretold ? logarithms(network.expected_norms) : std::vector<double>());
  }
  if (std::ranges::all_of(map.expected, [](const auto& row) { return row.empty(); })) {
    map.expected.clear();
    map.caption = "A row for each network, from layer 1 at the input to its last layer.";
  }
  map.x_range = {0.5, static_cast<double>(deepest) + 0.5};
  map.most_height = kRowHeight * static_cast<double>(networks.size());
  return script_of(map);
}

std::vector<FigureScript> figures_of(const std::vector<ComparedNetwork>& networks) {
  if (networks.size() > kMostCurves) {
    return {norms_map(networks, "norms-before", "before training", &ComparedNetwork::first_norms),
            norms_map(networks, "norms-after", "in the last epoch", &ComparedNetwork::last_norms)};
  }
  std::vector<FigureScript> figures{norms_figure(networks)};
  if (std::ranges::none_of(networks,
                           [](const ComparedNetwork& each) { return each.signal.empty(); })) {
    figures.push_back(signal_figure(networks));
  }
  const bool long_enough = std::ranges::any_of(
      networks, [](const ComparedNetwork& each) { return each.epoch.size() >= kManyEpochs; });
  if (long_enough) figures.push_back(losses_figure(networks));
  return figures;
}

/// The factor on the signal of going back a layer, the mean over hidden layers.
double growth_of(const std::vector<double>& signal) {
  if (signal.size() < 3) return NAN;
  const auto layers = static_cast<double>(signal.size() - 2);
  return std::pow(signal.front() / signal[signal.size() - 2], 1 / layers);
}

std::string table_of(const std::vector<ComparedNetwork>& networks) {
  HtmlTable table;
  table.caption = "Gradient norms before training, and where each network ended";
  table.header = {"network",    "verdict",   "layer 1, before", "last layer, before",
                  "train loss", "test loss", "test accuracy"};
  const bool with_signal = std::ranges::any_of(
      networks, [](const ComparedNetwork& each) { return !each.signal.empty(); });
  if (with_signal) {
    table.header.insert(table.header.end(), {"signal, a layer back", "by mean-field theory"});
  }
  for (const ComparedNetwork& network : networks) {
    std::vector<std::string> row{
        escaped(network.name),
        escaped(network.verdict),
        number_text(first_of(network.first_norms)),
        number_text(last_of(network.first_norms)),
        number_text(last_of(network.train_loss)),
        number_text(last_of(network.test_loss)),
        std::isfinite(network.test_accuracy) ? percent_text(network.test_accuracy) : "–"};
    if (with_signal) {
      row.push_back(number_text(growth_of(network.signal)));
      row.push_back(number_text(growth_of(network.expected_signal)));
    }
    table.rows.push_back(std::move(row));
  }
  return html_of(table);
}

std::string verdicts_sentence(const std::vector<ComparedNetwork>& networks) {
  std::map<std::string, std::vector<std::string>> by_verdict;
  for (const ComparedNetwork& network : networks) {
    by_verdict[network.verdict].push_back(escaped(network.name));
  }
  std::vector<std::string> parts;
  const bool many = networks.size() > kMostCurves;
  for (const auto& [verdict, names] : by_verdict) {
    parts.push_back(fmt::format("as <strong>{}</strong>: {}", escaped(verdict),
                                many ? fmt::format("{} of {}", names.size(), networks.size())
                                     : fmt::format("{}", fmt::join(names, ", "))));
  }
  return fmt::format("Diagnosed {}.", fmt::join(parts, "; "));
}

std::string range_sentence(const std::vector<ComparedNetwork>& networks) {
  const auto norm = [](const ComparedNetwork& network) { return first_of(network.first_norms); };
  const auto [least, most] = std::ranges::minmax(networks, {}, norm);
  if (norm(least) == norm(most)) return {};
  return fmt::format(
      "Before training the first layer's gradient norm is between {} ({}) and {} ({}).",
      number_text(norm(least)), escaped(least.name), number_text(norm(most)), escaped(most.name));
}

/// How far theory is off the measured norms before training; nothing where it says nothing.
std::string theory_sentence(const std::vector<ComparedNetwork>& networks) {
  std::vector<double> decades;
  for (const ComparedNetwork& network : networks) {
    const std::size_t depth = std::min(network.expected_norms.size(), network.first_norms.size());
    for (std::size_t layer = 0; layer < depth; ++layer) {
      const double measured = network.first_norms[layer];
      const double off = std::abs(std::log10(measured / network.expected_norms[layer]));
      if (std::isnormal(static_cast<float>(measured)) && std::isfinite(off)) decades.push_back(off);
    }
  }
  if (decades.empty()) return {};
  return fmt::format(
      "Mean-field theory, which knows no more than depth, widths, activation and initialisation, "
      "foretells the gradient norms of {} layers before training: half of them to within a factor "
      "of {}, all to within a factor of {}.",
      decades.size(), number_text(std::pow(10, median(decades)), 2),
      number_text(std::pow(10, std::ranges::max(decades)), 2));
}

std::string outcome_sentence(const std::vector<ComparedNetwork>& networks) {
  std::vector<ComparedNetwork> ended;
  std::ranges::copy_if(networks, std::back_inserter(ended), [](const ComparedNetwork& network) {
    return std::isfinite(network.test_accuracy);
  });
  if (ended.empty()) return {};
  const ComparedNetwork best = std::ranges::max(ended, {}, &ComparedNetwork::test_accuracy);
  const ComparedNetwork fitted = std::ranges::min(
      ended, {}, [](const ComparedNetwork& network) { return last_of(network.train_loss); });
  return fmt::format(
      "The best test accuracy is <strong>{}</strong> ({}); the lowest training loss is {} ({}), "
      "with a test loss of {}. Each ran on one seed: on another, near ties may end otherwise.",
      percent_text(best.test_accuracy), escaped(best.name), number_text(last_of(fitted.train_loss)),
      escaped(fitted.name), number_text(last_of(fitted.test_loss)));
}

Section section_of(const std::vector<ComparedNetwork>& networks) {
  Section section;
  const RunRecord& run = *networks.front().run;
  section.title = run.text("/experiment/title");
  section.question = run.text("/experiment/question");
  const auto healthy = std::ranges::count(networks, "healthy", &ComparedNetwork::verdict);
  section.headline = fmt::format("diagnosed healthy: <strong>{}</strong> of {} networks", healthy,
                                 networks.size());
  section.setup = networks.size() > kMostCurves
                      ? "The runs side by side; figures of each are in its own folder."
                      : "The runs below side by side.";
  section.findings = {verdicts_sentence(networks), range_sentence(networks),
                      theory_sentence(networks), outcome_sentence(networks)};
  std::erase(section.findings, std::string());
  section.tables = {table_of(networks)};
  return section;
}

}  // namespace

std::optional<Comparison> compare_networks(const std::vector<const RunRecord*>& runs) {
  std::vector<ComparedNetwork> networks;
  for (const RunRecord* run : runs) {
    if (run->kind() == "train") networks.push_back(read_network(*run));
  }
  if (networks.size() < 2 || networks.size() > kMostNetworks) return std::nullopt;
  return Comparison{"the networks compared", section_of(networks), figures_of(networks),
                    networks.size() > kMostCurves};
}

}  // namespace ravine::report
