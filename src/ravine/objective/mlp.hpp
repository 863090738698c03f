#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/data/batcher.hpp"
#include "ravine/data/labelled_pixels.hpp"
#include "ravine/objective/mlp_config.hpp"
#include "ravine/objective/objective.hpp"

namespace ravine {

/// How a network does on a labelled set.
struct MlpEvaluation {
  double nll = 0;       ///< mean negative log-likelihood
  double accuracy = 0;  ///< share of samples whose largest output is the label's
  /// For each hidden layer the share of units whose output was not positive on any sample: for
  /// ReLU, units through which no gradient of this set can pass.
  std::vector<double> inactive_share;
};

/// What the last evaluation left of one layer: views of B samples, valid until the next one.
template <class T>
struct LayerTrace {
  MatrixView<const T> input;     ///< (B, fan_in): what the weights were multiplied with
  MatrixView<const T> output;    ///< (B, fan_out): after the activation; logits of the last layer
  MatrixView<const T> slope_at;  ///< (B, fan_out): what multiply_by_derivative() takes
  MatrixView<const T> delta;     ///< (B, fan_out): dF/d(pre-activation), of the batch's mean loss F
};

/// Mean negative log-likelihood of a multi-layer perceptron on mini-batches of labelled images,
/// with its exact gradient. T is float for training, double for checks. Every element of every
/// product is one fixed chain of additions, so results are the same bits for any team size.
template <class T>
class Mlp {
 public:
  using Scalar = T;

  /// `training`, whose images have config.inputs bytes and labels below config.outputs, is cut by
  /// `batcher` (of the same count); both `training` and `team` must outlive the objective.
  /// Throws ConfigError or ShapeError.
  Mlp(MlpConfig config, LabelledPixels training, Batcher batcher, ThreadTeam& team);

  const ParameterLayout& layout() const { return layout_; }
  std::int64_t steps_per_epoch() const { return batcher_.steps_per_epoch(); }
  /// Samples of a mini-batch, but for the last of an epoch, which may have fewer.
  std::size_t batch_size() const { return std::min(batcher_.batch_size(), batcher_.count()); }

  /// The objective's one member: loss and gradient on the mini-batch of evaluation.step.
  void loss_and_gradient(std::span<const T> parameters, const Evaluation& evaluation,
                         std::span<T> gradient, std::span<double> losses);

  /// Layer `layer`, from 0, of the last mini-batch. `member` of the team finds what it wrote in its
  /// own cache: some units of layer 0, and split_range(B, team size, member) rows of the others.
  LayerTrace<T> trace(std::size_t layer, int member) const;

  /// Numbers in the training set of the samples of the last mini-batch, row by row. Valid until
  /// the next evaluation.
  std::span<const std::uint32_t> last_samples() const { return last_samples_; }
  std::size_t sample_count() const { return batcher_.count(); }

  const MlpConfig& config() const { return config_; }

  /// Loss and accuracy on any labelled set of the same kind, of at least one sample. Parameters as
  /// above. Throws ShapeError.
  MlpEvaluation evaluate(std::span<const T> parameters, const LabelledPixels& samples);

 private:
  /// Buffers for some samples: inputs, each layer's output, each layer's delta =
  /// dF/d(pre-activation). In training every member of the team has the inputs to itself: fetching
  /// them from another core's cache takes longer than making them from bytes once more.
  struct Workspace {
    std::vector<AlignedBuffer<T>> inputs;   // one a member that uses the workspace: (B, inputs)
    std::vector<AlignedBuffer<T>> outputs;  // layer l: (B, fan_out(l)); the last holds logits
    std::vector<AlignedBuffer<T>> deltas;   // layer l: (B, fan_out(l))
    // hidden layer l: (B, fan_out(l)); empty unless the activation's derivative needs them
    std::vector<AlignedBuffer<T>> pre_activations;
    std::vector<double> losses;        // B
    std::vector<std::uint8_t> labels;  // B
    // hidden layer l: for each unit whether its output was positive on any sample of an evaluation
    std::vector<std::vector<std::uint8_t>> active;
    void reserve(const MlpConfig& config, std::size_t rows, int members, bool with_deltas);
  };

  MatrixView<T> rows_of(AlignedBuffer<T>& buffer, std::size_t width, IndexRange rows) const;
  MatrixView<const T> layer_input(Workspace& space, int member, std::size_t layer,
                                  IndexRange rows) const;
  std::size_t weight_block(std::size_t layer) const { return config_.bias ? 2 * layer : layer; }
  void gather(Workspace& space, int member, const LabelledPixels& source,
              std::span<const std::uint32_t> samples) const;
  void forward(std::span<const T> parameters, Workspace& space, int member, std::size_t layer,
               IndexRange rows, IndexRange units) const;
  void backward(std::span<const T> parameters, Workspace& space, IndexRange rows) const;
  void accumulate_gradient(Workspace& space, std::size_t batch, int member,
                           std::span<T> gradient) const;

  void evaluate_rows(std::span<const T> parameters, const LabelledPixels& samples,
                     std::size_t first, std::size_t count, Workspace& space,
                     std::span<double> losses, std::span<std::uint8_t> correct) const;
  std::vector<double> inactive_shares() const;

  MlpConfig config_;
  ParameterLayout layout_;
  LabelledPixels training_;
  Batcher batcher_;
  ThreadTeam& team_;
  Workspace batch_space_;
  std::span<const std::uint32_t> last_samples_;
  std::vector<Workspace> evaluation_spaces_;  // one a team member
};

}  // namespace ravine
