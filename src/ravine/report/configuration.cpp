#include "ravine/report/configuration.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

namespace ravine::report {

namespace {

constexpr std::array<std::string_view, 6> kWithoutEffect{"out",  "force",  "quiet",
                                                         "json", "config", "threads"};

// What comes out of the user's files and is not said beside them.
constexpr std::array<std::string_view, 2> kOfMeasurementFile{"dimension", "measurements"};

bool is_said(const Json& configuration, std::string_view name) {
  return !configuration.contains("measurement-file") ||
         std::ranges::find(kOfMeasurementFile, name) == kOfMeasurementFile.end();
}

// "0.1,1e-05" for an array; an empty text for null.
std::string plain_text(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value)
    text += fmt::format("{}{}", text.empty() ? "" : ",", plain_text(item));
  return text;
}

std::string shell_quoted(const std::string& text) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("_./,:=+-@%").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// What a plan does not say comes from the command line. A plan that stands in no file has no
// command.
std::string sweep_command(const RunRecord& run) {
  const Json& configuration = run.manifest().at("configuration");
  if (!run.has("/configuration/plan")) return {};
  const bool one_seed = run.has("/configuration/seed") && configuration.at("seed").is_number();
  return fmt::format("ravine sweep {} --success {}{} --out {}",
                     shell_quoted(option_text(run, "plan")), option_text(run, "success"),
                     one_seed ? fmt::format(" --seed {}", option_text(run, "seed")) : "",
                     shell_quoted(run.name()));
}

}  // namespace

std::string option_text(const RunRecord& run, const std::string& name) {
  const Json& configuration = run.manifest().at("configuration");
  const auto found = configuration.find(name);
  return found == configuration.end() || found->is_null() ? "–" : plain_text(*found);
}

std::vector<std::pair<std::string, std::string>> options_of(const Json& configuration) {
  std::vector<std::pair<std::string, std::string>> options;
  for (const auto& [name, value] : configuration.items()) {
    const bool skipped = std::ranges::find(kWithoutEffect, name) != kWithoutEffect.end();
    if (skipped || value == false || !is_said(configuration, name)) continue;
    const std::string text = value == true ? "" : plain_text(value);
    if (value == true || !text.empty()) options.emplace_back(name, text);
  }
  return options;
}

std::string command_line_of(const RunRecord& run) {
  if (run.kind() == "sweep") return sweep_command(run);
  std::string line = fmt::format("ravine {}", run.kind());
  for (const auto& [name, text] : options_of(run.manifest().at("configuration"))) {
    line += fmt::format(" --{}{}", name, text.empty() ? "" : " " + shell_quoted(text));
  }
  return fmt::format("{} --out {}", line, shell_quoted(run.name()));
}

}  // namespace ravine::report
