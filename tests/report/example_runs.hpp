#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "ravine/base/file.hpp"
#include "ravine/record/csv_writer.hpp"
#include "ravine/record/manifest.hpp"

// Run folders with plausible numbers, made of formulas: what a report is tested on.
namespace ravine::testing {

/// A little deterministic noise in [-1, 1).
class Noise {
 public:
  double next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state_ >> 11) * 0x1p-52 - 1.0;
  }

 private:
  std::uint64_t state_ = 42;
};

struct TrainExample {
  std::string name = "mnist-mlp";
  std::vector<int> hidden{128, 128, 128};
  std::string activation = "relu";
  int epochs = 40;
  int steps_per_epoch = 20;
  std::vector<double> level{0.90, 0.57, 0.50, 0.42};  // of the gradient norms, by layer
};

inline double example_norm(const TrainExample& run, std::size_t layer, double epoch) {
  const double rise = 1.0 - 0.48 * std::exp(-1.9 * (epoch - 1.0));
  const double fall = std::pow(0.6, (epoch - 1.0) / 12.0 * static_cast<double>(layer) / 3.0);
  return run.level[layer] * rise * fall;
}

inline Json example_layers(const TrainExample& run) {
  Json layers = Json::array();
  int inputs = 784;
  for (std::size_t i = 0; i <= run.hidden.size(); ++i) {
    const bool last = i == run.hidden.size();
    const int outputs = last ? 10 : run.hidden[i];
    layers.push_back({{"name", fmt::format("layer{}", i + 1)},
                      {"inputs", inputs},
                      {"outputs", outputs},
                      {"activation", last ? "log_softmax" : run.activation},
                      {"parameters", inputs * outputs}});
    inputs = outputs;
  }
  return layers;
}

inline std::vector<std::string> norm_columns(std::vector<std::string> columns, std::size_t layers) {
  for (std::size_t i = 1; i <= layers; ++i) columns.push_back(fmt::format("grad_norm.layer{}", i));
  return columns;
}

inline void write_train_tables(const std::filesystem::path& folder, const TrainExample& run) {
  const std::size_t layers = run.level.size();
  CsvWriter steps(folder / "steps.csv",
                  norm_columns({"step", "epoch", "loss", "learning_rate"}, layers));
  CsvWriter epochs(folder / "epochs.csv",
                   norm_columns({"epoch", "train_nll", "test_nll", "test_accuracy"}, layers));
  Noise noise;
  for (int epoch = 1; epoch <= run.epochs; ++epoch) {
    const double nll = 0.035 + 1.1 * std::pow(epoch, -1.25);
    epochs.cell(epoch).cell(nll).cell(0.072 + 0.9 * std::pow(epoch, -1.2) + 0.0004 * epoch);
    epochs.cell(0.977 - 0.1 * std::pow(epoch, -1.1));
    for (std::size_t l = 0; l < layers; ++l) epochs.cell(example_norm(run, l, epoch));
    epochs.end_row();
    for (int k = 0; k < run.steps_per_epoch; ++k) {
      const double time = epoch + static_cast<double>(k) / run.steps_per_epoch;
      steps.cell((epoch - 1) * run.steps_per_epoch + k + 1).cell(epoch);
      steps.cell(nll * (1.0 + 0.5 * noise.next())).cell(0.01);
      const double common = noise.next();
      for (std::size_t l = 0; l < layers; ++l) {
        const double spread = 0.1 + 0.03 * epoch;
        steps.cell(example_norm(run, l, time) *
                   std::exp(spread * (0.8 * common + 0.3 * noise.next())));
      }
      steps.end_row();
    }
  }
  steps.close();
  epochs.close();
}

