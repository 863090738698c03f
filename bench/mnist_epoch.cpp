// One epoch of the reference network on MNIST with Ravine. --mode says what is timed:
//   recorded   descend() with the recorder of `ravine train`: the gradient norm of every layer at
//              every step, written to the run folder's tables; with --probe also the probes of
//              `ravine train --probe`. The second epoch of a run, as all but the first are: files
//              are open, norms of images known. Test passes are not counted
//   observed   descend() without observers: norms computed, nothing written
//   bare       gradient steps alone, no norms: what recording is compared with
//   test_pass  loss and accuracy on the 10,000 test images
// Before that it trains one epoch in file order and reports the numbers that every competitor's
// epoch must show.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/timer.hpp"
#include "ravine/descent/descend.hpp"
#include "ravine/kernels/instruction_set.hpp"
#include "ravine/objective/mlp.hpp"
#include "ravine/optimizer/gradient_descent.hpp"
#include "ravine/study/probe_recorder.hpp"
#include "ravine/study/train_recorder.hpp"
#include "ravine/study/training_problem.hpp"
#include "ravine/study/weights_file.hpp"
#include "support/competitor.hpp"

namespace ravine::bench {
namespace {

constexpr std::int64_t kWarmUpSteps = 20;
constexpr std::size_t kVerifiedSteps = 50;  // one by one; rounding tells later ones apart
constexpr double kLearningRate = 0.01;

struct Options {
  std::string mode = "recorded";
  std::string data = "mnist";
  std::filesystem::path weights;  // .npz to start from; empty: drawn
  std::filesystem::path folder = std::filesystem::temp_directory_path();  // for the tables
  std::vector<std::size_t> hidden = {128, 128, 128};
  std::size_t batch_size = 128;
  std::size_t train_limit = 60'000;
  std::vector<std::string> probes;
  int threads = 1;
  bool shuffle = false;
};

TrainConfig train_config(const Options& options) {
  TrainConfig config;
  config.data = options.data;
  config.network.hidden = options.hidden;
  if (!options.weights.empty()) config.initial_weights = options.weights;
  config.epochs = 2;
  config.batch_size = options.batch_size;
  config.train_limit = options.train_limit;
  for (const std::string& name : options.probes) switch_on(config.probes, name);
  return config;
}

/// Seconds since the first epoch of a run, but for its tests. Last of the observers.
class SecondEpochClock : public Observer<float> {
 public:
  explicit SecondEpochClock(const TrainRecorder& recorder) : recorder_(recorder) {}

  bool looks_before_update(std::int64_t) const override { return false; }
  void on_epoch_end(const EpochEvent<float>& event, StopRequests&) override {
    if (event.epoch > 0) return;
    tested_before_ = recorder_.evaluation_seconds();
    timer_.emplace();
  }

  double seconds() const {
    return timer_->elapsed_seconds() - (recorder_.evaluation_seconds() - tested_before_);
  }

 private:
  const TrainRecorder& recorder_;
  double tested_before_ = 0;
  std::optional<Timer> timer_;
};

/// Keeps every step's loss and norms.
class StepLog : public Observer<float> {
 public:
  bool looks_before_update(std::int64_t) const override { return false; }
  void on_step(const StepEvent<float>& event, StopRequests&) override {
    losses_.push_back(event.losses[0]);
    norms_.emplace_back(event.gradient_norms.begin(), event.gradient_norms.end());
  }

  Json summary() const {
    const std::size_t first = std::min(kVerifiedSteps, losses_.size());
    const auto count = static_cast<double>(losses_.size());
    std::vector<double> mean_norms(norms_.front().size());
    for (const std::vector<double>& norms : norms_) {
      for (std::size_t l = 0; l < norms.size(); ++l) mean_norms[l] += norms[l] / count;
    }
    return {{"first_losses", std::vector(losses_.begin(), losses_.begin() + first)},
            {"first_norms", std::vector(norms_.begin(), norms_.begin() + first)},
            {"train_nll", std::accumulate(losses_.begin(), losses_.end(), 0.0) / count},
            {"gradient_norms", mean_norms}};
  }

 private:
  std::vector<double> losses_;
  std::vector<std::vector<double>> norms_;
};

class Epoch {
 public:
  explicit Epoch(const Options& options)
      : options_(options),
        config_(train_config(options)),
        problem_(load_training_problem(config_, *context_.shelf)),
        train_(problem_.train()),
        team_(options.threads) {
    context_.folder = options.folder / fmt::format("mnist_epoch.{}", getpid());
    context_.team = &team_;
  }
  ~Epoch() { std::filesystem::remove_all(context_.folder); }
  Epoch(const Epoch&) = delete;
  Epoch& operator=(const Epoch&) = delete;

  /// The numbers of one epoch in file order.
  Json verify() {
    Mlp<float> network = make_network(false);
    AlignedBuffer<float> parameters = start();
    StepLog log;
    Observer<float>* const observers[] = {&log};
    descend(network, GradientDescent{}, std::span(parameters), epochs(network, 1), observers,
            team_);
    Json json = log.summary();
    json["weight_norm"] = std::sqrt(squared_norm(std::span<const float>(parameters)));
    return json;
  }

