#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "ravine/base/thread_team.hpp"
#include "ravine/data/dataset_shelf.hpp"
#include "ravine/descent/run_result.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine {

/// How far a study has come.
struct Progress {
  std::string phase;  ///< e.g. "epoch 3", "iteration"
  std::int64_t done = 0;
  std::int64_t total = 0;
  double elapsed_seconds = 0;
};

/// How a study keeps what it needs to go on after it was killed.
struct CheckpointPlan {
  std::int64_t every = 0;             ///< epochs, or iterations, to the next; 0: none
  std::filesystem::path resume_from;  ///< folder of the one to go on from; empty: begin

  bool are_on() const { return every > 0 || !resume_from.empty(); }
};

/// What every study is handed beside its own configuration.
struct StudyContext {
  std::filesystem::path folder;  ///< where its files go; exists
  std::string name;              ///< of the run
  Json experiment = nullptr;     ///< {id, title, question, notebook} for the report, or null
  ThreadTeam* team = nullptr;
  std::shared_ptr<DatasetShelf> shelf = std::make_shared<DatasetShelf>();  ///< shared by copies
  std::function<void(const Progress&)> progress = [](const Progress&) {};
  std::function<void(const std::string&)> announce = [](const std::string&) {};  ///< what is run
  std::function<void(const std::string&)> line = [](const std::string&) {};      ///< how it goes
  /// Takes each step as a line of JSON; empty: nobody wants them.
  std::function<void(const std::string&)> stream = nullptr;
  CheckpointPlan checkpoints;                                ///< of training and of sensing
  std::function<bool()> interrupted = [] { return false; };  ///< asks the study to end early
};

/// How a study ended, with what went into its manifest.
struct StudyOutcome {
  Termination termination = Termination::not_started;
  Json manifest;
};

/// Writes the manifest and returns the outcome.
StudyOutcome finish_study(const StudyContext& context, Manifest manifest, Termination termination,
                          const std::string& message);

}  // namespace ravine
