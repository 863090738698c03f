#include "ravine/cli/parse.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/cli/recorded_arguments.hpp"
#include "ravine/cli/toml_arguments.hpp"

namespace ravine::cli {

namespace {

/// Puts the number into its plain form, or says what is wrong with the text.
template <class Whole>
std::string make_plain(std::string& text) {
  Whole value{};
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range) {
    return fmt::format("expected a number of 64 bits, got {}", text);
  }
  if (error != std::errc() || after != end) {
    return fmt::format("expected a whole number{}, got {}",
                       std::is_signed_v<Whole> ? "" : ", 0 or more", text);
  }
  text = fmt::format("{}", value);
  return {};
}

/// By the types that CLI11 writes into the help. Once more does no harm.
void demand_whole_numbers(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (type.starts_with("UINT")) {
      option->transform(CLI::Validator(make_plain<std::uint64_t>, std::string()));
    } else if (type.starts_with("INT")) {
      option->transform(CLI::Validator(make_plain<std::int64_t>, std::string()));
    }
  }
  for (CLI::App* verb : app.get_subcommands([](CLI::App*) { return true; })) {
    demand_whole_numbers(*verb);
  }
}

/// The verbs that were given, as typed: `ravine check gradient`.
std::string command_of(const CLI::App& program) {
  std::string command = program.get_name();
  for (const CLI::App* app = &program; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    command += " " + app->get_name();
  }
  return command;
}

std::vector<const CLI::App*> all_verbs(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& verbs) {
  std::vector<std::string> names;
  for (const CLI::App* verb : verbs) names.push_back(verb->get_name());
  return names;
}

/// The verbs that may follow those that were given; none where arguments follow.
std::vector<std::string> verbs_after(const CLI::App& program) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return names_of(all_verbs(*app));
}

/// An option of one value that was given more; none when there is none.
const CLI::Option* repeated_option(const CLI::App& program) {
  for (const CLI::App* app = &program;;) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->count() > 1 && option->get_items_expected_max() == 1) return option;
    }
    if (app->get_subcommands().empty()) return nullptr;
    app = app->get_subcommands().front();
  }
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

bool has_empty_part(std::string_view list, char delimiter) {
  return list.find(std::string(2, delimiter)) != std::string_view::npos ||
         list.starts_with(delimiter) || list.ends_with(delimiter);
}

/// Nothing is what a script's variable holds that was never set; empty parts of a list would be
/// left out.
void demand_value(const CLI::Option& option, const std::string& value) {
  if (value.empty()) {
    throw ConfigError(error_text("usage", option.get_name(), "a value", "an empty one"));
  }
  const char delimiter = option.get_delimiter();
  if (delimiter != '\0' && has_empty_part(value, delimiter)) {
    throw ConfigError(error_text("usage", option.get_name(), "values without gaps", value));
  }
}

/// Also refuses another option in a value's place, which CLI11 would take for it.
void demand_values(const CLI::App& program, const std::vector<std::string>& arguments) {
  const auto option_named = [](const CLI::App& app, std::string_view argument) {
    const std::string name(argument.substr(0, argument.find('=')));
    return argument.starts_with("--") ? app.get_option_no_throw(name) : nullptr;
  };
  const CLI::App* app = &program;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    for (const CLI::App* verb : all_verbs(*app)) {
      if (verb->get_name() == arguments[i]) app = verb;
    }
    const CLI::Option* option = option_named(*app, arguments[i]);
    if (option == nullptr || option->get_items_expected_max() == 0) continue;
    const std::size_t equals = arguments[i].find('=');
    if (equals == std::string::npos && i + 1 == arguments.size()) continue;
    const std::string value =
        equals == std::string::npos ? arguments[i + 1] : arguments[i].substr(equals + 1);
    if (equals == std::string::npos && option_named(*app, value) != nullptr) {
      throw ConfigError(error_text("usage", arguments[i], "a value", "another option",
                                   fmt::format("{}={}", arguments[i], value)));
    }
    demand_value(*option, value);
  }
}

std::string reason_of(const CLI::ParseError& error, const CLI::App& program) {
  if (names_no_verb(program)) {
    return fmt::format("expected one of {}, got {}", fmt::join(names_of(all_verbs(program)), ", "),
                       program.remaining(false).front());
  }
  if (const std::vector<std::string> verbs = verbs_after(program);
      !verbs.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::vector<std::string> given = program.remaining(true);
    return fmt::format("expected one of {}, got {}", fmt::join(verbs, ", "),
                       given.empty() ? "none" : given.front());
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return fmt::format("expected what {} takes, got {}", command_of(program),
                       fmt::join(program.remaining(true), " "));
  }
  if (const CLI::Option* option = repeated_option(program);
      option != nullptr && dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return fmt::format("{}: expected once, got {} times: {}", option->get_name(), option->count(),
                       fmt::join(option->results(), ", "));
  }
  return one_line(error.what());
}

/// Parses anew with `more` behind the verb's name, before its own arguments, which `all` has.
void parse_with(CLI::App& program, const std::string& verb, std::vector<std::string>& all,
                const std::vector<std::string>& more) {
  all.insert(std::ranges::find(all, verb) + 1, more.begin(), more.end());
  program.clear();
  parse_arguments(program, all);
}

bool is_given(const CLI::App& verb, const std::string& option) {
  const CLI::Option* found = verb.get_option_no_throw(option);
  return found != nullptr && found->count() > 0;
}

}  // namespace

void parse_arguments(CLI::App& app, std::vector<std::string> arguments) {
  demand_whole_numbers(app);
  demand_values(app, arguments);
  std::ranges::reverse(arguments);  // as CLI11 takes them
  app.parse(std::move(arguments));
}

bool names_no_verb(const CLI::App& program) { return !program.remaining(false).empty(); }

void parse_with_config(CLI::App& program, int argc, const char* const* argv) {
  std::vector<std::string> all(argv + 1, argv + argc);
  parse_arguments(program, all);
  if (program.get_subcommands().empty()) return;
  const CLI::App& verb = *program.get_subcommands()[0];
  if (is_given(verb, "--config")) {
    const auto path = verb.get_option("--config")->as<std::string>();
    parse_with(program, verb.get_name(), all, arguments_from(read_toml(path), path, verb, true));
  }
  if (is_given(verb, "--resume")) {
    parse_with(program, verb.get_name(), all, recorded_arguments(verb));
  }
}

std::string usage_text(const CLI::ParseError& error, const CLI::App& program) {
  return fmt::format("{}; hint: {} --help", reason_of(error, program), command_of(program));
}

}  // namespace ravine::cli
