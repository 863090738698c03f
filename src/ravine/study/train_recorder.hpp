#pragma once

#include <span>
#include <string>
#include <vector>

#include "ravine/data/labelled_pixels.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/diagnosis/diagnosis.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/study.hpp"
#include "ravine/study/train.hpp"

namespace ravine {

/// What a block is called where its gradient norm is recorded: "layer1" for "layer1.weight"; others
/// by their names.
std::string norm_name(const ParameterBlock& block);

/// The numbers of one finished epoch.
struct EpochSummary {
  double train_loss = 0;  ///< mean of the epoch's batch losses
  double test_loss = 0;
  double test_accuracy = 0;
};

/// Writes steps.csv, epochs.csv and gradient_norms.csv while a network trains, evaluates it on the
/// test set after every epoch, reports progress, and says so as soon as the gradients are certainly
/// not healthy; that also ends the run when the configuration wants it.
class TrainRecorder : public Observer<float> {
 public:
  /// `shape` is that of `network`.
  TrainRecorder(Mlp<float>& network, const MlpConfig& shape, const LabelledPixels& test,
                const TrainConfig& config, const StudyContext& context);

  bool looks_before_update(std::int64_t step) const override {
    return context_.interrupted() || (stop_when_unhealthy_ && step + 1 == next_check_);
  }
  void on_step(const StepEvent<float>& event, StopRequests& requests) override;
  void on_epoch_end(const EpochEvent<float>& event, StopRequests& requests) override;
  void exchange_state(StateArchive& state) override;

  /// Writes what is left. Throws IoError when anything did not reach the disk.
  void close();

  std::int64_t finished_epochs() const { return finished_epochs_; }
  const EpochSummary& last_epoch() const { return last_epoch_; }  ///< the last finished one
  double evaluation_seconds() const { return evaluation_seconds_; }
  /// Of the steps so far, those whose gradient was not within the bounds; 0 before the first.
  double clipped_share() const;
  /// Norms of every step so far, one layer a weight matrix.
  const NormHistory& history() const { return history_; }

 private:
  void add_clipped_norms(const StepEvent<float>& event);
  void write_epoch();
  void check_health(std::int64_t step, StopRequests& requests);

  Mlp<float>& network_;
  LabelledPixels test_;
  bool has_relu_;
  std::string loss_name_;  // in tables
  bool clips_;
  std::int64_t total_epochs_;
  bool stop_when_unhealthy_;
  const StudyContext& context_;
  std::vector<std::size_t>
      block_order_;  // layers' weights first, then their biases, then normalisations
  std::size_t weight_count_ = 0;
  CsvWriter steps_;
  CsvWriter epoch_table_;
  CsvWriter norm_table_;
  double loss_sum_ = 0;
  std::vector<double> norm_sums_, clipped_sums_;  // one a block
  std::int64_t step_count_ = 0, clipped_count_ = 0;
  std::int64_t finished_epochs_ = 0;
  EpochSummary last_epoch_;
  NormHistory history_;
  std::vector<double> weight_norms_;  // of the current step
  std::int64_t next_check_ = 10;
  Verdict said_ = Verdict::healthy;
  double evaluation_seconds_ = 0;
};

}  // namespace ravine
