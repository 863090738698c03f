#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ravine/probe/effective_rank.hpp"
#include "ravine/record/run_record.hpp"

namespace ravine::report {

/// The rows of one key in a long-format table, in file order.
struct RowGroup {
  std::string key;
  std::vector<std::size_t> rows;
};

/// Groups rows by a text column, keys in order of appearance.
std::vector<RowGroup> rows_by(const CsvTable& table, const std::string& column);

/// 0, 1, ..., the number of rows less one.
std::vector<std::size_t> all_rows(const CsvTable& table);

/// values[i] for every i of the group.
std::vector<double> pick(const std::vector<double>& values, const RowGroup& group);

/// The columns grad_norm.layer1, grad_norm.layer2, ... of a train table: result[l] is that of layer
/// l + 1. Throws DataError when there is none.
std::vector<std::vector<double>> layer_norms(const CsvTable& table);

/// What the loss columns of a train run's epochs.csv are named after: "nll" or "mse".
std::string loss_name(const CsvTable& epochs);

/// The sizes of a `train` run's layers, inputs first: 784, 128, 128, 128, 10.
std::vector<double> layer_sizes(const RunRecord& run);

/// What happened to one alpha of a `sense` run, in the order of iterations.
struct MemberTrace {
  double alpha;
  std::vector<double> iteration;
  std::vector<double> loss;
  std::vector<double> relative_error;  // empty when no truth is known
};

std::vector<MemberTrace> member_traces(const RunRecord& run);

/// The singular values of one alpha: value[k][i] is the (k+1)-th largest at iteration[i].
struct MemberSpectrum {
  double alpha;
  std::vector<double> iteration;
  std::vector<std::vector<double>> value;
};

/// Empty for a run that was asked to record none.
std::vector<MemberSpectrum> member_spectra(const RunRecord& run);

/// The singular values of X* that are not zero, from large to small; empty when it is not known.
std::vector<double> truth_singular_values(const RunRecord& run);

/// Of a factor U with UU^T = X*; NaN when X* is not known.
EffectiveRank truth_effective_rank(const RunRecord& run);

}  // namespace ravine::report
