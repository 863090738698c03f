#include "ravine/study/mode_recorder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ravine/kernels/matmul.hpp"
#include "ravine/kernels/vector_ops.hpp"
#include "ravine/study/mode_theory.hpp"

namespace ravine {

namespace {

constexpr double kSettled = 0.01;

/// Takes |measured / predicted - 1| into the largest so far; a mode that is not there says nothing.
void add_deviation(double measured, double predicted, double& largest) {
  if (predicted == 0) return;
  largest = std::fmax(largest, std::abs(measured / predicted - 1));
}

}  // namespace

ModeRecorder::ModeRecorder(const ParameterLayout& layout, ModeRecorderOptions options,
                           const StudyContext& context)
    : layout_(layout),
      options_(std::move(options)),
      folder_(context.folder),
      table_(folder_ / "modes.csv", {"iteration", "alpha", "mode", "size", "power", "recursion"}),
      modes_(options_.alphas.size(), std::vector<Mode>(options_.modes.values.size())),
      summaries_(options_.alphas.size()) {}

void ModeRecorder::on_step(const StepEvent<double>& event, StopRequests&) {
  eta_ = event.learning_rate;
  for (std::size_t member = 0; member < modes_.size(); ++member) {
    if (!event.active[member]) continue;
    measure(layout_.view(event.parameters, member), event.step, member);
    compare(event.step, event.learning_rate, member);
  }
}

void ModeRecorder::measure(MatrixView<const double> u, std::int64_t iteration, std::size_t member) {
  std::vector<Mode>& modes = modes_[member];
  std::vector<double> rows(modes.size() * u.cols);
  const MatrixView<double> products(rows.data(), modes.size(), u.cols);
  matmul(MatrixView<const double>(options_.modes.vectors.data(), modes.size(), u.rows), u,
         products);
  double largest = 0;
  for (std::size_t k = 0; k < modes.size(); ++k) {
    const double size = std::sqrt(squared_norm(std::span<const double>(products.row(k))));
    modes[k].sizes.push_back(size);
    largest = std::max(largest, size);
  }
  std::optional<std::int64_t>& early = summaries_[member].early_iterations;
  const bool goes_on = iteration == 0 || early == iteration - 1;
  if (goes_on && largest <= kEarlyPhase * std::sqrt(options_.modes.values.front())) {
    early = iteration;
  }
}

void ModeRecorder::compare(std::int64_t iteration, double eta, std::size_t member) {
  ModeSummary& summary = summaries_[member];
  const double limit = std::sqrt(options_.modes.values.front());
  for (std::size_t k = 0; k < modes_[member].size(); ++k) {
    Mode& mode = modes_[member][k];
    const double eigenvalue = options_.modes.values[k], size = mode.sizes.back();
    const double power = power_size(mode.sizes.front(), eigenvalue, eta, iteration);
    mode.recursion = iteration == 0 ? size : next_size(mode.recursion, eigenvalue, eta);
    if (summary.early_iterations == iteration) {
      add_deviation(size, power, summary.power_deviation);
    }
    add_deviation(size, mode.recursion, summary.recursion_deviation);
    table_.row(iteration, options_.alpha_names[member], k + 1, size, power <= limit ? power : NAN,
               mode.recursion);
  }
}

void ModeRecorder::write_half_time(CsvWriter& table, std::size_t member, std::size_t mode) {
  const std::vector<double>& sizes = modes_[member][mode].sizes;
  const double eigenvalue = options_.modes.values[mode];
  const double sigma = options_.sigma.empty() ? NAN : options_.sigma[mode];
  const double by_size = half_time_by_size(sizes.front(), eigenvalue, eta_);
  const std::optional<std::int64_t> measured = half_time(sizes);
  const double time = measured ? static_cast<double>(*measured) : NAN;
  if (measured > 0) add_deviation(by_size, time, summaries_[member].half_time_deviation);
  table.row(options_.alpha_names[member], mode + 1, sigma, eigenvalue, sizes.front(), sizes.back(),
            time, half_time_by_scale(options_.alphas[member], sigma, eta_), by_size);
}

void ModeRecorder::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("modes");
  table_.exchange_state(state);
  for (std::size_t member = 0; member < modes_.size(); ++member) {
    const StateArchive::Scope inner = state.enter(fmt::format("member{}", member + 1));
    ModeSummary& summary = summaries_[member];
    state.count_if_any("early_iterations", summary.early_iterations);
    state.number("power_deviation", summary.power_deviation);
    state.number("recursion_deviation", summary.recursion_deviation);
    for (std::size_t k = 0; k < modes_[member].size(); ++k) {
      const StateArchive::Scope mode = state.enter(fmt::format("mode{}", k + 1));
      state.number("recursion", modes_[member][k].recursion);
      state.one_or_more("sizes", modes_[member][k].sizes);
    }
  }
}

void ModeRecorder::close() {
  table_.close();
  CsvWriter half_times(folder_ / "half_times.csv",
                       {"alpha", "mode", "sigma", "eigenvalue", "start_size", "end_size",
                        "half_time", "half_time_by_scale", "half_time_by_size"});
  for (std::size_t member = 0; member < modes_.size(); ++member) {
    for (std::size_t mode = 0; mode < modes_[member].size(); ++mode) {
      write_half_time(half_times, member, mode);
    }
  }
  half_times.close();
}

std::optional<std::int64_t> half_time(std::span<const double> sizes) {
  const double last = sizes.back();
  if (!(std::abs(sizes[sizes.size() * 9 / 10] - last) <= kSettled * last) || !(last > 0)) {
    return std::nullopt;
  }
  const auto reached = std::ranges::find_if(sizes, [&](double size) { return size >= last / 2; });
  return reached - sizes.begin();
}

}  // namespace ravine