  /// Seconds of one epoch, or of the test pass.
  double seconds() {
    Mlp<float> network = make_network(options_.shuffle);
    AlignedBuffer<float> parameters = start();
    // In the second epoch, so that the order of the first is drawn while the clock runs.
    bare_steps(network, parameters, network.steps_per_epoch(), kWarmUpSteps);
    parameters = start();
    if (options_.mode == "recorded") return recorded_epoch(network, parameters);
    const Timer timer;
    if (options_.mode == "test_pass") {
      network.evaluate(parameters, problem_.test());
    } else if (options_.mode == "bare") {
      bare_steps(network, parameters, 0, network.steps_per_epoch());
    } else {
      descend(network, GradientDescent{}, std::span(parameters), epochs(network, 1), {}, team_);
    }
    return timer.elapsed_seconds();
  }

  void write_start(const std::filesystem::path& path) const {
    write_weights(path, mlp_layout(problem_.network), problem_.start);
  }

 private:
  Mlp<float> make_network(bool shuffle) {
    return {problem_.network, train_, Batcher(train_.count(), options_.batch_size, 1234, shuffle),
            team_};
  }

  static DescentOptions epochs(const Mlp<float>& network, std::int64_t count) {
    DescentOptions options;
    options.steps_per_epoch = network.steps_per_epoch();
    options.max_steps = count * options.steps_per_epoch;
    options.learning_rate = kLearningRate;
    options.evaluate_last_point = false;
    return options;
  }

  AlignedBuffer<float> start() const { return {problem_.start.begin(), problem_.start.end()}; }

  double recorded_epoch(Mlp<float>& network, AlignedBuffer<float>& parameters) {
    // As for a run, the folder is new: writing over old tables takes longer.
    std::filesystem::remove_all(context_.folder);
    std::filesystem::create_directory(context_.folder);
    TrainRecorder recorder(network, problem_.network, problem_.test(), config_, context_);
    std::vector<Observer<float>*> observers = {&recorder};
    std::optional<ProbeRecorder> probes;
    if (config_.probes.any()) {
      observers.push_back(&probes.emplace(network, config_.probes, context_.folder, team_));
    }
    SecondEpochClock clock(recorder);
    observers.push_back(&clock);
    descend(network, GradientDescent{}, std::span(parameters), epochs(network, 2), observers,
            team_);
    const double seconds = clock.seconds();
    recorder.close();
    if (probes) probes->close();
    return seconds;
  }

  /// Nothing but gradients and updates, these as descend() makes them.
  void bare_steps(Mlp<float>& network, AlignedBuffer<float>& parameters, std::int64_t first,
                  std::int64_t count) {
    gradient_.resize(parameters.size());
    const std::vector<Chunk> chunks = cut_into_chunks(network.layout());
    const GradientDescent rule;
    EntrywiseMover<GradientDescent, float> mover(rule, network.layout(), chunks);
    const std::uint8_t active = 1;
    double loss = 0;
    for (std::int64_t step = first; step < first + count; ++step) {
      network.loss_and_gradient(parameters, Evaluation{step}, gradient_, std::span(&loss, 1));
      mover.move({step, kLearningRate, {&loss, 1}, {&active, 1}, gradient_, {}, parameters}, false,
                 {}, team_);
    }
  }

  Options options_;
  TrainConfig config_;
  StudyContext context_;
  TrainingProblem problem_;
  LabelledPixels train_;
  ThreadTeam team_;
  AlignedBuffer<float> gradient_;
};

}  // namespace
}  // namespace ravine::bench

int main(int argc, char** argv) {
  using namespace ravine;
  CLI::App app("One epoch of the reference network on MNIST", "mnist_epoch");
  bench::Options options;
  std::filesystem::path write_weights_to;
  app.add_option("--mode", options.mode)
      ->check(CLI::IsMember({"recorded", "observed", "bare", "test_pass"}));
  app.add_option("--data", options.data, "Known data set or folder of IDX files");
  app.add_option("--weights", options.weights, ".npz to start from");
  app.add_option("--write-weights", write_weights_to, "Only write the initial weights there");
  app.add_option("--folder", options.folder, "Where the tables of a recorded epoch go");
  app.add_option("--hidden", options.hidden)->delimiter(',');
  app.add_option("--batch-size", options.batch_size);
  app.add_option("--train-limit", options.train_limit);
  app.add_option("--probe", options.probes, "Probes of a recorded epoch")->delimiter(',');
  app.add_option("--threads", options.threads);
  app.add_flag("--shuffle", options.shuffle, "A random order while timing");
  return bench::run_program(app, argc, argv, [&] {
    bench::Epoch epoch(options);
    if (!write_weights_to.empty()) return epoch.write_start(write_weights_to);
    bench::serve({{"instruction_set", instruction_set()}, {"verification", epoch.verify()}},
                 [&]() -> Json {
                   return {{"seconds", epoch.seconds()}};
                 });
  });
}
