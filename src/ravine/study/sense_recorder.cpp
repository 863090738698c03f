#include "ravine/study/sense_recorder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ravine/kernels/vector_ops.hpp"
#include "ravine/probe/effective_rank.hpp"
#include "ravine/probe/principal_angles.hpp"
#include "ravine/probe/singular_values.hpp"

namespace ravine {

namespace {

std::vector<std::string> trace_columns(bool with_truth) {
  std::vector<std::string> columns = {"iteration", "alpha", "loss", "gradient_norm"};
  if (with_truth) columns.insert(columns.end(), {"distance", "relative_error"});
  return columns;
}

void exchange_summary(StateArchive& state, SenseMemberSummary& summary) {
  state.number("distance", summary.distance);
  state.number("relative_error", summary.relative_error);
  state.rows("singular_values", summary.singular_values, 1);
  state.rows("angles", summary.angles, 1);
  for (std::size_t level = 0; level < kErrorLevels.size(); ++level) {
    state.count_if_any(fmt::format("iterations_to_{:g}", kErrorLevels[level]),
                       summary.iterations_to[level]);
  }
}

}  // namespace

SenseRecorder::SenseRecorder(const MatrixSensing& objective, SenseRecorderOptions options,
                             const StudyContext& context)
    : objective_(objective),
      options_(options),
      context_(context),
      truth_(options.truth),
      trace_(context.folder / "trace.csv", trace_columns(!options.truth.empty())),
      members_(options.alphas.size()) {
  if (options.singular_values == 0) return;
  spectrum_.emplace(context.folder / "singular_values.csv",
                    std::vector<std::string>{"iteration", "alpha", "index", "value"});
  ranks_.emplace(context.folder / "effective_rank.csv",
                 std::vector<std::string>{"iteration", "alpha", "stable_rank", "entropy_rank",
                                          "nuclear_norm"});
  if (options.truth_basis.empty()) return;
  alignment_.emplace(context.folder / "alignment.csv",
                     std::vector<std::string>{"iteration", "alpha", "index", "angle"});
}

void SenseRecorder::on_step(const StepEvent<double>& event, StopRequests& requests) {
  const bool with_spectrum = spectrum_ && (event.step % options_.singular_values_every == 0 ||
                                           event.step == options_.max_steps);
  std::vector<std::size_t> active;
  for (std::size_t k = 0; k < members_.size(); ++k) {
    if (event.active[k]) active.push_back(k);
  }
  context_.team->run([&](int member) {
    for (auto i = static_cast<std::size_t>(member); i < active.size();
         i += static_cast<std::size_t>(context_.team->size())) {
      measure(event, active[i], with_spectrum);
    }
  });
  for (const std::size_t k : active) {
    write(event, k, with_spectrum);
    stop_at_target(options_.target_error, members_[k].relative_error, k, event.step, requests);
  }
  iterations_ = event.step + 1;
  context_.progress({"iteration", event.step, options_.max_steps, event.elapsed_seconds});
  if (context_.interrupted()) {
    requests.stop_all(Termination::interrupted,
                      fmt::format("interrupted after {} iterations", event.step));
  }
}

void SenseRecorder::measure(const StepEvent<double>& event, std::size_t member,
                            bool with_spectrum) {
  SenseMemberSummary& summary = members_[member];
  if (truth_.is_known()) {
    summary.distance = truth_.of(objective_.gram(member));
    summary.relative_error = truth_.relative(summary.distance);
    for (std::size_t level = 0; level < kErrorLevels.size(); ++level) {
      if (!summary.iterations_to[level] && summary.relative_error <= kErrorLevels[level]) {
        summary.iterations_to[level] = event.step;
      }
    }
  }
  if (with_spectrum) measure_spectrum(objective_.layout().view(event.parameters, member), summary);
}

void SenseRecorder::measure_spectrum(MatrixView<const double> u,
                                     SenseMemberSummary& summary) const {
  if (!alignment_) {
    summary.singular_values = singular_values(u, options_.singular_values);
    return;
  }
  const std::size_t d = u.rows, rank = options_.truth_basis.size() / d;
  const std::size_t count = std::min(rank, u.cols);
  SingularSpectrum spectrum = singular_spectrum(u, options_.singular_values, count);
  summary.singular_values = std::move(spectrum.values);
  summary.angles = principal_angles(MatrixView<const double>(spectrum.left.data(), count, d),
                                    MatrixView<const double>(options_.truth_basis.data(), rank, d));
}

void SenseRecorder::write(const StepEvent<double>& event, std::size_t member, bool with_spectrum) {
  const SenseMemberSummary& summary = members_[member];
  const std::string& alpha = options_.alphas[member];
  trace_.cell(event.step).cell(alpha).cell(event.losses[member]).cell(event.gradient_norms[member]);
  if (truth_.is_known()) trace_.cell(summary.distance).cell(summary.relative_error);
  trace_.end_row();
  if (with_spectrum) write_spectrum(event.step, alpha, summary);
}

void SenseRecorder::write_spectrum(std::int64_t iteration, const std::string& alpha,
                                   const SenseMemberSummary& summary) {
  const std::size_t count = std::min(options_.singular_values, summary.singular_values.size());
  for (std::size_t i = 0; i < count; ++i) {
    spectrum_->row(iteration, alpha, i + 1, summary.singular_values[i]);
  }
  const EffectiveRank rank = effective_rank(summary.singular_values);
  ranks_->row(iteration, alpha, rank.stable, rank.entropy, rank.nuclear_norm);
  for (std::size_t i = 0; i < summary.angles.size(); ++i) {
    alignment_->row(iteration, alpha, i + 1, summary.angles[i]);
  }
}

void SenseRecorder::exchange_state(StateArchive& state) {
  const StateArchive::Scope scope = state.enter("recorder");
  for (CsvWriter* table : tables()) table->exchange_state(state);
  state.number("iterations", iterations_);
  for (std::size_t k = 0; k < members_.size(); ++k) {
    const StateArchive::Scope member = state.enter(fmt::format("member{}", k + 1));
    exchange_summary(state, members_[k]);
  }
  if (state.restores()) context_.line(fmt::format("going on after {} iterations", iterations_));
}

std::vector<CsvWriter*> SenseRecorder::tables() {
  std::vector<CsvWriter*> tables = {&trace_};
  for (std::optional<CsvWriter>* table : {&spectrum_, &ranks_, &alignment_}) {
    if (*table) tables.push_back(&**table);
  }
  return tables;
}

void SenseRecorder::close() {
  for (CsvWriter* table : tables()) table->close();
}

}  // namespace ravine
