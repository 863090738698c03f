#include <filesystem>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/verbs.hpp"
#include "ravine/report/gnuplot.hpp"
#include "ravine/report/report.hpp"

namespace ravine::cli {

namespace {

struct ReportOptions {
  std::vector<std::string> runs;
  std::string out = "report.html";
  bool force = false;
  bool quiet = false;
};

void demand_replaceable(const std::string& out, bool force) {
  std::error_code unknown;  // said when it is written
  const std::filesystem::file_status status = std::filesystem::symlink_status(out, unknown);
  if (!std::filesystem::exists(status)) return;
  if (!force) {
    throw IoError(error_text("report", out, "a file that is not there yet", "an existing one",
                             "--force replaces an older report"));
  }
  if (!std::filesystem::is_regular_file(status) || !is_report(out)) {
    throw IoError(error_text("report", out, "an older report to replace", "something else",
                             "choose another name; --force replaces reports only"));
  }
}

int make_report(const ReportOptions& options) {
  demand_replaceable(options.out, options.force);
  require_gnuplot();
  write_report({options.runs.begin(), options.runs.end()}, options.out);
  if (!options.quiet) fmt::print("report: {}\n", options.out);
  return kOk;
}

}  // namespace

void add_report_verb(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("report", "Write one report page from run folders");
  const auto options = std::make_shared<ReportOptions>();
  verb->add_option("RUN", options->runs, "Run folders, also those of `ravine reproduce`")
      ->required();
  verb->add_option("--out", options->out, "File to write")->capture_default_str();
  verb->add_flag("--force", options->force, "Replace an older report");
  verb->add_flag("--quiet", options->quiet, "No text");
  verb->callback([options, &action] { action = [options] { return make_report(*options); }; });
}

}  // namespace ravine::cli
