#pragma once

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ravine/descent/observer.hpp"
#include "ravine/objective/parameter_layout.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/study/sensing_instance.hpp"
#include "ravine/study/study.hpp"

namespace ravine {

struct ModeRecorderOptions {
  Eigenpairs modes;                          ///< the leading ones of adjoint_at_zero()
  std::vector<double> sigma;                 ///< as many eigenvalues of X*; empty when unknown
  std::vector<double> alphas;                ///< one a member
  std::span<const std::string> alpha_names;  ///< the same as printed
};

/// How far the modes of one member were from theory: largest deviations relative to it, NaN where
/// theory does not apply.
struct ModeSummary {
  std::optional<std::int64_t> early_iterations;  ///< last iteration of the early phase, if any
  double power_deviation = NAN;                  ///< from power_size, in the early phase
  double recursion_deviation = NAN;              ///< from next_size, over the whole run
  double half_time_deviation = NAN;              ///< of half_time_by_size, in the measured time
};

/// Writes modes.csv while factors are descended by gradient descent and half_times.csv at the end.
/// Keeps eight bytes an iteration, member and mode.
class ModeRecorder : public Observer<double> {
 public:
  ModeRecorder(const ParameterLayout& layout, ModeRecorderOptions options,
               const StudyContext& context);

  void on_step(const StepEvent<double>& event, StopRequests& requests) override;
  void exchange_state(StateArchive& state) override;

  /// Writes what is left. Throws IoError when anything did not reach the disk.
  void close();

  const std::vector<ModeSummary>& members() const { return summaries_; }

 private:
  /// One mode of one member.
  struct Mode {
    double recursion = 0;       ///< size by next_size at the last iteration
    std::vector<double> sizes;  ///< at every iteration
  };

  void measure(MatrixView<const double> u, std::int64_t iteration, std::size_t member);
  void compare(std::int64_t iteration, double eta, std::size_t member);
  void write_half_time(CsvWriter& table, std::size_t member, std::size_t mode);

  const ParameterLayout& layout_;
  ModeRecorderOptions options_;
  std::filesystem::path folder_;
  CsvWriter table_;
  double eta_ = 0;
  std::vector<std::vector<Mode>> modes_;  ///< [member][mode]
  std::vector<ModeSummary> summaries_;
};

/// The first iteration at which a mode has half its last size; none when it was still moving: when
/// its size at nine tenths of the record differs by more than a hundredth from the last.
std::optional<std::int64_t> half_time(std::span<const double> sizes);

}  // namespace ravine
