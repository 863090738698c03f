#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "ravine/base/aligned_buffer.hpp"
#include "ravine/base/thread_team.hpp"
#include "ravine/data/background.hpp"
#include "ravine/data/batcher.hpp"
#include "ravine/data/labelled_pixels.hpp"
#include "ravine/kernels/byte_matrix.hpp"
#include "ravine/kernels/sparse_byte_matrix.hpp"
#include "ravine/objective/mlp_config.hpp"
#include "ravine/objective/objective.hpp"

namespace ravine {

/// How a network does on a labelled set.
struct MlpEvaluation {
  double loss = 0;      ///< mean over the samples
  double accuracy = 0;  ///< share of samples whose largest output is the label's
  /// For each hidden layer the share of units whose output was not positive on any sample: for
  /// ReLU, units through which no gradient of this set can pass.
  std::vector<double> inactive_share;
};

/// What the last evaluation left of one layer: views of B samples, valid until the next one.
template <class T>
struct LayerTrace {
  /// (B, fan_in): what the weights were multiplied with; none where that is the images' bytes
  MatrixView<const T> input;
  MatrixView<const T> output;    ///< (B, fan_out): after the activation; logits of the last layer
  MatrixView<const T> slope_at;  ///< (B, fan_out): what multiply_by_derivative() takes
  MatrixView<const T>
      delta;  ///< (B, fan_out): dF/d(the linear map's output), of the batch's mean loss F
};

/// Mean loss of a multi-layer perceptron on mini-batches of labelled images, with its exact
/// gradient. T is float for training, double for checks. Every element of every product
/// is one fixed chain of additions, so results are the same bits for any team size.
///
/// Loss and gradient are a function of parameters and step alone, with batch normalisation too,
/// which looks at the mini-batch. The running statistics that it evaluates by move only when told
/// to.
template <class T>
class Mlp {
 public:
  using Scalar = T;

  /// `training`, whose images have config.inputs bytes and labels below config.outputs, is cut by
  /// `batcher` (of the same count); both `training` and `team` must outlive the objective.
  /// Throws ConfigError, also for batch normalisation of a mini-batch of one sample, or ShapeError.
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

  /// The derivative of the logits with respect to the inputs at one sample of a set of the same
  /// kind: (outputs, inputs). Throws ShapeError, and ConfigError for a network with batch
  /// normalisation or dropout.
  void input_jacobian(std::span<const T> parameters, const LabelledPixels& samples,
                      std::uint32_t sample, MatrixView<T> jacobian);

  /// Numbers in the training set of the samples of the last mini-batch, row by row. Valid until
  /// the next evaluation.
  std::span<const std::uint32_t> last_samples() const { return last_samples_; }
  /// |x|^2 of a sample of the training set.
  double input_square(std::uint32_t sample) const;
  std::size_t sample_count() const { return batcher_.count(); }

  const MlpConfig& config() const { return config_; }

  /// Running statistics of batch normalisation in mlp_statistics_layout(), at first means of 0 and
  /// variances of 1; empty for other networks.
  std::span<const T> running_statistics() const { return running_statistics_; }
  /// Throws ShapeError.
  void set_running_statistics(std::span<const float> statistics);
  /// Moves them by kRunningMomentum towards those of the mini-batch that was last asked for a
  /// gradient: once a step of training. As in PyTorch the variance of a batch counts with B - 1 in
  /// the denominator here.
  void absorb_batch_statistics();

  /// Scales the weights of one layer after the other so that its linear map's outputs on the first
  /// mini-batch have the standard deviation `deviation` (algorithm 1 of Mishkin and Matas 2016; a
  /// layer without biases needs no iteration). Outputs that are all equal are left so.
  void scale_to_deviation(std::span<T> parameters, double deviation);

  /// Loss and accuracy on any labelled set of the same kind, of at least one sample. Parameters as
  /// above. Throws ShapeError.
  MlpEvaluation evaluate(std::span<const T> parameters, const LabelledPixels& samples);

 private:
  /// Some samples and units of a layer.
  struct Part {
    IndexRange rows, units;
  };

