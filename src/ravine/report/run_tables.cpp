#include "ravine/report/run_tables.hpp"

#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine::report {

namespace {

// Relative to the largest, below this a singular value of X* is rounding.
constexpr double kZero = 1e-9;

[[noreturn]] void refuse_indices(const RunRecord& run) {
  throw DataError(error_text("report", (run.folder() / "singular_values.csv").string(),
                             "indices 1, 2, 3, ... at every iteration, as many each time",
                             "others"));
}

}  // namespace

std::vector<RowGroup> rows_by(const CsvTable& table, const std::string& column) {
  const std::vector<std::string> keys = table.texts(column);
  std::unordered_map<std::string, std::size_t> places;
  std::vector<RowGroup> groups;
  for (std::size_t row = 0; row < keys.size(); ++row) {
    const auto [place, is_new] = places.try_emplace(keys[row], groups.size());
    if (is_new) groups.push_back({keys[row], {}});
    groups[place->second].rows.push_back(row);
  }
  return groups;
}

std::vector<std::size_t> all_rows(const CsvTable& table) {
  std::vector<std::size_t> rows(table.row_count());
  for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = row;
  return rows;
}

std::vector<double> pick(const std::vector<double>& values, const RowGroup& group) {
  std::vector<double> picked;
  picked.reserve(group.rows.size());
  for (const std::size_t row : group.rows) picked.push_back(values[row]);
  return picked;
}

std::vector<std::vector<double>> layer_norms(const CsvTable& table) {
  std::vector<std::vector<double>> norms{table.numbers("grad_norm.layer1")};
  for (std::size_t layer = 2;; ++layer) {
    const std::string column = fmt::format("grad_norm.layer{}", layer);
    if (!table.has_column(column)) return norms;
    norms.push_back(table.numbers(column));
  }
}

std::string loss_name(const CsvTable& epochs) {
  return epochs.has_column("train_mse") ? "mse" : "nll";
}

std::vector<double> layer_sizes(const RunRecord& run) {
  std::vector<double> sizes;
  for (std::size_t i = 0; i < run.array("/results/layers").size(); ++i) {
    if (i == 0) sizes.push_back(run.number("/results/layers/0/inputs"));
    sizes.push_back(run.number(fmt::format("/results/layers/{}/outputs", i)));
  }
  return sizes;
}

std::vector<MemberTrace> member_traces(const RunRecord& run) {
  const CsvTable& table = run.table("trace.csv");
  const std::vector<double> alpha = table.numbers("alpha");
  const std::vector<double> iteration = table.numbers("iteration");
  const std::vector<double> loss = table.numbers("loss");
  std::vector<double> error;
  if (table.has_column("relative_error")) error = table.numbers("relative_error");
  std::vector<MemberTrace> traces;
  for (const RowGroup& group : rows_by(table, "alpha")) {
    traces.push_back({alpha[group.rows.front()], pick(iteration, group), pick(loss, group),
                      error.empty() ? error : pick(error, group)});
  }
  return traces;
}

std::vector<MemberSpectrum> member_spectra(const RunRecord& run) {
  if (!run.has_table("singular_values.csv")) return {};
  const CsvTable& table = run.table("singular_values.csv");
  const std::vector<double> alpha = table.numbers("alpha");
  const std::vector<double> iteration = table.numbers("iteration");
  const std::vector<double> index = table.numbers("index");
  const std::vector<double> value = table.numbers("value");
  std::vector<MemberSpectrum> spectra;
  for (const RowGroup& group : rows_by(table, "alpha")) {
    MemberSpectrum spectrum{alpha[group.rows.front()], {}, {}};
    std::size_t k = 0;  // of the row before
    for (const std::size_t row : group.rows) {
      k = index[row] == 1.0 ? 1 : k + 1;
      if (index[row] != static_cast<double>(k)) refuse_indices(run);
      if (k == 1) spectrum.iteration.push_back(iteration[row]);
      if (k > spectrum.value.size()) spectrum.value.emplace_back();
      spectrum.value[k - 1].push_back(value[row]);
    }
    for (const std::vector<double>& values : spectrum.value) {
      if (values.size() != spectrum.iteration.size()) refuse_indices(run);
    }
    spectra.push_back(std::move(spectrum));
  }
  return spectra;
}

std::vector<double> truth_singular_values(const RunRecord& run) {
  if (!run.has("/results/truth_singular_values")) return {};
  std::vector<double> values = run.numbers("/results/truth_singular_values");
  std::erase_if(values, [largest = values.empty() ? 0.0 : values.front()](double value) {
    return !(value > kZero * largest);
  });
  return values;
}

EffectiveRank truth_effective_rank(const RunRecord& run) {
  std::vector<double> of_factor = truth_singular_values(run);
  if (of_factor.empty()) return {NAN, NAN, NAN};
  for (double& value : of_factor) value = std::sqrt(value);
  return effective_rank(of_factor);
}

}  // namespace ravine::report
