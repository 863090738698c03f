#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "ravine/cli/study_verb.hpp"

namespace ravine::cli {

/// A verb that was parsed: what to do, returning the exit code.
using Action = std::function<int()>;

/// Adds the verb to the program; when the command line names it, `action` is set.
void add_study_verb(CLI::App& app, const StudyVerb& verb, Action& action);
void add_check_verb(CLI::App& app, Action& action);
void add_diagnose_verb(CLI::App& app, Action& action);
void add_reproduce_verb(CLI::App& app, Action& action);
void add_sweep_verb(CLI::App& app, Action& action);
void add_report_verb(CLI::App& app, Action& action);
void add_data_verb(CLI::App& app, Action& action);

/// Options from a configuration file: parses the command line, and once more with the file's keys
/// in front when the verb named --config; and with the options of the run that is to go on when it
/// named --resume. Throws CLI::ParseError, ConfigError, DataError, IoError.
void parse_with_config(CLI::App& program, int argc, const char* const* argv);

}  // namespace ravine::cli
