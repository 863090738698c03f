#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// How this run's layer-1 norms fit the five that the notebook printed, when its epoch e is taken
/// to be this run's epoch e + shift.
struct NotebookFit {
  std::vector<double> rms_by_shift;  // root mean square difference at shift 0, 1, 2, ...
  int best_shift = 0;
};

/// What a `train` run says, in numbers; NaN where the run has none.
struct TrainFindings {
  bool is_reference = false;  // the network, data and rates of the problem set
  std::string verdict;
  std::vector<std::string> reasons;
  std::string cause;                   // empty when healthy
  std::vector<std::string> advice;     // "action: reason (reference)", the first to try first
  double first_to_last_ratio = 0.0;    // of the layers' median norms
  double log10_slope_per_layer = 0.0;  // positive: norms shrink towards the input
  std::vector<double> dead_relu_share;
  double epochs = 0.0;
  double train_loss = 0.0;
  double test_loss = 0.0;
  double test_accuracy = 0.0;
  double best_test_epoch = 0.0;  // where the test loss is lowest
  double best_test_loss = 0.0;
  bool train_loss_falls_on = false;  // from that epoch to the last
  double relative_decrease = 0.0;    // of the loss, by the diagnosis
  std::vector<double> layer1_norms;  // by epoch
  double peak_epoch = 0.0;           // where layer 1's mean norm is largest
  double peak_norm = 0.0;
  std::optional<NotebookFit> notebook;  // reference configuration with at least six epochs
};

/// Throws DataError when the manifest or epochs.csv lacks what the format promises.
TrainFindings train_findings(const RunRecord& run);

/// The findings as sentences in HTML.
std::vector<std::string> sentences_of(const TrainFindings& findings);

}  // namespace ravine::report
