#pragma once

#include <span>
#include <string>
#include <vector>

#include "ravine/data/labelled_pixels.hpp"
#include "ravine/descent/observer.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

/// The numbers of one finished epoch.
struct EpochSummary {
  double train_nll = 0;  ///< mean of the epoch's batch losses
  MlpEvaluation test;
  std::vector<double> gradient_norms;  ///< mean over the epoch's steps, one a block
};

/// Writes steps.csv, epochs.csv and gradient_norms.csv while a network trains, evaluates it on the
/// test set after every epoch, and reports progress.
class TrainRecorder : public Observer<float> {
 public:
  TrainRecorder(Mlp<float>& network, const LabelledPixels& test, std::int64_t total_epochs,
                const StudyContext& context);

  void on_step(const StepEvent<float>& event, StopRequests& requests) override;
  void on_epoch_end(const EpochEvent<float>& event, StopRequests& requests) override;

  /// Writes what is left. Throws IoError when anything did not reach the disk.
  void close();

  const std::vector<EpochSummary>& epochs() const { return epochs_; }
  double evaluation_seconds() const { return evaluation_seconds_; }
  /// Norms of every step so far, one series a weight matrix.
  const std::vector<std::vector<double>>& weight_norms() const { return weight_norms_; }

 private:
  void write_epoch(std::int64_t number, const EpochSummary& summary);

  Mlp<float>& network_;
  const LabelledPixels& test_;
  std::int64_t total_epochs_;
  const StudyContext& context_;
  std::vector<std::size_t> block_order_;  // weights first, then biases
  std::size_t weight_count_ = 0;
  CsvWriter steps_;
  CsvWriter epoch_table_;
  CsvWriter norm_table_;
  double loss_sum_ = 0;
  std::vector<double> norm_sums_;  // one a block
  std::vector<EpochSummary> epochs_;
  std::vector<std::vector<double>> weight_norms_;
  double evaluation_seconds_ = 0;
};

}  // namespace ravine