  /// Buffers for some samples: inputs, each layer's output, each layer's delta = dF/d(the linear
  /// map's output), which is the pre-activation where nothing is normalised. In training every
  /// member of the team has the inputs to itself: fetching them from another core's cache takes
  /// longer than making them from bytes once more.
  struct Workspace {
    using Inputs = std::variant<AlignedBuffer<T>, ByteMatrix, SparseByteMatrix>;
    std::vector<Inputs> inputs;             // one a member that uses the workspace: (B, inputs)
    std::vector<AlignedBuffer<T>> outputs;  // layer l: (B, fan_out(l)); the last holds logits
    std::vector<AlignedBuffer<T>> deltas;   // layer l: (B, fan_out(l))
    // hidden layer l: (B, fan_out(l)); empty unless the activation's derivative needs them
    std::vector<AlignedBuffer<T>> pre_activations;
    // the same of the activation's outputs; empty unless dropout or a skip changes them afterwards
    std::vector<AlignedBuffer<T>> activated;
    std::vector<AlignedBuffer<T>> masks;       // the same of dropout's factors
    std::vector<AlignedBuffer<T>> normalised;  // the same of normalisation's x
    // the same of dF/d(normalisation's result), for layer normalisation
    std::vector<AlignedBuffer<T>> normal_deltas;
    AlignedBuffer<T> skip_delta;  // residual: dF/d(output of the hidden layer at hand)
    // hidden layer l: of layer normalisation 1 / deviation of each sample, or of batch
    // normalisation each unit's variance; and each unit's mean
    std::vector<std::vector<double>> spreads, means;
    bool trains = false;               // or evaluates: running statistics, no dropout
    std::int64_t step = 0;             // chooses masks
    std::vector<double> losses;        // B
    std::vector<std::uint8_t> labels;  // B
    // hidden layer l: for each unit whether its output was positive on any sample of an evaluation
    std::vector<std::vector<std::uint8_t>> active;
    void reserve(const MlpConfig& config, const Background& background, std::size_t rows,
                 int members, bool training);
    void reserve_inputs(const MlpConfig& config, const Background& background, std::size_t rows,
                        std::size_t members);
    void reserve_hidden(const MlpConfig& config, std::size_t rows);
    Inputs& inputs_of(int member) { return inputs[static_cast<std::size_t>(member)]; }
    const Inputs& inputs_of(int member) const { return inputs[static_cast<std::size_t>(member)]; }
    bool takes_bytes(std::size_t layer) const {
      return layer == 0 && !std::holds_alternative<AlignedBuffer<T>>(inputs[0]);
    }
    /// What multiply_by_derivative() takes of a hidden layer.
    const AlignedBuffer<T>& slope_points(std::size_t layer) const {
      return pre_activations.empty() ? activation_outputs(layer) : pre_activations[layer];
    }
    /// Outputs of a hidden layer's activation.
    const AlignedBuffer<T>& activation_outputs(std::size_t layer) const {
      return activated.empty() ? outputs[layer] : activated[layer];
    }
  };

  void check_images(const LabelledPixels& samples) const;
  template <class Buffer>
  static auto rows_of(Buffer& buffer, std::size_t width, IndexRange rows) {
    return MatrixView(buffer.data() + rows.begin * width, rows.size(), width);
  }
  MatrixView<const T> layer_input(const Workspace& space, int member, std::size_t layer,
                                  IndexRange rows) const;
  template <class Buffer>
  auto part_of(Buffer& buffer, std::size_t layer, const Part& part) const {
    const std::size_t width = config_.fan_out(layer);
    return MatrixView(buffer.data() + part.rows.begin * width + part.units.begin, part.rows.size(),
                      part.units.size(), width);
  }
  bool mixes_samples() const { return config_.normalisation == Normalisation::batch; }
  std::size_t weight_block(std::size_t layer) const { return layer * blocks_a_layer_; }
  std::size_t bias_block(std::size_t layer) const { return weight_block(layer) + 1; }
  std::size_t gain_block(std::size_t layer) const { return bias_block(layer) + config_.bias; }
  /// The units' entries of a block of one row.
  template <class U>
  std::span<U> vector_of(std::span<U> flat, std::size_t block, IndexRange units) const {
    return layout_.view(flat, block).row(0).subspan(units.begin, units.size());
  }
  void gather(Workspace& space, int member, const LabelledPixels& source,
              std::span<const std::uint32_t> samples) const;
  void linear(std::span<const T> parameters, Workspace& space, int member, std::size_t layer,
              const Part& part) const;
  void finish(std::span<const T> parameters, Workspace& space, std::size_t layer,
              const Part& part) const;
  void normalise(std::span<const T> parameters, Workspace& space, std::size_t layer,
                 const Part& part) const;
  void drop_out(Workspace& space, std::size_t layer, const Part& part) const;
  void forward(std::span<const T> parameters, Workspace& space, std::size_t batch,
               int member) const;
  void judge(Workspace& space, std::span<const std::uint32_t> samples, IndexRange rows) const;
  void backward(std::span<const T> parameters, Workspace& space, std::size_t layer,
                const Part& part, std::span<T> gradient) const;
  void normalise_backward(std::span<const T> parameters, Workspace& space, std::size_t layer,
                          const Part& part, std::span<T> gradient) const;
  /// gradient = delta^T times the layer's input, for some units of the batch's delta.
  void multiply_transposed(MatrixView<const T> delta, Workspace& space, int member,
                           std::size_t layer, MatrixView<T> gradient) const;
  void accumulate_gradient(Workspace& space, std::size_t batch, int member,
                           std::span<T> gradient) const;

  void evaluate_rows(std::span<const T> parameters, const LabelledPixels& samples,
                     std::size_t first, std::size_t count, Workspace& space,
                     std::span<double> losses, std::span<std::uint8_t> correct) const;
  std::vector<double> inactive_shares() const;

  MlpConfig config_;
  ParameterLayout layout_;
  std::size_t blocks_a_layer_ = 1;
  ParameterLayout statistics_layout_;
  std::vector<T> running_statistics_;
  std::vector<RandomStream> dropout_streams_;  // one a hidden layer
  LabelledPixels training_;
  Batcher batcher_;
  ThreadTeam& team_;
  Background background_;
  Workspace batch_space_;
  std::span<const std::uint32_t> last_samples_;
  Workspace jacobian_space_;                  // one row an output
  std::vector<Workspace> evaluation_spaces_;  // one a team member
};

}  // namespace ravine
