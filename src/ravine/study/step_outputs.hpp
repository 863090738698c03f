#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ravine/descent/observer.hpp"
#include "ravine/record/event_file.hpp"
#include "ravine/study/train_recorder.hpp"

namespace ravine {

/// Hands out every step as one line of JSON: {"step", "epoch", "loss", "learning_rate",
/// "grad_norms": {"layer1": ...}}, named and counted as in steps.csv; null for a number that is not
/// finite.
class StepStream : public Observer<float> {
 public:
  StepStream(const ParameterLayout& layout, std::function<void(const std::string&)> line);

  bool looks_before_update(std::int64_t) const override { return false; }
  void on_step(const StepEvent<float>& event, StopRequests& requests) override;

 private:
  std::vector<std::string> names_;  // one a block
  std::function<void(const std::string&)> line_;
};

/// Whether a file is empty or begins as what StepStream hands out does.
bool is_step_stream(const std::filesystem::path& path);

/// The size of a stream up to the first line that is of this line's step or a later one, or is not
/// whole.
std::uintmax_t stream_size_before(const std::filesystem::path& path, std::string_view line);

/// Writes for TensorBoard: loss/train, learning_rate and gradient_norm/layer1, ... at every step;
/// loss/test and accuracy/test after every epoch, as `recorder` has measured them, which must watch
/// the run before this does.
class TensorboardOutput : public Observer<float> {
 public:
  TensorboardOutput(const std::filesystem::path& folder, const ParameterLayout& layout,
                    const TrainRecorder& recorder);

  bool looks_before_update(std::int64_t) const override { return false; }
  void on_step(const StepEvent<float>& event, StopRequests& requests) override;
  void on_epoch_end(const EpochEvent<float>& event, StopRequests& requests) override;

  /// Events that precede a checkpoint outlast the process; a run that goes on has a file of its
  /// own.
  void exchange_state(StateArchive& state) override;

  /// Throws IoError when anything did not reach the file.
  void close() { file_.close(); }

 private:
  EventFile file_;
  const TrainRecorder& recorder_;
  std::vector<Scalar> scalars_;  // of a step: loss, learning rate, one a block
  std::int64_t steps_ = 0;
};

}  // namespace ravine
