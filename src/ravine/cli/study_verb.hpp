#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "ravine/record/run_folder.hpp"
#include "ravine/study/study.hpp"

namespace ravine::cli {

/// Options every verb that runs something takes.
struct CommonOptions {
  std::string out;
  std::string config;
  std::uint64_t seed = 1234;
  int threads = 0;  ///< 0: one for each available processor
  bool quiet = false;
  bool force = false;
  bool json = false;
  bool no_report = false;
  std::int64_t checkpoint_every = 0;  ///< epochs or iterations; 0: none
  bool resume = false;                ///< from the checkpoint of the run in `out`
  std::string stream;  ///< where steps go as lines of JSON; "-": stdout; empty: nowhere
};

/// Adds them. `default_out` is where the run goes when --out is not given.
void add_common_options(CLI::App& app, CommonOptions& options, const std::string& default_out);

/// Adds those of a verb that keeps checkpoints; `unit` is what their distance is counted in.
void add_checkpoint_options(CLI::App& app, CommonOptions& options, const std::string& unit);

/// Adds --stream, of a verb whose steps can be followed.
void add_stream_option(CLI::App& app, CommonOptions& options);

/// Whether an option says where or how a verb runs and not what it computes: all of these, and
/// --help, but not --seed.
bool says_how_to_run(const std::string& option);

/// A verb that runs one study into one run folder.
struct StudyVerb {
  CLI::App* app = nullptr;
  std::shared_ptr<CommonOptions> common = std::make_shared<CommonOptions>();
  /// Throws ConfigError for options no run can start from, before anything is made or printed.
  std::function<void()> check;
  /// Runs the study with the options parsed.
  std::function<StudyOutcome(const StudyContext&)> run;
  /// The closing text for people, from the manifest.
  std::function<std::string(const Json& manifest)> summarise;
};

StudyVerb make_train_verb(CLI::App& parent);
StudyVerb make_sense_verb(CLI::App& parent);
StudyVerb make_landscape_verb(CLI::App& parent);
StudyVerb make_slice_verb(CLI::App& parent);

/// Runs a verb whose options were parsed, from the empty folder to the finished one with figures
/// and report; prints what people want to know. Returns the exit code.
int run_study_verb(const StudyVerb& verb);

/// The context of a study that reports to the terminal. `bar` and `team` must outlive it.
class ProgressBar;
StudyContext terminal_context(ProgressBar& bar, ThreadTeam& team, const CommonOptions& options);

/// Makes figures and report, if they are wanted, and puts the folder in its place in any case: what
/// was computed is not lost when they fail. Returns that failure, or null.
std::exception_ptr publish(RunFolder& folder, bool with_report);

/// Throws ConfigError when a file or folder would lie inside the run folder that is to be made, or
/// be it: what is there goes when that takes its place.
void demand_outside(const std::string& option, const std::string& path, const std::string& out);

/// Where people find what was made: the report, or the folder where there is none.
std::string place_text(const std::filesystem::path& out, bool has_report);

/// The number of threads that --threads means.
int thread_count(const CommonOptions& options);

/// The exit code that says how a study ended.
int exit_code_of(Termination termination);

}  // namespace ravine::cli
