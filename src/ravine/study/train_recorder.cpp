#include "ravine/study/train_recorder.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/study/step_facts.hpp"

namespace ravine {

namespace {

/// Block numbers in the order of the columns: the weights of all layers, their biases, then what
/// normalisations learn.
std::vector<std::size_t> column_order(const ParameterLayout& layout) {
  const auto rank = [&](std::size_t b) {
    const std::string& name = layout.blocks()[b].name;
    return std::pair(!name.starts_with("layer"), name.ends_with(".bias"));
  };
  std::vector<std::size_t> order(layout.blocks().size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, rank);
  return order;
}

std::vector<std::string> with_norm_columns(std::vector<std::string> columns,
                                           const ParameterLayout& layout, bool clips) {
  const auto add = [&](const std::string& prefix) {
    for (const std::size_t b : column_order(layout)) {
      columns.push_back(prefix + norm_name(layout.blocks()[b]));
    }
  };
  add("grad_norm.");
  if (clips) add("clipped_norm.");
  return columns;
}

std::vector<std::string> norm_table_columns(bool clips) {
  std::vector<std::string> columns = {"epoch", "layer", "gradient_norm"};
  if (clips) columns.emplace_back("clipped_norm");
  return columns;
}

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// sums <- 0, and what they were over `count`.
std::vector<double> take_means(std::vector<double>& sums, double count) {
  std::vector<double> means;
  for (double& sum : sums) {
    means.push_back(sum / count);
    sum = 0;
  }
  return means;
}

}  // namespace

std::string norm_name(const ParameterBlock& block) {
  constexpr std::string_view kEnding = ".weight";
  std::string name = block.name;
  if (name.starts_with("layer") && name.ends_with(kEnding))
    name.resize(name.size() - kEnding.size());
  return name;
}

TrainRecorder::TrainRecorder(Mlp<float>& network, const MlpConfig& shape,
                             const LabelledPixels& test, const TrainConfig& config,
                             const StudyContext& context)
    : network_(network),
      test_(test),
      has_relu_(shape.activation == Activation::relu),
      loss_name_(name_of(shape.loss)),
      clips_(config.clipping.is_on()),
      total_epochs_(config.epochs),
      stop_when_unhealthy_(config.stop_when_unhealthy),
      context_(context),
      block_order_(column_order(network.layout())),
      steps_(
          context.folder / "steps.csv",
          with_norm_columns({"step", "epoch", "loss", "learning_rate"}, network.layout(), clips_)),
      epoch_table_(
          context.folder / "epochs.csv",
          with_norm_columns({"epoch", "train_" + loss_name_, "test_" + loss_name_, "test_accuracy"},
                            network.layout(), clips_)),
      norm_table_(context.folder / "gradient_norms.csv", norm_table_columns(clips_)),
      norm_sums_(network.layout().blocks().size()),
      clipped_sums_(norm_sums_) {
  weight_count_ = shape.depth();
  for (std::size_t l = 0; l < weight_count_; ++l) {
    history_.layers.emplace_back(fmt::format("layer{}", l + 1));
  }
  weight_norms_.resize(weight_count_);
  history_.blind_loss = blind_loss(shape.loss, shape.outputs);
  history_.gradient_scale = gradient_scale(shape.loss, shape.outputs);
  const bool normalises = shape.normalisation != Normalisation::none;
  history_.assume(step_facts(rule_of(config), clips_, normalises));
  history_.has = {.other_activation = shape.activation != Activation::sigmoid,
                  .normalisation = normalises,
                  .residual = shape.residual,
                  .clipping = clips_,
                  .warm_up = config.schedule.warm_up > 0,
                  .finite_loss = true};
}

void TrainRecorder::on_step(const StepEvent<float>& event, StopRequests& requests) {
  steps_.cell(event.step + 1).cell(event.epoch + 1).cell(event.losses[0]).cell(event.learning_rate);
  for (std::size_t i = 0; i < block_order_.size(); ++i) {
    const double norm = event.gradient_norms[block_order_[i]];
    steps_.cell(norm);
    norm_sums_[block_order_[i]] += norm;
    if (i < weight_count_) weight_norms_[i] = norm;
  }
  if (clips_) add_clipped_norms(event);
  steps_.end_row();
  ++step_count_;
  loss_sum_ += event.losses[0];
  history_.add_norms(weight_norms_);
  history_.add_loss(event.losses[0]);
  history_.add_rate(event.learning_rate, weight_norms_);
  const bool finite = std::isfinite(event.losses[0]) &&
                      std::ranges::all_of(weight_norms_, [](double x) { return std::isfinite(x); });
  if (event.step + 1 == next_check_ || !finite) check_health(event.step + 1, requests);
  if (event.step % 16 == 0) {
    context_.progress({fmt::format("epoch {}/{}", event.epoch + 1, total_epochs_), event.step,
                       total_epochs_ * network_.steps_per_epoch(), event.elapsed_seconds});
  }
  // A signal that came after the look stops the next step.
  if (context_.interrupted() && !event.parameters.empty()) {
    requests.stop_all(Termination::interrupted,
                      fmt::format("interrupted after {} steps, {} finished epochs", event.step,
                                  finished_epochs_));
  }
}

void TrainRecorder::add_clipped_norms(const StepEvent<float>& event) {
  for (const std::size_t b : block_order_) {
    steps_.cell(event.clipped_norms[b]);
    clipped_sums_[b] += event.clipped_norms[b];
  }
  clipped_count_ += !std::ranges::equal(event.clipped_norms, event.gradient_norms);
}

double TrainRecorder::clipped_share() const {
  return step_count_ == 0 ? 0
                          : static_cast<double>(clipped_count_) / static_cast<double>(step_count_);
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
  const MlpEvaluation test = network_.evaluate(event.parameters, test_);
  const auto steps = static_cast<double>(network_.steps_per_epoch());
  last_epoch_ = {loss_sum_ / steps, test.loss, test.accuracy};
  loss_sum_ = 0;
  ++finished_epochs_;
  write_epoch();
  if (has_relu_) history_.dead_relu_share = test.inactive_share;
  check_health((event.epoch + 1) * network_.steps_per_epoch(), requests);
  evaluation_seconds_ += timer.elapsed_seconds();
}

void TrainRecorder::write_epoch() {
  const auto steps = static_cast<double>(network_.steps_per_epoch());
  const std::vector<double> gradient_norms = take_means(norm_sums_, steps),
                            clipped_norms = take_means(clipped_sums_, steps);
  epoch_table_.cell(finished_epochs_)
      .cell(last_epoch_.train_loss)
      .cell(last_epoch_.test_loss)
      .cell(last_epoch_.test_accuracy);
  std::string norms;
  for (std::size_t i = 0; i < block_order_.size(); ++i) {
    const double norm = gradient_norms[block_order_[i]];
    epoch_table_.cell(norm);
    if (i >= weight_count_) continue;
    norm_table_.cell(finished_epochs_).cell(static_cast<std::int64_t>(i + 1)).cell(norm);
    if (clips_) norm_table_.cell(clipped_norms[block_order_[i]]);
    norm_table_.end_row();
    norms += fmt::format(" {:.4g}", norm);
  }
  for (std::size_t i = 0; clips_ && i < block_order_.size(); ++i) {
    epoch_table_.cell(clipped_norms[block_order_[i]]);
  }
  epoch_table_.end_row();
  const std::string loss = upper_case(loss_name_);
  context_.line(fmt::format(
      "epoch {:>3}/{}  train {} {:.4f}  test {} {:.4f}  test accuracy {:.4f}  gradient norms{}",
      finished_epochs_, total_epochs_, loss, last_epoch_.train_loss, loss, last_epoch_.test_loss,
      last_epoch_.test_accuracy, norms));
}

void TrainRecorder::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("recorder");
  for (CsvWriter* table : {&steps_, &epoch_table_, &norm_table_}) table->exchange_state(state);
  state.number("loss_sum", loss_sum_);
  state.values("norm_sums", std::span(norm_sums_));
  state.values("clipped_sums", std::span(clipped_sums_));
  state.number("step_count", step_count_);
  state.number("clipped_count", clipped_count_);
  state.number("finished_epochs", finished_epochs_);
  state.number("train_loss", last_epoch_.train_loss);
  state.number("test_loss", last_epoch_.test_loss);
  state.number("test_accuracy", last_epoch_.test_accuracy);
  history_.exchange_state(state);
  state.number("next_check", next_check_);
  state.number("said", said_);
  state.number("evaluation_seconds", evaluation_seconds_);
  if (!state.restores()) return;
  context_.line(
      fmt::format("going on after {} steps, {} finished epochs", step_count_, finished_epochs_));
}

void TrainRecorder::close() {
  steps_.close();
  epoch_table_.close();
  norm_table_.close();
}

}  // namespace ravine
