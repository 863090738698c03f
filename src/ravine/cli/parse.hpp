#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace ravine::cli {

/// Parses arguments in the order in which a shell gives them. Whole numbers are taken in decimal
/// and exactly, for every option of the app and its verbs that is one: nothing wraps or saturates.
/// Throws CLI::ParseError, ConfigError for an option without its value.
void parse_arguments(CLI::App& app, std::vector<std::string> arguments);

/// Options from a configuration file: parses the command line, and once more with the file's keys
/// in front when the verb named --config; and with the options of the run that is to go on when it
/// named --resume. Throws CLI::ParseError, ConfigError, DataError, IoError.
void parse_with_config(CLI::App& program, int argc, const char* const* argv);

/// Whether the first word was none of the verbs, as help that is asked for would not say.
bool names_no_verb(const CLI::App& program);

/// What is wrong with the arguments that `program` was given, in one line, with where to look.
std::string usage_text(const CLI::ParseError& error, const CLI::App& program);

}  // namespace ravine::cli
