#pragma once

#include <string>
#include <vector>

#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// What a comparison of networks shows of a `train` run.
struct ComparedNetwork {
  const RunRecord* run;
  std::string name;
  std::string verdict;
  std::vector<double> first_norms;  // by layer, of the first step
  std::vector<double> last_norms;   // by layer, means of the last epoch; empty: no epoch ended
  std::vector<double> epoch, train_loss, test_loss;
  std::vector<double> signal;  // by layer, of the first step; empty: not recorded
  // By mean-field theory, empty where it says nothing: the signal, from that of the last layer, and
  // the gradient norms before training, from nothing.
  std::vector<double> expected_signal, expected_norms;
  double test_accuracy;
};

/// Throws DataError when the record lacks what the format promises.
ComparedNetwork read_network(const RunRecord& run);

}  // namespace ravine::report
