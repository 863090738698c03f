// One epoch of the reference network on MNIST with libtorch, the gradient norm of every layer at
// every step kept in a tensor. --formulation:
//   autograd      linear, cross entropy, backward()
//   hand_written  forward and backward as matrix products into preallocated tensors

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "peers/mnist_data.hpp"
#include "ravine/base/timer.hpp"
#include "support/competitor.hpp"

namespace ravine::bench {
namespace {

constexpr std::int64_t kBatch = 128;
constexpr std::int64_t kWarmUpSteps = 20;
constexpr std::int64_t kVerifiedSteps = 50;
constexpr double kLearningRate = 0.01;

/// Moves the weights by one step; puts the loss and the norms where they belong.
class Network {
 public:
  virtual ~Network() = default;
  virtual void step(const torch::Tensor& x, const torch::Tensor& y, torch::Tensor norms,
                    torch::Tensor loss) = 0;
  std::vector<torch::Tensor> weights;
};

class Autograd : public Network {
 public:
  explicit Autograd(const std::vector<torch::Tensor>& start) {
    for (const torch::Tensor& weight : start) {
      weights.push_back(weight.clone().requires_grad_());
    }
  }

  void step(const torch::Tensor& x, const torch::Tensor& y, torch::Tensor norms,
            torch::Tensor loss) override {
    torch::Tensor output = x;
    for (std::size_t l = 0; l < weights.size(); ++l) {
      output = torch::linear(output, weights[l]);
      if (l + 1 < weights.size()) output = torch::relu(output);
    }
    const torch::Tensor nll = torch::cross_entropy_loss(output, y);
    nll.backward();
    const torch::NoGradGuard no_gradient;
    loss.copy_(nll);
    for (std::size_t l = 0; l < weights.size(); ++l) {
      const torch::Tensor gradient = weights[l].grad();
      torch::Tensor norm = norms[static_cast<std::int64_t>(l)];
      torch::norm_out(norm, gradient, 2, torch::IntArrayRef{0, 1});
      weights[l].add_(gradient, -kLearningRate);
      weights[l].mutable_grad() = torch::Tensor();
    }
  }
};

class HandWritten : public Network {
 public:
  explicit HandWritten(const std::vector<torch::Tensor>& start) {
    for (const torch::Tensor& weight : start) {
      weights.push_back(weight.clone());
      gradients_.push_back(torch::empty_like(weight));
      outputs_.push_back(torch::empty({kBatch, weight.size(0)}));
      deltas_.push_back(torch::empty({kBatch, weight.size(0)}));
    }
  }

  void step(const torch::Tensor& x, const torch::Tensor& y, torch::Tensor norms,
            torch::Tensor loss) override {
    const torch::NoGradGuard no_gradient;
    const std::int64_t count = x.size(0);
    const std::size_t last = weights.size() - 1;
    std::vector<torch::Tensor> inputs = {x}, deltas;
    for (std::size_t l = 0; l <= last; ++l) {
      torch::Tensor output = outputs_[l].narrow(0, 0, count);
      torch::mm_out(output, inputs[l], weights[l].t());
      if (l < last) output.relu_();
      inputs.push_back(output);
      deltas.push_back(deltas_[l].narrow(0, 0, count));
    }
    const torch::Tensor log_p = torch::log_softmax(inputs.back(), 1);
    const torch::Tensor labels = y.unsqueeze(1);
    loss.copy_(-log_p.gather(1, labels).mean());
    torch::exp_out(deltas[last], log_p);
    deltas[last].scatter_add_(1, labels, torch::full({count, 1}, -1.0F));
    deltas[last].div_(count);
    for (std::size_t l = last + 1; l-- > 0;) {
      torch::mm_out(gradients_[l], deltas[l].t(), inputs[l]);
      torch::Tensor norm = norms[static_cast<std::int64_t>(l)];
      torch::norm_out(norm, gradients_[l], 2, torch::IntArrayRef{0, 1});
      if (l > 0) {
        torch::mm_out(deltas[l - 1], deltas[l], weights[l]);
        deltas[l - 1].mul_(inputs[l] > 0);
      }
    }
    for (std::size_t l = 0; l <= last; ++l) weights[l].add_(gradients_[l], -kLearningRate);
  }

