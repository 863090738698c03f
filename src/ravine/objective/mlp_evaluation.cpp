#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/kernels/softmax.hpp"
#include "ravine/objective/mlp.hpp"

namespace ravine {

namespace {

constexpr std::size_t kEvaluationRows = 256;  // samples a thread evaluates at a time

}  // namespace

template <class T>
MlpEvaluation Mlp<T>::evaluate(std::span<const T> parameters, const LabelledPixels& samples) {
  const std::size_t count = samples.count();
  if (count == 0 || samples.inputs != config_.inputs) {
    throw ShapeError(error_text("mlp", "samples",
                                fmt::format("at least 1 image of {} bytes", config_.inputs),
                                fmt::format("{} of {}", count, samples.inputs)));
  }
  check_images(samples);
  std::vector<double> losses(count);
  std::vector<std::uint8_t> correct(count);
  for (Workspace& space : evaluation_spaces_) {
    // Always for as many: what it is reserved for chooses the kernels, and so the bits.
    space.reserve(config_, background_, kEvaluationRows, 1, false);
    space.active.clear();
    for (const std::size_t width : config_.hidden) space.active.emplace_back(width);
  }
  team_.run([&](int member) {
    const IndexRange part = split_range(count, team_.size(), member);
    for (std::size_t first = part.begin; first < part.end; first += kEvaluationRows) {
      evaluate_rows(parameters, samples, first, std::min(kEvaluationRows, part.end - first),
                    evaluation_spaces_[static_cast<std::size_t>(member)], losses, correct);
    }
  });
  const auto mean = [count](const auto& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(count);
  };
  return {mean(losses), mean(correct), inactive_shares()};
}

template <class T>
void Mlp<T>::evaluate_rows(std::span<const T> parameters, const LabelledPixels& samples,
                           std::size_t first, std::size_t count, Workspace& space,
                           std::span<double> losses, std::span<std::uint8_t> correct) const {
  const IndexRange rows{0, count};
  const std::size_t last = config_.depth() - 1;
  std::array<std::uint32_t, kEvaluationRows> indexes;
  std::iota(indexes.begin(), indexes.end(), static_cast<std::uint32_t>(first));
  gather(space, 0, samples, std::span(indexes).first(count));
  std::copy_n(samples.labels.begin() + static_cast<std::ptrdiff_t>(first), count,
              space.labels.begin());
  for (std::size_t l = 0; l <= last; ++l) {
    const Part part{rows, {0, config_.fan_out(l)}};
    linear(parameters, space, 0, l, part);
    if (config_.is_hidden(l)) finish(parameters, space, l, part);
  }
  const MatrixView<const T> logits = rows_of(space.outputs[last], config_.outputs, rows);
  for (std::size_t b = 0; b < count; ++b) {
    correct[first + b] = predicts(logits.row(b), space.labels[b]);
  }
  sample_losses(config_.loss, logits, std::span(space.labels).first(count), 1,
                rows_of(space.deltas[last], config_.outputs, rows), losses.subspan(first, count));
  for (std::size_t l = 0; l < last; ++l) {
    const MatrixView<const T> output =
        rows_of(space.activation_outputs(l), config_.hidden[l], rows);
    for (std::size_t b = 0; b < count; ++b) {
      for (std::size_t u = 0; u < output.cols; ++u) space.active[l][u] |= output(b, u) > 0;
    }
  }
}

template <class T>
std::vector<double> Mlp<T>::inactive_shares() const {
  std::vector<double> shares;
  for (std::size_t l = 0; l < config_.hidden.size(); ++l) {
    std::size_t inactive = 0;
    for (std::size_t u = 0; u < config_.hidden[l]; ++u) {
      inactive += std::ranges::none_of(
          evaluation_spaces_, [&](const Workspace& space) { return space.active[l][u] != 0; });
    }
    shares.push_back(static_cast<double>(inactive) / static_cast<double>(config_.hidden[l]));
  }
  return shares;
}

template MlpEvaluation Mlp<float>::evaluate(std::span<const float>, const LabelledPixels&);
template MlpEvaluation Mlp<double>::evaluate(std::span<const double>, const LabelledPixels&);

}  // namespace ravine
