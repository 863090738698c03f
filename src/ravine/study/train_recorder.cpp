#include "ravine/study/train_recorder.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"

namespace ravine {

namespace {

/// Block numbers with all weights before all biases, the order of the columns.
std::vector<std::size_t> column_order(const ParameterLayout& layout) {
  std::vector<std::size_t> order;
  for (const bool bias : {false, true}) {
    for (std::size_t b = 0; b < layout.blocks().size(); ++b) {
      if (layout.blocks()[b].name.ends_with(".bias") == bias) order.push_back(b);
    }
  }
  return order;
}

std::vector<std::string> with_norm_columns(std::vector<std::string> columns,
                                           const ParameterLayout& layout) {
  for (const std::size_t b : column_order(layout)) {
    columns.push_back("grad_norm." + norm_name(layout.blocks()[b]));
  }
  return columns;
}

}  // namespace

std::string norm_name(const ParameterBlock& block) {
  constexpr std::string_view kEnding = ".weight";
  std::string name = block.name;
  if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
  return name;
}

TrainRecorder::TrainRecorder(Mlp<float>& network, const MlpConfig& shape,
                             const LabelledPixels& test, const TrainConfig& config,
                             const StudyContext& context)
    : network_(network),
      test_(test),
      has_relu_(shape.activation == Activation::relu),
      total_epochs_(config.epochs),
      stop_when_unhealthy_(config.stop_when_unhealthy),
      context_(context),
      block_order_(column_order(network.layout())),
      steps_(context.folder / "steps.csv",
             with_norm_columns({"step", "epoch", "loss", "learning_rate"}, network.layout())),
      epoch_table_(
          context.folder / "epochs.csv",
          with_norm_columns({"epoch", "train_nll", "test_nll", "test_accuracy"}, network.layout())),
      norm_table_(context.folder / "gradient_norms.csv", {"epoch", "layer", "gradient_norm"}),
      norm_sums_(network.layout().blocks().size()) {
  weight_count_ = shape.depth();
  for (std::size_t l = 0; l < weight_count_; ++l) {
    history_.layers.emplace_back(fmt::format("layer{}", l + 1));
  }
  weight_norms_.resize(weight_count_);
  history_.blind_loss = std::log(shape.outputs);
  if (is_plain_descent(config.rule.name)) history_.expected_decrease = 0;
}

void TrainRecorder::on_step(const StepEvent<float>& event, StopRequests& requests) {
  steps_.cell(event.step + 1).cell(event.epoch + 1).cell(event.losses[0]).cell(event.learning_rate);
  for (std::size_t i = 0; i < block_order_.size(); ++i) {
    const double norm = event.gradient_norms[block_order_[i]];
    steps_.cell(norm);
    norm_sums_[block_order_[i]] += norm;
    if (i < weight_count_) weight_norms_[i] = norm;
  }
  steps_.end_row();
  loss_sum_ += event.losses[0];
  history_.add_norms(weight_norms_);
  history_.losses.add(event.losses[0]);
  if (!std::isnan(history_.expected_decrease)) {
    history_.expect_decrease(event.learning_rate, weight_norms_);
  }
  const bool finite = std::isfinite(event.losses[0]) &&
                      std::ranges::all_of(weight_norms_, [](double x) { return std::isfinite(x); });
  if (event.step + 1 == next_check_ || !finite) check_health(event.step + 1, requests);
  if (event.step % 16 == 0) {
    context_.progress({fmt::format("epoch {}/{}", event.epoch + 1, total_epochs_), event.step,
                       total_epochs_ * network_.steps_per_epoch(), event.elapsed_seconds});
  }
  if (context_.interrupted()) {
    requests.stop_all(
        Termination::interrupted,
        fmt::format("interrupted after {} steps, {} finished epochs", event.step, epochs_.size()));
  }
}

/// The first checks follow at doubling distances: within an epoch, at next to no cost.
void TrainRecorder::check_health(std::int64_t step, StopRequests& requests) {
  constexpr std::int64_t kMostDistance = 512;
  next_check_ = step + std::min(step, kMostDistance);
  const Diagnosis found = diagnose(history_);
  if (found.verdict == Verdict::healthy || found.confidence != Confidence::high) return;
  const std::string text = fmt::format("{}: {}", name_of(found.verdict), found.reasons[0]);
  if (said_ != found.verdict) context_.line(fmt::format("step {}: {}", step, text));
  said_ = found.verdict;
  if (stop_when_unhealthy_) {
    requests.stop_all(Termination::stopped, fmt::format("stopped at step {}, {}", step, text));
  }
}

void TrainRecorder::on_epoch_end(const EpochEvent<float>& event, StopRequests& requests) {
  const Timer timer;
  const auto steps = static_cast<double>(network_.steps_per_epoch());
  EpochSummary summary{loss_sum_ / steps, network_.evaluate(event.parameters, test_), {}};
  for (double& sum : norm_sums_) {
    summary.gradient_norms.push_back(sum / steps);
    sum = 0;
  }
  loss_sum_ = 0;
  write_epoch(event.epoch + 1, summary);
  if (has_relu_) history_.dead_relu_share = summary.test.inactive_share;
  check_health((event.epoch + 1) * network_.steps_per_epoch(), requests);
  epochs_.push_back(std::move(summary));
  evaluation_seconds_ += timer.elapsed_seconds();
}

void TrainRecorder::write_epoch(std::int64_t number, const EpochSummary& summary) {
  epoch_table_.cell(number)
      .cell(summary.train_nll)
      .cell(summary.test.nll)
      .cell(summary.test.accuracy);
  std::string norms;
  for (std::size_t i = 0; i < block_order_.size(); ++i) {
    const double norm = summary.gradient_norms[block_order_[i]];
    epoch_table_.cell(norm);
    if (i >= weight_count_) continue;
    norm_table_.row(number, i + 1, norm);
    norms += fmt::format(" {:.4g}", norm);
  }
  epoch_table_.end_row();
  context_.line(fmt::format(
      "epoch {:>3}/{}  train NLL {:.4f}  test NLL {:.4f}  test accuracy {:.4f}  "
      "gradient norms{}",
      number, total_epochs_, summary.train_nll, summary.test.nll, summary.test.accuracy, norms));
}

void TrainRecorder::close() {
  steps_.close();
  epoch_table_.close();
  norm_table_.close();
}

}  // namespace ravine
