#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ravine/descent/observer.hpp"
#include "ravine/objective/matrix_sensing.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/sense_descent.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

struct SenseRecorderOptions {
  std::span<const double> truth;        ///< X*, (d, d); empty when unknown
  std::span<const double> truth_basis;  ///< (r, d), orthonormal eigenvectors of X*; or empty
  std::span<const std::string> alphas;  ///< one a member, as printed
  std::size_t singular_values = 10;     ///< largest ones recorded; 0: none
  std::int64_t singular_values_every = 1;
  double target_error = 0;  ///< 0: off
  std::int64_t max_steps = 0;
};

/// Relative errors whose first iteration is reported.
inline constexpr std::array<double, 3> kErrorLevels = {1e-3, 1e-6, 1e-10};

/// The last recorded numbers of one member.
struct SenseMemberSummary {
  double distance = 0;
  double relative_error = 0;
  std::vector<double> singular_values;  ///< of the last U recorded
  std::vector<double> angles;           ///< of its leading left singular vectors with X*'s
  std::array<std::optional<std::int64_t>, kErrorLevels.size()> iterations_to;
};

/// Writes trace.csv, singular_values.csv, effective_rank.csv and alignment.csv while factors are
/// descended; stops a member at the target error.
class SenseRecorder : public Observer<double> {
 public:
  SenseRecorder(const MatrixSensing& objective, SenseRecorderOptions options,
                const StudyContext& context);

  void on_step(const StepEvent<double>& event, StopRequests& requests) override;
  void exchange_state(StateArchive& state) override;

  /// Writes what is left. Throws IoError when anything did not reach the disk.
  void close();

  const std::vector<SenseMemberSummary>& members() const { return members_; }

 private:
  void measure(const StepEvent<double>& event, std::size_t member, bool with_spectrum);
  void measure_spectrum(MatrixView<const double> u, SenseMemberSummary& summary) const;
  void write(const StepEvent<double>& event, std::size_t member, bool with_spectrum);
  void write_spectrum(std::int64_t iteration, const std::string& alpha,
                      const SenseMemberSummary& summary);

  std::vector<CsvWriter*> tables();

  const MatrixSensing& objective_;
  SenseRecorderOptions options_;
  const StudyContext& context_;
  TruthDistance truth_;
  CsvWriter trace_;
  std::optional<CsvWriter> spectrum_;
  std::optional<CsvWriter> ranks_;
  std::optional<CsvWriter> alignment_;
  std::vector<SenseMemberSummary> members_;
  std::int64_t iterations_ = 0;  // seen
};

}  // namespace ravine
