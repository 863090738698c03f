#include "ravine/report/probe_history.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/report/markup.hpp"
#include "ravine/report/number_text.hpp"
#include "ravine/report/run_tables.hpp"

namespace ravine::report {

namespace {

// With fewer epochs than these every one gets a mark: a line of few points says little.
constexpr std::size_t kFewEpochs = 15;
// What is often wanted of the update-to-weight ratio, within a factor of ten.
constexpr double kUsualUpdateRatio = 1e-3;

struct Quantity {
  const char* column;
  const char* title;  // of a panel and a table's column
  Scale scale;
  enum { nowhere, layers, network } drawn;  // whose rows the figure shows
};

constexpr Quantity kQuantities[] = {
    {"signal_rms", "backpropagated signal", Scale::kLog10, Quantity::layers},
    {"activation_mean", "activation mean", Scale::kLinear, Quantity::nowhere},
    {"activation_deviation", "activation deviation", Scale::kLog10, Quantity::layers},
    {"saturated_share", "saturated share", Scale::kLinear, Quantity::layers},
    {"dead_share", "dead share", Scale::kLinear, Quantity::layers},
    {"weight_norm", "weight norm", Scale::kLog10, Quantity::layers},
    {"update_ratio", "update-to-weight ratio", Scale::kLog10, Quantity::layers},
    {"gradient_cosine", "cosine of successive gradients", Scale::kLinear, Quantity::layers},
    {"sample_norm_p50", "median sample norm", Scale::kLog10, Quantity::layers},
    {"noise_scale", "gradient noise scale", Scale::kLog10, Quantity::network}};

std::string row_name(const std::string& row) {
  return row.starts_with("layer") ? "layer " + row.substr(5) : row;
}

bool is_known(double value) { return std::isfinite(value); }

/// Indices of the smallest and largest number of a column; none if there is no number.
std::optional<std::pair<std::size_t, std::size_t>> extremes(const std::vector<double>& values) {
  std::optional<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_known(values[i])) continue;
    if (!found) found = {i, i};
    if (values[i] < values[found->first]) found->first = i;
    if (values[i] > values[found->second]) found->second = i;
  }
  return found;
}

void add_signal(const ProbeHistory& history, std::vector<std::string>& sentences) {
  const std::vector<double> signal = history.last("signal_rms");
  if (signal.size() < 3) return;
  const double first = signal.front(), last = signal[signal.size() - 2];  // then the network
  const auto layers = static_cast<double>(signal.size() - 2);
  if (!(first > 0) || !(last > 0)) return;
  sentences.push_back(fmt::format(
      "The signal that backpropagation carries, the gradient with respect to a layer&#39;s "
      "pre-activations, is <strong>{}</strong> times as strong at layer 1 as at the last layer: on "
      "its way back each layer multiplies it by {} on average.",
      number_text(first / last), number_text(std::pow(first / last, 1 / layers))));
}

void add_saturation(const ProbeHistory& history, std::vector<std::string>& sentences) {
  const std::vector<double> saturated = history.last("saturated_share");
  const std::vector<double> dead = history.last("dead_share");
  const auto most = extremes(saturated), most_dead = extremes(dead);
  if (!most || !most_dead) return;
  sentences.push_back(fmt::format(
      "In {} units are saturated (they pass at most 5 % of the gradient they could) on "
      "<strong>{}</strong> of the samples, the most of all layers; the largest share of units that "
      "are so on every sample of a mini-batch is {}, in {}.",
      row_name(history.rows[most->second]), percent_text(saturated[most->second]),
      percent_text(dead[most_dead->second]), row_name(history.rows[most_dead->second])));
}

void add_updates(const ProbeHistory& history, std::vector<std::string>& sentences) {
  std::vector<double> ratios = history.last("update_ratio");
  if (!ratios.empty()) ratios.pop_back();
  const auto range = extremes(ratios);
  if (!range) return;
  const double low = ratios[range->first], high = ratios[range->second];
  std::string judgement = "which is about the 10⁻³ that is often aimed at";
  if (high < kUsualUpdateRatio / 10) {
    judgement = "far below the 10⁻³ that is often aimed at: a larger learning rate may do";
  } else if (high > 10 * kUsualUpdateRatio) {
    judgement = "far above the 10⁻³ that is often aimed at: the steps are rough";
  } else if (low < kUsualUpdateRatio / 10) {
    judgement = "so that some layers hardly learn beside others (10⁻³ is often aimed at)";
  }
  sentences.push_back(
      fmt::format("A step moves the weights by between {} ({}) and {} ({}) of their norm, {}.",
                  number_text(low), row_name(history.rows[range->first]), number_text(high),
                  row_name(history.rows[range->second]), judgement));
}

void add_cosine(const ProbeHistory& history, std::vector<std::string>& sentences) {
  const std::vector<double> cosines = history.last("gradient_cosine");
  if (cosines.empty() || !is_known(cosines.back())) return;
  const double cosine = cosines.back();
  std::string judgement =
      "close to a right angle: what a step sees is mostly the noise of its batch";
  if (cosine > 0.5) judgement = "so that step after step goes the same way";
  if (cosine < -0.1)
    judgement = "so that steps jump back and forth: the learning rate is too large";
  sentences.push_back(fmt::format(
      "The gradients of successive steps have a mean cosine of <strong>{}</strong>, {}.",
      number_text(cosine, 2), judgement));
}

