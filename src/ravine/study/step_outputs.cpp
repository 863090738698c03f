#include "ravine/study/step_outputs.hpp"

#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

#include "ravine/record/manifest.hpp"

namespace ravine {

namespace {

constexpr std::string_view kStart = R"({"step":)";  // of StepStream's lines

/// None of another kind of line.
std::optional<std::int64_t> step_of(std::string_view line) {
  if (!line.starts_with(kStart)) return std::nullopt;
  line.remove_prefix(kStart.size());
  std::int64_t step = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), step);
  return parsed.ec == std::errc() ? std::optional(step) : std::nullopt;
}

}  // namespace

std::uintmax_t stream_size_before(const std::filesystem::path& path, std::string_view line) {
  const std::optional<std::int64_t> next = step_of(line);
  std::ifstream file(path, std::ios::binary);
  std::uintmax_t size = 0;
  std::string older;
  while (std::getline(file, older) && !file.eof()) {
    const std::optional<std::int64_t> step = step_of(older);
    if (!step || step >= next) break;
    size += older.size() + 1;
  }
  return size;
}

bool is_step_stream(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string start(kStart.size(), '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  return file.gcount() == 0 ? file.eof() : start == kStart;
}

StepStream::StepStream(const ParameterLayout& layout, std::function<void(const std::string&)> line)
    : line_(std::move(line)) {
  for (const ParameterBlock& block : layout.blocks()) names_.push_back(norm_name(block));
}

void StepStream::on_step(const StepEvent<float>& event, StopRequests&) {
  Json json = {{"step", event.step + 1},
               {"epoch", event.epoch + 1},
               {"loss", event.losses[0]},
               {"learning_rate", event.learning_rate},
               {"grad_norms", Json::object()}};
  for (std::size_t b = 0; b < names_.size(); ++b) {
    json["grad_norms"][names_[b]] = event.gradient_norms[b];
  }
  line_(json.dump());
}

TensorboardOutput::TensorboardOutput(const std::filesystem::path& folder,
                                     const ParameterLayout& layout, const TrainRecorder& recorder)
    : file_(folder), recorder_(recorder), scalars_{{"loss/train", 0}, {"learning_rate", 0}} {
  for (const ParameterBlock& block : layout.blocks()) {
    scalars_.push_back({"gradient_norm/" + norm_name(block), 0});
  }
}

void TensorboardOutput::on_step(const StepEvent<float>& event, StopRequests&) {
  scalars_[0].value = event.losses[0];
  scalars_[1].value = event.learning_rate;
  for (std::size_t b = 0; b < event.gradient_norms.size(); ++b) {
    scalars_[2 + b].value = event.gradient_norms[b];
  }
  steps_ = event.step + 1;
  file_.add(steps_, scalars_);
}

void TensorboardOutput::exchange_state(StateArchive& state) {
  if (!state.restores()) file_.sync();
}

void TensorboardOutput::on_epoch_end(const EpochEvent<float>&, StopRequests&) {
  const EpochSummary& epoch = recorder_.last_epoch();
  const Scalar scalars[] = {{"loss/test", epoch.test_loss}, {"accuracy/test", epoch.test_accuracy}};
  file_.add(steps_, scalars);
}

}  // namespace ravine