 private:
  std::vector<torch::Tensor> gradients_;  // as weights
  std::vector<torch::Tensor> outputs_;    // layer l: (B, fan_out(l))
  std::vector<torch::Tensor> deltas_;     // layer l: (B, fan_out(l))
};

struct Options {
  std::string formulation = "hand_written";
  std::string data = "mnist";
  std::string weights;
  int threads = 1;
  bool shuffle = false;
};

class Epoch {
 public:
  explicit Epoch(const Options& options) : options_(options) {
    MnistData data = load_mnist(options.data, options.weights);
    const auto count = static_cast<std::int64_t>(data.labels.size());
    images_ = torch::from_blob(data.pixels.data(), {count, 784}, torch::kUInt8)
                  .to(torch::kFloat32)
                  .div_(255)
                  .sub_(data.mean)
                  .div_(data.standard_deviation);
    labels_ = torch::from_blob(data.labels.data(), {count}, torch::kUInt8).to(torch::kInt64);
    for (MnistData::Weight& weight : data.weights) {
      const auto rows = static_cast<std::int64_t>(weight.rows);
      const auto cols = static_cast<std::int64_t>(weight.cols);
      start_.push_back(torch::from_blob(weight.values.data(), {rows, cols}).clone());
    }
    steps_ = (count + kBatch - 1) / kBatch;
    losses_ = torch::empty({steps_});
    norms_ = torch::empty({steps_, static_cast<std::int64_t>(start_.size())});
  }

  Json verify() {
    const std::unique_ptr<Network> network = make_network();
    run(*network, steps_, false);
    double squares = 0;
    for (const torch::Tensor& weight : network->weights) {
      squares += weight.detach().to(torch::kFloat64).square().sum().item<double>();
    }
    const auto first = [](const torch::Tensor& series) {
      return series.narrow(0, 0, kVerifiedSteps);
    };
    Json norms = Json::array();
    for (std::int64_t step = 0; step < kVerifiedSteps; ++step) {
      norms.push_back(numbers(norms_[step]));
    }
    return {{"first_losses", numbers(first(losses_))},
            {"first_norms", norms},
            {"train_nll", losses_.to(torch::kFloat64).mean().item<double>()},
            {"gradient_norms", numbers(norms_.to(torch::kFloat64).mean(0))},
            {"weight_norm", std::sqrt(squares)}};
  }

  double seconds() {
    const std::unique_ptr<Network> network = make_network();
    run(*network, kWarmUpSteps, false);
    const Timer timer;
    run(*network, steps_, options_.shuffle);
    return timer.elapsed_seconds();
  }

 private:
  static std::vector<double> numbers(const torch::Tensor& series) {
    const torch::Tensor doubles = series.to(torch::kFloat64).contiguous();
    return {doubles.data_ptr<double>(), doubles.data_ptr<double>() + doubles.numel()};
  }

  std::unique_ptr<Network> make_network() const {
    if (options_.formulation == "autograd") return std::make_unique<Autograd>(start_);
    return std::make_unique<HandWritten>(start_);
  }

  void run(Network& network, std::int64_t steps, bool shuffle) {
    const std::int64_t count = images_.size(0);
    const torch::Tensor order = shuffle ? torch::randperm(count) : torch::Tensor();
    for (std::int64_t step = 0; step < steps; ++step) {
      const std::int64_t begin = step * kBatch, end = std::min(begin + kBatch, count);
      torch::Tensor x = images_.slice(0, begin, end), y = labels_.slice(0, begin, end);
      if (shuffle) {
        const torch::Tensor part = order.slice(0, begin, end);
        x = images_.index_select(0, part);
        y = labels_.index_select(0, part);
      }
      network.step(x, y, norms_[step], losses_[step]);
    }
  }

  Options options_;
  torch::Tensor images_;  // (60000, 784)
  torch::Tensor labels_;  // (60000)
  std::vector<torch::Tensor> start_;
  std::int64_t steps_ = 0;
  torch::Tensor losses_;  // (steps)
  torch::Tensor norms_;   // (steps, layers)
};

}  // namespace
}  // namespace ravine::bench

int main(int argc, char** argv) {
  using namespace ravine;
  CLI::App app("One epoch of the reference network on MNIST with libtorch", "mnist_epoch_libtorch");
  bench::Options options;
  app.add_option("--formulation", options.formulation)
      ->check(CLI::IsMember({"autograd", "hand_written"}));
  app.add_option("--data", options.data, "Known data set or folder of IDX files");
  app.add_option("--weights", options.weights, ".npz to start from")->required();
  app.add_option("--threads", options.threads);
  app.add_flag("--shuffle", options.shuffle, "A random order while timing");
  return bench::run_program(app, argc, argv, [&] {
    torch::set_num_threads(options.threads);
    bench::Epoch epoch(options);
    bench::serve(
        {{"version", std::string("libtorch ") + TORCH_VERSION}, {"verification", epoch.verify()}},
        [&]() -> Json {
          return {{"seconds", epoch.seconds()}};
        });
  });
}
