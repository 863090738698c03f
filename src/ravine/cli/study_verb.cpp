#include "ravine/cli/study_verb.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/interrupt.hpp"
#include "ravine/cli/line_sink.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/record/run_folder.hpp"
#include "ravine/record/run_neighbours.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/report.hpp"

namespace ravine::cli {

namespace {

/// Text for people: to stdout unless that carries the steps. Whether stdout took it is seen when
/// the program ends.
void print_text(const CommonOptions& options, const std::string& text) {
  if (options.stream == "-") return say(text);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& options, const std::string& default_out) {
  options.out = default_out;
  app.add_option("--out", options.out, "Run folder to make")->capture_default_str();
  app.add_flag("--force", options.force, "Replace an existing run folder");
  app.add_option("--seed", options.seed, "Seed of all random numbers")->capture_default_str();
  app.add_option("--threads", options.threads, "Threads; 0: one for each available processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--config", options.config,
                 "TOML file whose keys are these long options; the command line goes before it");
  app.add_flag("--json", options.json, "Print the manifest as JSON instead of text");
  app.add_flag("--quiet", options.quiet, "No progress, no text");
  app.add_flag("--no-report", options.no_report, "No figures and no report.html; needs no gnuplot");
}

void add_checkpoint_options(CLI::App& app, CommonOptions& options, const std::string& unit) {
  app.add_option("--checkpoint-every", options.checkpoint_every,
                 fmt::format("Keep a checkpoint after every N {}, so that a run that was killed or "
                             "interrupted can go on; 0: none",
                             unit))
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}))
      ->capture_default_str();
  app.add_flag("--resume", options.resume,
               "Go on from the last checkpoint of the run in --out, with its options, to the same "
               "bits as without the interruption");
}

void add_stream_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--stream", options.stream,
                 "Write each step as a line of JSON to this file, or to stdout for -, which sends "
                 "the text to stderr");
}

bool says_how_to_run(const std::string& option) {
  CLI::App app;
  CommonOptions options;
  add_common_options(app, options, "");
  add_checkpoint_options(app, options, "");
  add_stream_option(app, options);
  return option != "seed" && app.get_option_no_throw("--" + option) != nullptr;
}

int thread_count(const CommonOptions& options) {
  return options.threads > 0 ? options.threads : available_threads();
}

int exit_code_of(Termination termination) {
  switch (termination) {
    case Termination::diverged:
      return kDiverged;
    case Termination::interrupted:
      return kSignalBase + pending_signal();
    case Termination::stopped:
      return kUnhealthy;
    default:
      return kOk;
  }
}

StudyContext terminal_context(ProgressBar& bar, ThreadTeam& team, const CommonOptions& options) {
  StudyContext context;
  context.team = &team;
  context.progress = [&bar](const Progress& progress) {
    bar.update(progress.phase, progress.done, progress.total);
  };
  context.line = [&bar](const std::string& line) { bar.print_line(line); };
  if (!options.quiet && !options.json) {
    context.announce = [&bar, &options](const std::string& text) {
      bar.clear();
      print_text(options, text);
    };
  }
  context.interrupted = [] { return pending_signal() != 0; };
  return context;
}

std::exception_ptr publish(RunFolder& folder, bool with_report) {
  std::exception_ptr failure;
  try {
    if (with_report) write_report_into(folder.staging());
  } catch (const IoError& error) {
    const std::string place = folder.target().string();
    failure = std::make_exception_ptr(IoError(fmt::format(
        "{}; the run is in {}, and `ravine report {}` tries again", error.what(), place, place)));
  } catch (...) {
    failure = std::current_exception();
  }
  folder.commit();
  return failure;
}

void demand_outside(const std::string& option, const std::string& path, const std::string& out) {
  if (path.empty() || path == "-") return;
  const std::filesystem::path run = resolved_run_place(out);
  const std::filesystem::path inside = resolved_run_place(path).lexically_relative(run);
  if (inside.empty() || *inside.begin() == "..") return;
  throw ConfigError(error_text(option, path, "a place outside the run folder", out));
}

std::string place_text(const std::filesystem::path& out, bool has_report) {
  return has_report ? "report: " + (out / "report.html").string() : "folder: " + out.string();
}

int run_study_verb(const StudyVerb& verb) {
  catch_signals();
  const CommonOptions& options = *verb.common;
  if (options.json && options.stream == "-") {
    throw ConfigError(error_text("stream", "-", "stdout for the steps alone", "--json as well"));
  }
  demand_outside("stream", options.stream, options.out);
  verb.check();
  if (!options.no_report) require_gnuplot();
  RunFolder folder = options.resume ? RunFolder::resume(options.out)
                                    : RunFolder::create(options.out, options.force);
  ThreadTeam team(thread_count(options));
  ProgressBar bar(options.quiet);
  StudyContext context = terminal_context(bar, team, options);
  context.folder = folder.staging();
  context.name = folder.target().filename().string();
  context.checkpoints = {options.checkpoint_every, folder.source()};
  std::optional<LineSink> stream;
  if (!options.stream.empty()) {
    using Older = LineSink::Older;
    stream.emplace(options.stream, options.resume  ? Older::go_on
                                   : options.force ? Older::replace
                                                   : Older::refuse);
    context.stream = [&stream](const std::string& line) { stream->write(line); };
  }

  const StudyOutcome outcome = verb.run(context);
  const std::exception_ptr unreported = publish(folder, !options.no_report);
  const bool can_go_on =
      outcome.termination == Termination::interrupted && holds_checkpoint(folder.target());
  if (!can_go_on) remove_checkpoint(folder.target());

  bar.clear();
  if (options.json) {
    fmt::print("{}\n", outcome.manifest.dump(2));
  } else if (!options.quiet) {
    const bool has_report = !options.no_report && !unreported;
    print_text(
        options,
        fmt::format(
            "{}{}\n{}", verb.summarise(outcome.manifest), place_text(options.out, has_report),
            can_go_on ? "the same command with --resume goes on from the last checkpoint\n" : ""));
  }
  if (unreported) std::rethrow_exception(unreported);
  return exit_code_of(outcome.termination);
}

}  // namespace ravine::cli