inline Json example_train_results(const TrainExample& run) {
  const double last = run.epochs;
  const double depth = static_cast<double>(run.level.size() - 1);
  const double ratio = run.level.front() / run.level.back();
  const bool vanishing = ratio < 0.01;
  Json results = {{"layers", example_layers(run)},
                  {"parameters", 134'400},
                  {"epochs", run.epochs},
                  {"train_nll", 0.035 + 1.1 * std::pow(last, -1.25)},
                  {"test_nll", 0.072 + 0.9 * std::pow(last, -1.2) + 0.0004 * last},
                  {"test_accuracy", 0.977 - 0.1 * std::pow(last, -1.1)},
                  {"dead_relu_share", Json::array()}};
  for (std::size_t i = 0; i + 1 < run.level.size(); ++i) {
    results["dead_relu_share"].push_back(0.0078125 * static_cast<double>(i));
  }
  results["diagnosis"] = {
      {"verdict", vanishing ? "vanishing" : "healthy"},
      {"first_to_last_ratio", ratio},
      {"log10_slope_per_layer", std::log10(run.level.back() / run.level.front()) / depth},
      {"median_norm", run.level},
      {"reasons",
       {vanishing ? "the norm shrinks tenfold every two layers towards the input"
                  : "all layers learn within a factor of ten of each other"}},
      {"cause", vanishing ? "every layer passes back less than it gets" : ""},
      {"advice", Json::array()}};
  if (vanishing) {
    results["diagnosis"]["advice"].push_back({{"action", "replace sigmoid"},
                                              {"reason", "its slope is at most 1/4"},
                                              {"reference", "Glorot and Bengio 2010"}});
  }
  return results;
}

/// Writes a `train` run into an existing folder.
inline void write_train_run(const std::filesystem::path& folder, const TrainExample& run = {}) {
  write_train_tables(folder, run);
  Manifest manifest;
  manifest.kind = "train";
  manifest.name = run.name;
  manifest.configuration = {{"data", "mnist"},
                            {"hidden", run.hidden},
                            {"epochs", run.epochs},
                            {"batch-size", 128},
                            {"learning-rate", 0.01},
                            {"seed", 1234},
                            {"activation", run.activation},
                            {"bias", false},
                            {"init", "torch"},
                            {"no-shuffle", false}};
  manifest.host = {"0.1.0", "g++ 12.2.0", "Release", "AVX2", "Example CPU", 2};
  manifest.data = {{"name", "mnist"},
                   {"train_count", 60'000},
                   {"test_count", 10'000},
                   {"mean", 0.1306604763},
                   {"standard_deviation", 0.3081078071}};
  manifest.termination_reason = "max_steps";
  manifest.termination_message = fmt::format("all {} epochs done", run.epochs);
  manifest.timing = {{"total", 21.5}};
  manifest.results = example_train_results(run);
  write_manifest(folder, manifest);
}

/// Writes a `train` run that diverged in its first epoch: growing norms, then none, no epoch.
inline void write_blown_up_train_run(const std::filesystem::path& folder) {
  TrainExample run{.name = "explode", .epochs = 0};
  write_train_run(folder, run);
  CsvWriter steps(folder / "steps.csv",
                  norm_columns({"step", "epoch", "loss", "learning_rate"}, run.level.size()));
  for (int step = 1; step <= 9; ++step) {
    const double norm = step < 7 ? std::pow(10.0, 8.0 * step) : std::nan("");
    steps.row(step, 1, norm * norm, 0.01, norm, norm, norm, norm);
  }
  steps.close();
  Json json = read_manifest(folder);
  json["termination"] = {{"reason", "diverged"}, {"message", "the loss is not finite"}};
  for (const char* key : {"train_nll", "test_nll", "test_accuracy"}) json["results"].erase(key);
  json["results"]["diagnosis"]["verdict"] = "exploding";
  json["results"]["diagnosis"]["first_to_last_ratio"] = nullptr;
  json["results"]["diagnosis"]["log10_slope_per_layer"] = nullptr;
  json["results"]["diagnosis"]["median_norm"] = {nullptr, nullptr, nullptr, nullptr};
  json["results"]["dead_relu_share"] = {nullptr, nullptr, nullptr};
  write_file_atomically(folder / kManifestFile, json.dump(2) + "\n");
}

struct SenseExample {
  std::string name = "over-parameterised";
  std::vector<double> alphas{1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5};
  int dimension = 100;
  int rank = 100;
  int true_rank = 5;
  int measurements = 5000;
  int iterations = 1000;
  double step = 0.1;
  bool knows_truth = true;
  int diverged = 0;  // how many of the first alphas did
  std::string rule = "gd";
};

inline double example_error(const SenseExample& run, double alpha, int t) {
  if (run.rank == run.true_rank) return std::max(1e-14, 1.7 * std::pow(10.0, -0.0265 * t));
  const double start = std::log(1.0 / alpha) * 4.0 + 30.0;
  const double progress = 1.0 / (1.0 + std::exp((t - start) / 9.0));
  return 0.99 * progress +
         0.11 * std::pow(alpha, 0.93) * (1.0 + 25.0 * std::exp(-t / 60.0) * alpha);
}

inline double example_singular_value(const SenseExample& run, double alpha, int t, int k) {
  const double final_value =
      k <= run.true_rank ? 11.5 - 0.6 * k : 2.3 * std::pow(alpha, 0.42) * std::pow(0.9, k - 6);
  const double start = alpha * (20.0 - 0.5 * k);
  const double rate = k <= run.true_rank ? 0.16 - 0.01 * k : 0.02;
  return std::exp(std::log(final_value) - std::log(final_value / start) *
                                              std::exp(-rate * t / (1 - 0.15 * std::log10(alpha))));
}

inline void write_sense_tables(const std::filesystem::path& folder, const SenseExample& run) {
  std::vector<std::string> columns{"iteration", "alpha", "loss", "gradient_norm"};
  if (run.knows_truth) columns.insert(columns.end(), {"distance", "relative_error"});
  CsvWriter trace(folder / "trace.csv", columns);
  CsvWriter values(folder / "singular_values.csv", {"iteration", "alpha", "index", "value"});
  CsvWriter ranks(folder / "effective_rank.csv",
                  {"iteration", "alpha", "stable_rank", "entropy_rank"});
  for (int t = 0; t <= run.iterations; ++t) {
    for (std::size_t a = 0; a < run.alphas.size(); ++a) {
      if (static_cast<int>(a) < run.diverged && t > 6) continue;
      const double alpha = run.alphas[a];
      const double error = example_error(run, alpha, t);
      const double loss = 0.5 * std::pow(237.0 * error, 2) * std::exp(-t / 30.0);
      trace.cell(t).cell(alpha).cell(loss).cell(std::sqrt(loss) * 20.0);
      if (run.knows_truth) trace.cell(237.0 * error).cell(error);
      trace.end_row();
      for (int k = 1; k <= std::min(10, run.rank); ++k) {
        values.row(t, alpha, k, example_singular_value(run, alpha, t, k));
      }
      const double spread = std::exp(-t / (30.0 - 4.0 * std::log10(alpha)));
      ranks.row(t, alpha, 3.6 + 20.0 * spread, 4.8 + 70.0 * spread);
    }
  }
  trace.close();
  values.close();
  ranks.close();
}

inline Json example_iterations_to(const SenseExample& run, double alpha, double level) {
  for (int t = 0; t <= run.iterations; ++t) {
    if (example_error(run, alpha, t) <= level) return t;
  }
  return nullptr;
}

inline Json example_member(const SenseExample& run, std::size_t index) {
  const double alpha = run.alphas[index];
  const bool diverged = static_cast<int>(index) < run.diverged;
  const double error = example_error(run, alpha, run.iterations);
  Json member = {{"alpha", alpha},
                 {"termination", diverged ? "diverged" : "max_steps"},
                 {"message", diverged ? "the loss grew a millionfold" : "all iterations done"},
                 {"iterations", diverged ? 6 : run.iterations},
                 {"loss", 1e-17},
                 {"gradient_norm", 3e-10}};
  if (run.knows_truth) {
    member["distance"] = 237.0 * error;
    member["relative_error"] = error;
    member["iterations_to"] = {{"1e-3", example_iterations_to(run, alpha, 1e-3)},
                               {"1e-6", example_iterations_to(run, alpha, 1e-6)},
                               {"1e-10", example_iterations_to(run, alpha, 1e-10)}};
  }
  member["singular_values"] = Json::array();
  for (int k = 1; k <= std::min(10, run.rank); ++k) {
    member["singular_values"].push_back(example_singular_value(run, alpha, run.iterations, k));
  }
  return member;
}

/// Writes a `sense` run into an existing folder.
inline void write_sense_run(const std::filesystem::path& folder, const SenseExample& run = {}) {
  write_sense_tables(folder, run);
  Manifest manifest;
  manifest.kind = "sense";
  manifest.name = run.name;
  manifest.configuration = {{"dimension", run.dimension},
                            {"true-rank", run.true_rank},
                            {"measurements", run.measurements},
                            {"rank", run.rank},
                            {"alpha", run.alphas},
                            {"step", run.step},
                            {"iterations", run.iterations},
                            {"seed", 1234},
                            {"rule", run.rule},
                            {"start", "gaussian"}};
  manifest.host = {"0.1.0", "g++ 12.2.0", "Release", "AVX2", "Example CPU", 2};
  manifest.termination_reason = "max_steps";
  manifest.termination_message = fmt::format("all {} iterations done", run.iterations);
  manifest.timing = {{"total", 5.25}};
  manifest.results = {{"sigma_1", 132.0},
                      {"sigma_1_estimated", !run.knows_truth},
                      {"learning_rate", run.step / 132.0},
                      {"step", run.step},
                      {"unknowns", run.dimension * (run.dimension + 1) / 2},
                      {"members", Json::array()}};
  if (run.knows_truth) {
    manifest.results["truth_singular_values"] = {132.0, 110.0, 94.0, 83.0, 72.0};
    if (run.measurements < 5050) manifest.results["minimum_norm_relative_error"] = 0.835;
  }
  for (std::size_t a = 0; a < run.alphas.size(); ++a) {
    manifest.results["members"].push_back(example_member(run, a));
  }
  write_manifest(folder, manifest);
}

/// Writes a `landscape` run into an existing folder.
inline void write_landscape_run(const std::filesystem::path& folder) {
  CsvWriter points(
      folder / "points.csv",
      {"loss_kind", "point", "loss", "gradient_norm", "relative_gradient_norm",
       "smallest_eigenvalue", "largest_eigenvalue", "expected_smallest", "expected_largest",
       "verdict", "expected_verdict", "distance_to_truth", "agrees"});
  const double nan = std::nan("");
  for (const std::string kind : {"population", "sampled"}) {
    const double off = kind == "sampled" ? 0.04 : 0.0;
    points.row(kind, "0", 5000.0, 0.0, 0.0, -200.0 * (1 + off), 1e-12 + 30 * off, -200.0, 0.0,
               "strict saddle", "strict saddle", 100.0, "yes");
    points.row(kind, "+u*", 0.0, 1e-13, 1e-16, 200.0 * (1 - off), 600.0 * (1 + off), 200.0, 600.0,
               "minimum", "minimum", 0.0, "yes");
    points.row(kind, "-u*", 0.0, 1e-13, 1e-16, 200.0 * (1 - off), 600.0 * (1 + off), 200.0, 600.0,
               "minimum", "minimum", 0.0, "yes");
    points.row(kind, "descent 1", 1e-20, 1e-9, 1e-12, 200.0 * (1 - off), 600.0 * (1 + off), 200.0,
               600.0, "minimum", "minimum", 1e-9, "yes");
    points.row(kind, "random", 8000.0, 3000.0, 4.0, -100.0, 700.0, nan, nan, "not critical",
               "not critical", 140.0, "yes");
  }
  points.close();
  Manifest manifest;
  manifest.kind = "landscape";
  manifest.name = "landscape";
  manifest.configuration = {
      {"dimension", 100}, {"true-rank", 1}, {"measurements", 2000}, {"seed", 1234}};
  manifest.host = {"0.1.0", "g++ 12.2.0", "Release", "AVX2", "Example CPU", 2};
  manifest.termination_reason = "converged";
  manifest.termination_message = "all points judged";
  manifest.results = {
      {"sigma_1", 100.0}, {"points", 10}, {"agree", true}, {"largest_eigenvalue_deviation", 0.04}};
  write_manifest(folder, manifest);
}

/// Gives a run that is already written the texts of an experiment.
inline void add_experiment(const std::filesystem::path& folder, const std::string& title,
                           const std::string& question, const std::string& notebook) {
  Json json = read_manifest(folder);
  json["experiment"] = {
      {"id", "e1"}, {"title", title}, {"question", question}, {"notebook", notebook}};
  write_file_atomically(folder / kManifestFile, json.dump(2) + "\n");
}

/// Writes the manifest of a `reproduce` folder over run folders inside it.
inline void write_reproduce_manifest(const std::filesystem::path& folder,
                                     const std::vector<std::string>& runs) {
  Manifest manifest;
  manifest.kind = "reproduce";
  manifest.name = folder.filename().string();
  manifest.termination_reason = "max_steps";
  manifest.termination_message = "all studies done";
  manifest.results = {{"runs", runs}, {"checks", Json::array()}};
  manifest.results["checks"].push_back({{"experiment", "gradient-norms"},
                                        {"run", "train"},
                                        {"what", "test accuracy after 40 epochs"},
                                        {"expected", {0.974, 0.978}},
                                        {"measured", 0.9756},
                                        {"holds", true}});
  manifest.results["checks"].push_back({{"experiment", "exact-rank"},
                                        {"run", "exact"},
                                        {"what", "iterations to relative error < 1e-10"},
                                        {"expected", {343, 445}},
                                        {"measured", 500},
                                        {"holds", false}});
  manifest.results["checks"].push_back({{"experiment", "exact-rank"},
                                        {"run", "exact"},
                                        {"what", "points of the kind that theory says"},
                                        {"expected", {16, 16}},
                                        {"measured", 16},
                                        {"holds", true}});
  write_manifest(folder, manifest);
}

}  // namespace ravine::testing
