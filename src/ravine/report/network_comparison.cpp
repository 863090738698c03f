#include "ravine/report/network_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/probe/mean_field.hpp"
#include "ravine/report/configuration.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/palette.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

constexpr std::size_t kMostCurves = 10;
constexpr std::size_t kMostNetworks = 40;
constexpr std::size_t kManyEpochs = 4;  // a loss over fewer is said by the table
constexpr double kMostLoss = 1e6;       // of a run that blew up, which would flatten the others

struct Network {
  const RunRecord* run;
  std::string name;
  std::string verdict;
  std::vector<double> first_norms;  // by layer, of the first step
  std::vector<double> last_norms;   // by layer, means of the last epoch; empty: no epoch ended
  std::vector<double> epoch, train_loss, test_loss;
  std::vector<double> signal;           // by layer, of the first step; empty: not recorded
  std::vector<double> expected_signal;  // from the last layer's by mean-field theory; may be empty
  double test_accuracy;
};

std::vector<double> row_of(const std::vector<std::vector<double>>& columns, bool last) {
  std::vector<double> row;
  for (const std::vector<double>& column : columns) {
    if (!column.empty()) row.push_back(last ? column.back() : column.front());
  }
  return row;
}

/// The probe's signal of the first step, by layer.
std::vector<double> first_signal(const RunRecord& run) {
  std::vector<double> signal;
  if (!run.has_table("layer_steps.csv")) return signal;
  const CsvTable& table = run.table("layer_steps.csv");
  if (!table.has_column("signal_rms") || table.row_count() == 0) return signal;
  const std::vector<double> values = table.numbers("signal_rms");
  for (const RowGroup& group : rows_by(table, "layer")) {
    if (group.key.starts_with("layer")) signal.push_back(values[group.rows.front()]);
  }
  return signal;
}

/// That of mean-field theory, which equals the measured one at the last layer.
std::vector<double> expected_signal(const RunRecord& run, const std::vector<double>& measured) {
  const auto is = [&](const char* option, const char* text) {
    return option_text(run, option) == text;
  };
  const auto activation = choice_in(kActivations, option_text(run, "activation"));
  const auto initialization = choice_in(kInitializations, option_text(run, "init"));
  const bool plain = is("normalisation", "none") && is("residual", "false") && is("dropout", "0");
  if (measured.empty() || !activation || !initialization || !plain) return {};
  MlpConfig config{.activation = *activation, .bias = is("bias", "true")};
  const std::vector<double> sizes = layer_sizes(run);
  config.inputs = static_cast<std::size_t>(sizes.front());
  config.outputs = static_cast<std::size_t>(sizes.back());
  config.hidden.assign(sizes.begin() + 1, sizes.end() - 1);
  auto signal = mean_field_signal(config, *initialization, run.number("/configuration/init-gain"));
  if (!signal) return {};
  for (double& layer : *signal) layer *= measured.back();
  return *signal;
}

Network read_network(const RunRecord& run) {
  const CsvTable& epochs = run.table("epochs.csv");
  const std::string loss = loss_name(epochs);
  const std::vector<double> signal = first_signal(run);
  return {&run,
          run.name(),
          run.text("/results/diagnosis/verdict"),
          row_of(layer_norms(run.table("steps.csv")), false),
          row_of(layer_norms(epochs), true),
          epochs.numbers("epoch"),
          epochs.numbers("train_" + loss),
          epochs.numbers("test_" + loss),
          signal,
          expected_signal(run, signal),
          run.number_if_any("/results/test_accuracy")};
}

double last_of(const std::vector<double>& values) { return values.empty() ? NAN : values.back(); }
double first_of(const std::vector<double>& values) { return values.empty() ? NAN : values.front(); }

