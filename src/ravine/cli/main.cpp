#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/cli/exit_code.hpp"
#include "ravine/cli/parse.hpp"
#include "ravine/cli/terminal.hpp"
#include "ravine/cli/verbs.hpp"

namespace ravine::cli {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 ok, 1 failure, 2 usage, 3 data, 4 diverged, 5 diagnosis says unhealthy,\n"
    "6 input/output, 129, 130 and 143 interrupted. Results go to stdout, progress and errors to "
    "stderr.";

int fail(const std::string& text, int code) {
  say(fmt::format("ravine: {}\n", printable(text)));
  return code;
}

/// stdout took no more: without a word where its reader went away, as other programs end then.
int fail_to_print(int error) {
  if (error == EPIPE) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  return fail(error_text("stdout", "results", "a reader or room for more", std::strerror(error)),
              kInputOutput);
}

int run(int argc, const char* const* argv) {
  CLI::App program("Ravine, a laboratory for gradient descent", "ravine");
  program.set_version_flag("--version", "ravine " RAVINE_VERSION);
  program.require_subcommand(1);
  program.footer(kFooter);
  Action action;
  add_reproduce_verb(program, action);
  add_study_verb(program, make_train_verb(program), action);
  add_study_verb(program, make_sense_verb(program), action);
  add_study_verb(program, make_landscape_verb(program), action);
  add_study_verb(program, make_slice_verb(program), action);
  add_sweep_verb(program, action);
  add_diagnose_verb(program, action);
  add_check_verb(program, action);
  add_report_verb(program, action);
  add_data_verb(program, action);
  try {
    parse_with_config(program, argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0 && !names_no_verb(program)) {
      return program.exit(error);  // --help, --version
    }
    return fail(usage_text(error, program), kUsage);
  }
  return action();
}

int run_and_translate(int argc, const char* const* argv) {
  try {
    return run(argc, argv);
  } catch (const ConfigError& error) {
    return fail(error.what(), kUsage);
  } catch (const ShapeError& error) {
    return fail(error.what(), kData);
  } catch (const DataError& error) {
    return fail(error.what(), kData);
  } catch (const IoError& error) {
    return fail(error.what(), kInputOutput);
  } catch (const std::bad_alloc&) {
    return fail("out of memory; hint: smaller sizes", kFailure);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(error.what(), kInputOutput);
  } catch (const std::system_error& error) {  // of fmt::print
    return fail_to_print(error.code().value());
  } catch (const std::exception& error) {
    return fail(error.what(), kFailure);
  }
}

}  // namespace

void add_study_verb(CLI::App&, const StudyVerb& verb, Action& action) {
  verb.app->callback([verb, &action] { action = [verb] { return run_study_verb(verb); }; });
}

}  // namespace ravine::cli

int main(int argc, char** argv) {
  // Who reads what is said meanwhile may go away; the work goes on.
  std::signal(SIGPIPE, SIG_IGN);
  const int code = ravine::cli::run_and_translate(argc, argv);
  return std::fflush(stdout) == 0 ? code : ravine::cli::fail_to_print(errno);
}
