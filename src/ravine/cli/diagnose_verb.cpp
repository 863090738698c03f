#include <fmt/format.h>

#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/diagnosis/explanation.hpp"
#include "ravine/study/diagnose.hpp"

namespace ravine::cli {

namespace {

struct DiagnoseOptions {
  std::string recording;
  std::size_t classes = 0;  ///< 0: not known
  bool json = false;
  bool quiet = false;
};

int run_diagnose(const DiagnoseOptions& options) {
  const Diagnosis diagnosis = diagnose_recording(options.recording, options.classes);
  if (options.json) {
    // Names of columns may be in any encoding.
    fmt::print("{}\n", to_json(diagnosis).dump(2, ' ', false, Json::error_handler_t::replace));
  } else if (!options.quiet) {
    fmt::print("{}", printable(explain(diagnosis)));
  }
  const bool doubtful = diagnosis.confidence == Confidence::low;
  return diagnosis.verdict == Verdict::healthy || doubtful ? kOk : kUnhealthy;
}

}  // namespace

void add_diagnose_verb(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand(
      "diagnose", "Say what gradient norms mean: a verdict, its cause, what to try");
  const auto options = std::make_shared<DiagnoseOptions>();
  verb->add_option(
          "RECORDING", options->recording,
          "Folder of a training run, or a CSV table of norms from any framework: "
          "step,layer,gradient_norm or step and one column a layer; - reads the table from "
          "standard input")
      ->required();
  verb->add_option("--classes", options->classes,
                   "Of a table with a loss: number of classes, whose logarithm is the loss of a "
                   "blind guess")
      ->check(CLI::Range(std::size_t{2}, std::size_t{1'000'000'000}));
  verb->add_flag("--json", options->json, "Print every number as JSON instead of text");
  verb->add_flag("--quiet", options->quiet,
                 "No text; the exit code tells: 0 healthy or in doubt (low confidence), 5 not");
  verb->callback([options, &action] { action = [options] { return run_diagnose(*options); }; });
}

}  // namespace ravine::cli
