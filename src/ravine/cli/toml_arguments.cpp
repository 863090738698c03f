#include "ravine/cli/toml_arguments.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"

namespace ravine::cli {

namespace {

[[noreturn]] void refuse(const std::string& where, std::string_view expected,
                         std::string_view got) {
  throw ConfigError(error_text("config", where, expected, got));
}

std::string scalar_text(const toml::node& node, const std::string& where) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return fmt::format("{}", integer->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  refuse(where, "a number, a text, true, false or an array of them", "another kind of value");
}

void append_arguments(const CLI::Option& option, const std::string& key, const toml::node& node,
                      const std::string& where, std::vector<std::string>& arguments) {
  const auto* flag = node.as_boolean();
  if (option.get_items_expected_max() == 0) {
    if (!flag) refuse(where, "true or false", "another kind of value");
    if (flag->get()) arguments.push_back("--" + key);
    return;
  }
  if (flag) refuse(where, "a number, a text or an array of them", flag->get() ? "true" : "false");
  std::string value;
  if (const auto* array = node.as_array()) {
    if (array->empty()) refuse(where, "at least one value", "an empty array");
    for (const toml::node& element : *array) {
      const std::string text = scalar_text(element, where);
      if (text.empty()) refuse(where, "values", "an empty one");
      value += (value.empty() ? "" : ",") + text;
    }
  } else {
    value = scalar_text(node, where);
  }
  if (value.empty()) refuse(where, "a value", "an empty text");
  arguments.push_back("--" + key + "=" + value);
}

/// Whether an option that was given leaves no place for this one.
bool excludes_given(const CLI::Option& option, const CLI::App& verb) {
  return std::ranges::any_of(verb.get_options(), [&](const CLI::Option* other) {
    return other->count() > 0 &&
           (option.get_excludes().contains(const_cast<CLI::Option*>(other)) ||
            other->get_excludes().contains(const_cast<CLI::Option*>(&option)));
  });
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& source) {
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    throw ConfigError(error_text("config",
                                 fmt::format("{} line {}", source, error.source().begin.line),
                                 "TOML", std::string(error.description())));
  }
}

toml::table read_toml(const std::filesystem::path& path) {
  return parse_toml(read_file(path), path.string());
}

std::vector<std::string> arguments_from(const toml::table& table, const std::string& source,
                                        const CLI::App& verb, bool skip_given) {
  std::vector<std::string> arguments;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const std::string where = fmt::format("{} line {}, {}", source, node.source().begin.line, name);
    const CLI::Option* option = verb.get_option_no_throw("--" + name);
    if (option == nullptr || name == "config" || name == "help") {
      throw ConfigError(
          error_text("config", where, "a known key", "an unknown one",
                     fmt::format("keys are the long options of `ravine {}`", verb.get_name())));
    }
    if (skip_given && (option->count() > 0 || excludes_given(*option, verb))) continue;
    append_arguments(*option, name, node, where, arguments);
  }
  return arguments;
}

}  // namespace ravine::cli
