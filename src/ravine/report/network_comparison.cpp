#include "ravine/report/network_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/palette.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

constexpr std::size_t kMostNetworks = 10;
constexpr std::size_t kManyEpochs = 4;  // a loss over fewer is said by the table
constexpr double kMostLoss = 1e6;       // of a run that blew up, which would flatten the others

struct Network {
  const RunRecord* run;
  std::string name;
  std::string verdict;
  std::vector<double> first_norms;  // by layer, of the first step
  std::vector<double> last_norms;   // by layer, means of the last epoch; empty: no epoch ended
  std::vector<double> epoch, train_loss, test_loss;
  double first_to_last_ratio;
  double test_accuracy;
};

std::vector<double> row_of(const std::vector<std::vector<double>>& columns, bool last) {
  std::vector<double> row;
  for (const std::vector<double>& column : columns) {
    if (!column.empty()) row.push_back(last ? column.back() : column.front());
  }
  return row;
}

Network read_network(const RunRecord& run) {
  const CsvTable& epochs = run.table("epochs.csv");
  const std::string loss = loss_name(epochs);
  return {&run,
          run.name(),
          run.text("/results/diagnosis/verdict"),
          row_of(layer_norms(run.table("steps.csv")), false),
          row_of(layer_norms(epochs), true),
          epochs.numbers("epoch"),
          epochs.numbers("train_" + loss),
          epochs.numbers("test_" + loss),
          run.number_if_any("/results/diagnosis/first_to_last_ratio"),
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

Panel norms_panel(const std::vector<Network>& networks, const std::string& title,
                  std::vector<double> Network::*norms) {
  Panel panel{title,
              {"layer", Scale::kLinear, true, {}},
              {"gradient norm", Scale::kLog10, false, {}},
              {},
              {}};
  for (const Network& network : networks) {
    std::vector<double> layers((network.*norms).size());
    for (std::size_t i = 0; i < layers.size(); ++i) layers[i] = static_cast<double>(i + 1);
    panel.series.push_back(curve(networks, network, std::move(layers), network.*norms));
  }
  return panel;
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

FigureScript figure_of(const std::vector<Network>& networks) {
  LineFigure figure;
  figure.name = "networks";
  figure.title = "The networks side by side";
  figure.caption =
      "Gradient norm of every layer, layer 1 at the input: of the first mini-batch, and the mean "
      "over the last epoch. A curve that falls to the left loses its gradient on the way back.";
  figure.panels = {norms_panel(networks, "before training", &Network::first_norms),
                   norms_panel(networks, "in the last epoch", &Network::last_norms)};
  const auto longest =
      std::ranges::max(networks, {}, [](const Network& network) { return network.epoch.size(); });
  if (longest.epoch.size() >= kManyEpochs) {
    figure.caption += " Below, the losses by epoch: where the two part, the network remembers.";
    figure.panels.push_back(loss_panel(networks, "training loss", &Network::train_loss));
    figure.panels.push_back(loss_panel(networks, "test loss", &Network::test_loss));
    figure.same_y = false;
  }
  figure.columns = 2;
  return script_of(figure);
}

std::string table_of(const std::vector<Network>& networks) {
  HtmlTable table;
  table.caption = "Gradient norms before training, and where each network ended";
  table.header = {"network",         "verdict",    "layer 1, before", "last layer, before",
                  "layer 1 to last", "train loss", "test loss",       "test accuracy"};
  for (const Network& network : networks) {
    table.rows.push_back(
        {escaped(network.name), escaped(network.verdict),
         number_text(first_of(network.first_norms)), number_text(last_of(network.first_norms)),
         number_text(network.first_to_last_ratio), number_text(last_of(network.train_loss)),
         number_text(last_of(network.test_loss)),
         std::isfinite(network.test_accuracy) ? percent_text(network.test_accuracy) : "–"});
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
  return Comparison{section_of(networks), figure_of(networks)};
}

}  // namespace ravine::report