Series curve(const std::vector<Network>& networks, const Network& network, std::vector<double> x,
             const std::vector<double>& y) {
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

Panel layers_panel(const std::vector<Network>& networks, const std::string& title,
                   const std::string& quantity, std::vector<double> Network::*values) {
  Panel panel{
      title, {"layer", Scale::kLinear, true, {}}, {quantity, Scale::kLog10, false, {}}, {}, {}};
  for (const Network& network : networks) {
    panel.series.push_back(curve(networks, network, layers_of(network.*values), network.*values));
  }
  return panel;
}

FigureScript norms_figure(const std::vector<Network>& networks) {
  LineFigure figure;
  figure.name = "networks";
  figure.title = "Gradient norms of the networks, layer by layer";
  figure.caption =
      "Gradient norm of every layer, layer 1 at the input: of the first mini-batch, and the mean "
      "over the last epoch. A curve that falls to the left loses its gradient on the way back.";
  figure.panels = {
      layers_panel(networks, "before training", "gradient norm", &Network::first_norms),
      layers_panel(networks, "in the last epoch", "gradient norm", &Network::last_norms)};
  figure.columns = 2;
  return script_of(figure);
}

FigureScript signal_figure(const std::vector<Network>& networks) {
  LineFigure figure;
  figure.name = "signal";
  figure.title = "The backpropagated signal before training, and mean-field theory";
  figure.caption =
      "Gradient with respect to the pre-activations of every layer in the first step, root mean "
      "square over the samples (dots), and what mean-field theory says of infinitely wide layers "
      "(lines): going back a layer multiplies its square by σ_w² E[φ′(z)²].";
  Panel panel = layers_panel(networks, "", "signal", &Network::signal);
  for (Series& series : panel.series) series.marks = Marks::kDots;
  for (const Network& network : networks) {
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

Panel loss_panel(const std::vector<Network>& networks, const std::string& title,
                 std::vector<double> Network::*losses) {
  Panel panel{
      title, {"epoch", Scale::kLinear, true, {}}, {"loss", Scale::kLog10, false, {}}, {}, {}};
  for (const Network& network : networks) {
    std::vector<double> shown = network.*losses;
    std::ranges::replace_if(
        shown, [](double loss) { return loss > kMostLoss; }, NAN);
    panel.series.push_back(curve(networks, network, network.epoch, shown));
  }
  return panel;
}

FigureScript losses_figure(const std::vector<Network>& networks) {
  LineFigure figure;
  figure.name = "losses";
  figure.title = "Losses of the networks by epoch";
  figure.caption =
      "Mean loss over the training and over the test set. Where the first goes on to fall and the "
      "second rises, the network learns its training set by heart.";
  figure.panels = {loss_panel(networks, "training loss", &Network::train_loss),
                   loss_panel(networks, "test loss", &Network::test_loss)};
  figure.columns = 2;
  return script_of(figure);
}

FigureScript norms_map(const std::vector<Network>& networks, const std::string& name,
                       const std::string& when, std::vector<double> Network::*norms) {
  HeatMap map;
  map.name = name;
  map.title = fmt::format("Gradient norm of every layer {}", when);
  map.caption = "A row for each network, from layer 1 at the input to its last layer.";
  map.x_label = "layer";
  map.value_label = "gradient norm";
  std::size_t deepest = 0;
  for (const Network& network : networks) {
    deepest = std::max(deepest, network.first_norms.size());
  }
  for (const Network& network : networks) {
    std::vector<double> row(deepest, NAN);
    std::ranges::transform(network.*norms, row.begin(),
                           [](double norm) { return norm > 0 ? std::log10(norm) : NAN; });
    map.row_names.push_back(network.name);
    map.values.push_back(std::move(row));
  }
  map.x_range = {0.5, static_cast<double>(deepest) + 0.5};
  return script_of(map);
}

std::vector<FigureScript> figures_of(const std::vector<Network>& networks) {
  if (networks.size() > kMostCurves) {
    return {norms_map(networks, "norms-before", "before training", &Network::first_norms),
            norms_map(networks, "norms-after", "in the last epoch", &Network::last_norms)};
  }
  std::vector<FigureScript> figures{norms_figure(networks)};
  if (std::ranges::none_of(networks, [](const Network& each) { return each.signal.empty(); })) {
    figures.push_back(signal_figure(networks));
  }
  const bool long_enough = std::ranges::any_of(
      networks, [](const Network& each) { return each.epoch.size() >= kManyEpochs; });
  if (long_enough) figures.push_back(losses_figure(networks));
  return figures;
}

/// The factor on the signal of going back a layer, the mean over hidden layers.
double growth_of(const std::vector<double>& signal) {
  if (signal.size() < 3) return NAN;
  const auto layers = static_cast<double>(signal.size() - 2);
  return std::pow(signal.front() / signal[signal.size() - 2], 1 / layers);
}

std::string table_of(const std::vector<Network>& networks) {
  HtmlTable table;
  table.caption = "Gradient norms before training, and where each network ended";
  table.header = {"network",    "verdict",   "layer 1, before", "last layer, before",
                  "train loss", "test loss", "test accuracy"};
  const bool with_signal =
      std::ranges::any_of(networks, [](const Network& each) { return !each.signal.empty(); });
  if (with_signal) {
    table.header.insert(table.header.end(), {"signal, a layer back", "by mean-field theory"});
  }
  for (const Network& network : networks) {
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

std::string verdicts_sentence(const std::vector<Network>& networks) {
  std::map<std::string, std::vector<std::string>> by_verdict;
  for (const Network& network : networks) {
    by_verdict[network.verdict].push_back(escaped(network.name));
  }
  std::vector<std::string> parts;
  for (const auto& [verdict, names] : by_verdict) {
    parts.push_back(
        fmt::format("<strong>{}</strong>: {}", escaped(verdict), fmt::join(names, ", ")));
  }
  return fmt::format("{}.", fmt::join(parts, "; "));
}

std::string range_sentence(const std::vector<Network>& networks) {
  const auto norm = [](const Network& network) { return first_of(network.first_norms); };
  const auto [least, most] = std::ranges::minmax(networks, {}, norm);
  return fmt::format(
      "Before training the first layer's gradient norm is between {} ({}) and {} ({}).",
      number_text(norm(least)), escaped(least.name), number_text(norm(most)), escaped(most.name));
}

std::string outcome_sentence(const std::vector<Network>& networks) {
  std::vector<Network> ended;
  std::ranges::copy_if(networks, std::back_inserter(ended),
                       [](const Network& network) { return std::isfinite(network.test_accuracy); });
  if (ended.empty()) return {};
  const Network best = std::ranges::max(ended, {}, &Network::test_accuracy);
  const Network fitted = std::ranges::min(
      ended, {}, [](const Network& network) { return last_of(network.train_loss); });
  return fmt::format(
      "The best test accuracy is <strong>{}</strong> ({}); the lowest training loss is {} ({}), "
      "with a test loss of {}.",
      percent_text(best.test_accuracy), escaped(best.name), number_text(last_of(fitted.train_loss)),
      escaped(fitted.name), number_text(last_of(fitted.test_loss)));
}

Section section_of(const std::vector<Network>& networks) {
  Section section;
  const RunRecord& run = *networks.front().run;
  section.title = fmt::format("{}: the networks compared", run.text("/experiment/title"));
  section.question = run.text("/experiment/question");
  const auto healthy = std::ranges::count(networks, "healthy", &Network::verdict);
  section.headline = fmt::format("<strong>{}</strong> of {} networks are diagnosed healthy",
                                 healthy, networks.size());
  section.setup = "The runs below side by side.";
  section.findings = {verdicts_sentence(networks), range_sentence(networks),
                      outcome_sentence(networks)};
  std::erase(section.findings, std::string());
  section.tables = {table_of(networks)};
  return section;
}

}  // namespace

std::optional<Comparison> compare_networks(const std::vector<const RunRecord*>& runs) {
  std::vector<Network> networks;
  for (const RunRecord* run : runs) {
    if (run->kind() == "train") networks.push_back(read_network(*run));
  }
  if (networks.size() < 2 || networks.size() > kMostNetworks) return std::nullopt;
  return Comparison{section_of(networks), figures_of(networks)};
}

}  // namespace ravine::report
