#include "ravine/report/compared_network.hpp"

#include <cmath>
#include <optional>

#include "ravine/probe/mean_field.hpp"
#include "ravine/report/configuration.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

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

std::optional<MeanFieldSignal> theoretical_signal(const RunRecord& run) {
  const auto is = [&](const char* option, const char* text) {
    return option_text(run, option) == text;
  };
  const auto activation = choice_in(kActivations, option_text(run, "activation"));
  const auto initialization = choice_in(kInitializations, option_text(run, "init"));
  const bool plain = is("normalisation", "none") && is("residual", "false") && is("dropout", "0");
  if (!activation || !initialization || !plain) return std::nullopt;
  MlpConfig config{.activation = *activation, .bias = is("bias", "true")};
  const std::vector<double> sizes = layer_sizes(run);
  config.inputs = static_cast<std::size_t>(sizes.front());
  config.outputs = static_cast<std::size_t>(sizes.back());
  config.hidden.assign(sizes.begin() + 1, sizes.end() - 1);
  return mean_field_signal(config, *initialization, run.number("/configuration/init-gain"));
}

/// Norms of a mini-batch whose samples' gradients are independent, under NLL and a blind guess:
/// the gradient at the outputs is that of a probability of 1/classes.
std::vector<double> theoretical_norms(const RunRecord& run, const MeanFieldSignal& signal) {
  if (option_text(run, "loss") != "nll") return {};
  const double guess = std::sqrt(1 - 1 / layer_sizes(run).back());
  const double batch = std::sqrt(run.number("/configuration/batch-size"));
  std::vector<double> norms;
  for (std::size_t layer = 0; layer < signal.forward.size(); ++layer) {
    norms.push_back(guess * signal.forward[layer] * signal.backward[layer] / batch);
  }
  return norms;
}

void expect_by_theory(ComparedNetwork& network) {
  const auto theory = theoretical_signal(*network.run);
  if (!theory) return;
  network.expected_norms = theoretical_norms(*network.run, *theory);
  if (network.signal.empty()) return;
  for (const double layer : theory->backward) {
    network.expected_signal.push_back(layer * network.signal.back());
  }
}

}  // namespace

ComparedNetwork read_network(const RunRecord& run) {
  const CsvTable& epochs = run.table("epochs.csv");
  const std::string loss = loss_name(epochs);
  ComparedNetwork network{.run = &run,
                          .name = run.name(),
                          .verdict = run.text("/results/diagnosis/verdict"),
                          .first_norms = row_of(layer_norms(run.table("steps.csv")), false),
                          .last_norms = row_of(layer_norms(epochs), true),
                          .epoch = epochs.numbers("epoch"),
                          .train_loss = epochs.numbers("train_" + loss),
                          .test_loss = epochs.numbers("test_" + loss),
                          .signal = first_signal(run),
                          .expected_signal = {},
                          .expected_norms = {},
                          .test_accuracy = run.number_if_any("/results/test_accuracy")};
  expect_by_theory(network);
  return network;
}

}  // namespace ravine::report