void add_noise(const ProbeHistory& history, double batch_size,
               std::vector<std::string>& sentences) {
  const auto found = history.columns.find("noise_scale");
  if (found == history.columns.end()) return;
  const std::vector<double>& scale = found->second.back();
  if (!is_known(scale.back())) return;
  const std::string first = scale.size() < 2
                                ? std::string()
                                : fmt::format("{} in epoch {} and ", number_text(scale.front()),
                                              count_text(history.epoch.front()));
  sentences.push_back(fmt::format(
      "The gradient noise scale tr Σ / |G|² is {}<strong>{}</strong> in the last epoch, beside "
      "batches of {}: {}.",
      first, number_text(scale.back()), count_text(batch_size),
      scale.back() > batch_size
          ? "larger batches would still make a step better almost in proportion"
          : "larger batches would make a step hardly better"));
}

}  // namespace

std::vector<double> ProbeHistory::last(const std::string& column) const {
  std::vector<double> values;
  const auto found = columns.find(column);
  if (found == columns.end()) return values;
  for (const std::vector<double>& row : found->second) values.push_back(row.back());
  return values;
}

std::optional<ProbeHistory> probe_history(const RunRecord& run) {
  if (!run.has_table("layer_epochs.csv")) return std::nullopt;
  const CsvTable& table = run.table("layer_epochs.csv");
  if (table.row_count() == 0) return std::nullopt;
  ProbeHistory history;
  const std::vector<RowGroup> groups = rows_by(table, "layer");
  history.epoch = pick(table.numbers("epoch"), groups.front());
  for (const RowGroup& group : groups) history.rows.push_back(group.key);
  for (const std::string& column : table.columns()) {
    if (column == "epoch" || column == "layer") continue;
    const std::vector<double> values = table.numbers(column);
    for (const RowGroup& group : groups) history.columns[column].push_back(pick(values, group));
  }
  return history;
}

std::vector<std::string> sentences_of(const ProbeHistory& history, double batch_size) {
  std::vector<std::string> sentences;
  add_signal(history, sentences);
  add_saturation(history, sentences);
  add_updates(history, sentences);
  add_cosine(history, sentences);
  add_noise(history, batch_size, sentences);
  return sentences;
}

std::string probe_history_table(const ProbeHistory& history) {
  HtmlTable table;
  table.caption =
      fmt::format("What the probes found, means over epoch {}", count_text(history.epoch.back()));
  table.header = {""};
  for (const std::string& row : history.rows) table.rows.push_back({row_name(row)});
  for (const Quantity& quantity : kQuantities) {
    const std::vector<double> values = history.last(quantity.column);
    if (std::none_of(values.begin(), values.end(), is_known)) continue;
    table.header.push_back(escaped(quantity.title));
    const bool share = std::string_view(quantity.column).ends_with("_share");
    for (std::size_t r = 0; r < values.size(); ++r) {
      table.rows[r].push_back(share ? percent_text(values[r]) : number_text(values[r]));
    }
  }
  return html_of(table);
}

LineFigure probe_history_figure(const ProbeHistory& history) {
  LineFigure figure;
  figure.name = "layer-statistics";
  figure.title = "Probes of every layer by epoch";
  figure.caption =
      "Means over each epoch's steps. The backpropagated signal is what vanishes or explodes; "
      "curves of it that fan out say that layers amplify or damp it. Saturated units pass next to "
      "nothing of it. The noise scale is the network's; sample norms are those of single samples' "
      "gradients.";
  const std::size_t layers = history.rows.size() - 1;
  for (const Quantity& quantity : kQuantities) {
    const auto found = history.columns.find(quantity.column);
    if (found == history.columns.end() || quantity.drawn == Quantity::nowhere) continue;
    Panel panel{quantity.title,
                {"epoch", Scale::kLinear, true, {}},
                {"", quantity.scale, false, {}},
                {},
                {}};
    for (std::size_t r = 0; r < history.rows.size(); ++r) {
      const std::vector<double>& values = found->second[r];
      if ((r == layers) != (quantity.drawn == Quantity::network)) continue;
      if (std::none_of(values.begin(), values.end(), is_known)) continue;
      const Stroke stroke =
          r == layers ? Stroke{std::string(kBlack), std::string(kSolid)} : series_stroke(r, layers);
      panel.series.push_back(
          {row_name(history.rows[r]), history.epoch, values, stroke,
           history.epoch.size() < kFewEpochs ? Marks::kLinesAndDots : Marks::kNone});
    }
    if (!panel.series.empty()) figure.panels.push_back(std::move(panel));
  }
  figure.columns = columns_for(figure.panels.size());
  figure.same_y = false;
  figure.panel_height = figure.panels.size() <= 3 ? 240.0 : 170.0;
  return figure;
}

}  // namespace ravine::report
