#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

namespace ravine::cli {

/// Parses TOML; `source` names it in errors. Throws ConfigError with the line.
toml::table parse_toml(std::string_view text, const std::string& source);

/// Parses a TOML file. Throws IoError, or ConfigError with file and line.
toml::table read_toml(const std::filesystem::path& path);

/// Turns a table whose keys are the long option names of `verb` into command-line arguments: true
/// becomes
/// `--key`, false nothing, an array its values joined by commas. Options for which `skip_given` is
/// set and that were already parsed are left out. Throws ConfigError with `source` and line for an
/// unknown key or a value of another kind.
std::vector<std::string> arguments_from(const toml::table& table, const std::string& source,
                                        const CLI::App& verb, bool skip_given);

}  // namespace ravine::cli
