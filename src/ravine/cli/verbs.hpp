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

}  // namespace ravine::cli
