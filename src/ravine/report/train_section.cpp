#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "ravine/report/configuration.hpp"
#include "ravine/report/findings_train.hpp"
#include "ravine/report/initialization_words.hpp"
#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/probe_history.hpp"
#include "ravine/report/reference_numbers.hpp"
#include "ravine/report/run_tables.hpp"
#include "ravine/report/section.hpp"
#include "ravine/report/sharpness.hpp"
#include "ravine/report/train_spectrum.hpp"

namespace ravine::report {

namespace {

using Norms = std::vector<std::vector<double>>;

std::string network_text(const RunRecord& run) {
  std::string text;
  for (const double size : layer_sizes(run)) {
    text += fmt::format("{}{:.0f}", text.empty() ? "" : "–", size);
  }
  return fmt::format("{}, {} activation, {} parameters", text,
                     escaped(option_text(run, "activation")),
                     count_text(run.number("/results/parameters")));
}

// What is added to plain mini-batch gradient descent, each part after a comma.
std::string recipe_text(const RunRecord& run) {
  const auto given = [&](const char* name, const char* standard) {
    const std::string text = option_text(run, name);
    return text == "–" || text == standard ? std::string() : escaped(text);
  };
  std::string recipe;
  const auto add = [&](const char* before, const std::string& value, const char* after = "") {
    if (!value.empty()) recipe += fmt::format(", {}{}{}", before, value, after);
  };
  add("", given("normalisation", "none"), " normalisation");
  if (!given("residual", "false").empty()) recipe += ", residual connections";
  add("dropout ", given("dropout", "0"));
  add("step rule ", given("rule", "sgd"));
  add("weight decay ", given("weight-decay", "0"));
  add("schedule ", given("schedule", "constant"));
  add("warm-up over ", given("warm-up", "0"), " steps");
  add("gradients clipped to norm ", given("clip-norm", ""));
  add("gradient entries clipped to ", given("clip-value", ""));
  return recipe;
}

/// "40 epochs", or "0 of 3 epochs" of a run that ended early.
std::string epochs_text(const RunRecord& run) {
  const std::string finished = count_text(run.number("/results/epochs"));
  const std::string wanted = count_text(run.number_if_any("/configuration/epochs"));
  if (wanted == "–") return finished + " epochs";
  return fmt::format("{} epoch{}", finished == wanted ? finished : finished + " of " + wanted,
                     wanted == "1" ? "" : "s");
}

std::string setup_text(const RunRecord& run) {
  std::string data = escaped(option_text(run, "data"));
  if (run.has("/data/train_count")) {
    data = fmt::format("{} ({} train, {} test images)", escaped(run.text("/data/name")),
                       count_text(run.number("/data/train_count")),
                       count_text(run.number("/data/test_count")));
  }
  const std::string start = start_words(run);
  return fmt::format(
      "Network {}; {}{}mini-batch gradient descent on {}: learning rate {}, batch {}{}, {} in {} "
      "steps, seed "
      "{}.",
      network_text(run), start.empty() ? "" : start + "; ",
      option_text(run, "loss") == "mse" ? "mean squared error; " : "", data,
      prose(option_text(run, "learning-rate")), escaped(option_text(run, "batch-size")),
      recipe_text(run), epochs_text(run),
      count_text(static_cast<double>(run.table("steps.csv").row_count())),
      escaped(option_text(run, "seed")));
}

std::string headline_text(const TrainFindings& found) {
  std::string text = fmt::format("gradients <strong>{}</strong>", escaped(found.verdict));
  if (std::isfinite(found.first_to_last_ratio)) {
    text += fmt::format(", the first layer&#39;s {} times the last&#39;s",
                        number_text(found.first_to_last_ratio, 2));
  }
  if (std::isfinite(found.test_accuracy)) {
    text += fmt::format("; test accuracy <strong>{}</strong>, test loss {}",
                        percent_text(found.test_accuracy), number_text(found.test_loss));
  }
  return text;
}

double at(const std::vector<double>& values, std::size_t i) {
  return i < values.size() ? values[i] : NAN;
}

// A column of a table by layer, left out when the run has no number for it.
void add_column(HtmlTable& table, const std::string& name, auto number_of, auto text_of) {
  std::vector<double> numbers;
  for (std::size_t layer = 0; layer < table.rows.size(); ++layer)
    numbers.push_back(number_of(layer));
  const auto is_known = [](double number) { return std::isfinite(number); };
  if (std::none_of(numbers.begin(), numbers.end(), is_known)) return;
  table.header.push_back(name);
  for (std::size_t layer = 0; layer < table.rows.size(); ++layer) {
    table.rows[layer].push_back(text_of(numbers[layer]));
  }
}

std::string layers_table(const RunRecord& run, const TrainFindings& found, const Norms& norms) {
  const CsvTable& epochs = run.table("epochs.csv");
  const std::vector<double> sizes = layer_sizes(run);
  const std::vector<double> medians = run.numbers("/results/diagnosis/median_norm");
  HtmlTable table{"Mean gradient norm by layer", {"layer", "weights"}, {}};
  for (std::size_t layer = 0; layer + 1 < sizes.size() && layer < norms.size(); ++layer) {
    table.rows.push_back({fmt::format("{}", layer + 1),
                          fmt::format("{:.0f} × {:.0f}", sizes[layer + 1], sizes[layer])});
  }
  const auto norm_at = [&](std::size_t epoch_index) {
    return [&norms, epoch_index](std::size_t layer) { return at(norms[layer], epoch_index); };
  };
  const auto last_norm = [&](std::size_t layer) {
    return norms[layer].empty() ? NAN : norms[layer].back();
  };
  const auto norm_text = [](double norm) { return number_text(norm); };
  add_column(table, "epoch 1", norm_at(0), norm_text);
  add_column(table, "epoch 2", norm_at(1), norm_text);
  if (norms.front().size() > 2) add_column(table, "last epoch", last_norm, norm_text);
  add_column(
      table, "last epoch, clipped",
      [&](std::size_t layer) {
        const std::string column = fmt::format("clipped_norm.layer{}", layer + 1);
        return epochs.has_column(column) && epochs.row_count() > 0 ? epochs.numbers(column).back()
                                                                   : NAN;
      },
      norm_text);
  add_column(
      table, "median of all steps", [&](std::size_t layer) { return at(medians, layer); },
      norm_text);
  add_column(
      table, "dead units", [&](std::size_t layer) { return at(found.dead_relu_share, layer); },
      percent_text);
  return html_of(table);
}

std::string range_cell(double value, const Range& range) {
  const std::string text = number_text(value);
  return fmt::format("{} <span class=\"faint\">[{}, {}]</span>",
                     range.holds(value) ? text : outside_cell(text), number_text(range.low),
                     number_text(range.high));
}

std::string pytorch_table(const Norms& norms) {
  HtmlTable table;
  table.caption =
      "Mean gradient norm of this run, in brackets the smallest and largest of ten PyTorch runs of "
      "the same network; bold: outside them. One more run of PyTorch would leave such a range "
      "about "
      "twice in eleven";
  table.header = {"epoch", "layer 1", "layer 2", "layer 3", "layer 4"};
  for (const EpochNorms& reference : kPyTorchNorms) {
    const auto index = static_cast<std::size_t>(reference.epoch - 1);
    if (index >= norms.front().size()) continue;
    std::vector<std::string> row{fmt::format("{}", reference.epoch)};
    for (std::size_t layer = 0; layer < reference.layers.size(); ++layer) {
      row.push_back(range_cell(norms[layer][index], reference.layers[layer]));
    }
    table.rows.push_back(std::move(row));
  }
  return html_of(table);
}

// The notebook's printed epochs beside this run's, taken as they are and `shift` epochs later.
void add_notebook_rows(HtmlTable& table, int layer, int first_epoch,
                       const std::array<double, 5>& printed, const std::vector<double>& norms,
                       int shift) {
  const auto own = [&](int epoch) {
    const auto index = static_cast<std::size_t>(epoch - 1);
    return index < norms.size() ? fixed_text(norms[index], 6) : std::string("–");
  };
  for (std::size_t i = 0; i < printed.size(); ++i) {
    const int epoch = first_epoch + static_cast<int>(i);
    table.rows.push_back({fmt::format("layer {}, epoch {}", layer, epoch),
                          fixed_text(printed[i], 6), own(epoch), own(epoch + shift)});
  }
}

std::string notebook_table(const NotebookFit& fit, const Norms& norms) {
  const int shift = std::max(1, fit.best_shift);
  HtmlTable table;
  table.caption = "The norms that the notebook printed, beside this run&#39;s";
  table.header = {"", "notebook", "this run, same epoch",
                  fmt::format("this run, {} later", shift == 1 ? std::string("one epoch")
                                                               : fmt::format("{} epochs", shift))};
  add_notebook_rows(table, 1, 1, kNotebookLayer1, norms.front(), shift);
  add_notebook_rows(table, 4, kNotebookLayer4FirstEpoch, kNotebookLayer4, norms.back(), shift);
  return html_of(table);
}

}  // namespace

Section train_section(const RunRecord& run) {
  const TrainFindings found = train_findings(run);
  const Norms norms = layer_norms(run.table("epochs.csv"));
  Section section;
  section.title = fmt::format("Gradient norms: {}", run.name());
  section.question = "How large are the gradients of every layer while this network trains?";
  section.headline = headline_text(found);
  section.setup = setup_text(run);
  section.findings = sentences_of(found);
  section.tables.push_back(layers_table(run, found, norms));
  if (const std::optional<ProbeHistory> history = probe_history(run)) {
    const double batch_size = run.number("/configuration/batch-size");
    for (std::string& sentence : sentences_of(*history, batch_size)) {
      section.findings.push_back(std::move(sentence));
    }
    section.tables.push_back(probe_history_table(*history));
  }
  std::ranges::move(sharpness_sentences(run), std::back_inserter(section.findings));
  std::ranges::move(spectrum_sentences(run), std::back_inserter(section.findings));
  if (run.has("/results/connection")) section.findings.push_back(connection_sentence(run));
  if (found.is_reference) section.tables.push_back(pytorch_table(norms));
  if (found.notebook) section.tables.push_back(notebook_table(*found.notebook, norms));
  return section;
}

}  // namespace ravine::report
