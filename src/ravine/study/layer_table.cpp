#include "ravine/study/layer_table.hpp"

#include <array>
#include <exception>
#include <string_view>
#include <utility>

namespace ravine {

namespace {

constexpr std::array<std::string_view, 5> kQuantileNames = {
    "sample_norm_min", "sample_norm_p10", "sample_norm_p50", "sample_norm_p90", "sample_norm_max"};
constexpr std::string_view kNoiseScale = "noise_scale";
constexpr std::size_t kMostWaiting = 64;  // steps

/// Calls visit(name, value) for every column of the chosen probes, in the order of the tables.
template <class Visit>
void visit_columns(const ProbeChoice& probes, const LayerRow& row, Visit visit) {
  const LayerStatistics& batch = row.batch;
  if (probes.signal) visit("signal_rms", batch.signal_rms);
  if (probes.activations) {
    visit("activation_mean", batch.activations.mean);
    visit("activation_deviation", batch.activations.deviation);
    visit("saturated_share", batch.activations.saturated_share);
    visit("dead_share", batch.activations.dead_share);
  }
  if (probes.weights) visit("weight_norm", row.weight_norm);
  if (probes.updates) visit("update_ratio", row.update_ratio);
  if (probes.cosine) visit("gradient_cosine", row.gradient_cosine);
  if (probes.samples) {
    for (std::size_t q = 0; q < kQuantileNames.size(); ++q) {
      visit(kQuantileNames[q], batch.samples.norms[q]);
    }
    visit("gradient_noise", std::sqrt(batch.samples.variance));
    visit(kNoiseScale, noise_scale(batch.samples.variance, batch.samples.true_square));
  }
}

std::vector<std::string> with_columns(std::vector<std::string> names, const ProbeChoice& probes) {
  visit_columns(probes, {}, [&](std::string_view name, double) { names.emplace_back(name); });
  return names;
}

}  // namespace

void LayerTable::Mean::add(double value) {
  if (!std::isfinite(value)) return;
  sum += value;
  ++count;
}

LayerTable::LayerTable(const std::filesystem::path& folder, const ProbeChoice& probes,
                       std::vector<std::string> rows, ThreadTeam& team)
    : probes_(probes),
      team_(team),
      names_(std::move(rows)),
      steps_(folder / "layer_steps.csv", with_columns({"step", "layer"}, probes)),
      epochs_(folder / "layer_epochs.csv", with_columns({"epoch", "layer"}, probes)),
      means_(names_.size()) {
  for (RowMeans& means : means_) means.columns.resize(with_columns({}, probes).size());
  for (int member = 0; member < team.size(); ++member) texts_.push_back(steps_.empty_rows());
}

LayerTable::~LayerTable() {
  try {
    write_waiting();
  } catch (const std::exception&) {
  }
}

void LayerTable::add(std::int64_t step, std::int64_t epoch, const std::vector<LayerRow>& rows) {
  epoch_ = epoch;
  waiting_steps_.push_back(step);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    auto mean = means_[r].columns.begin();
    visit_columns(probes_, rows[r], [&](std::string_view, double value) {
      waiting_numbers_.push_back(static_cast<float>(value));
      (mean++)->add(value);
    });
    means_[r].variance.add(rows[r].batch.samples.variance);
    means_[r].true_square.add(rows[r].batch.samples.true_square);
  }
  if (waiting_steps_.size() == kMostWaiting) write_waiting();
}

void LayerTable::write_waiting() {
  const std::size_t columns = means_[0].columns.size();
  team_.run([&](int member) {
    CsvText& text = texts_[static_cast<std::size_t>(member)];
    text.clear();
    const IndexRange mine = split_range(waiting_steps_.size(), team_.size(), member);
    const float* number = waiting_numbers_.data() + mine.begin * names_.size() * columns;
    for (std::size_t w = mine.begin; w < mine.end; ++w) {
      for (const std::string& name : names_) {
        text.cell(waiting_steps_[w]).cell(name);
        for (std::size_t c = 0; c < columns; ++c) text.cell(*number++);
        text.end_row();
      }
    }
  });
  waiting_steps_.clear();
  waiting_numbers_.clear();
  for (const CsvText& text : texts_) steps_.append(text);
}

void LayerTable::end_epoch() {
  if (epoch_ == 0) return;
  for (std::size_t r = 0; r < names_.size(); ++r) {
    RowMeans& means = means_[r];
    epochs_.cell(epoch_).cell(names_[r]);
    auto mean = means.columns.begin();
    visit_columns(probes_, {}, [&](std::string_view name, double) {
      epochs_.cell(name == kNoiseScale
                       ? noise_scale(means.variance.value(), means.true_square.value())
                       : mean->value());
      *mean++ = {};
    });
    epochs_.end_row();
    means.variance = means.true_square = {};
  }
  epoch_ = 0;
}

void LayerTable::exchange_state(StateArchive& state) {
  write_waiting();
  steps_.exchange_state(state);
  epochs_.exchange_state(state);
  state.number("epoch", epoch_);
  const auto exchange = [&](std::string_view name, Mean& mean) {
    const StateArchive::Scope scope = state.enter(name);
    state.number("sum", mean.sum);
    state.number("count", mean.count);
  };
  for (std::size_t r = 0; r < names_.size(); ++r) {
    const StateArchive::Scope scope = state.enter(names_[r]);
    auto mean = means_[r].columns.begin();
    visit_columns(probes_, {}, [&](std::string_view name, double) { exchange(name, *mean++); });
    exchange("variance", means_[r].variance);
    exchange("true_square", means_[r].true_square);
  }
}

void LayerTable::close() {
  end_epoch();
  write_waiting();
  steps_.close();
  epochs_.close();
}

}  // namespace ravine
