#include <algorithm>

#include "ravine/cli/recorded_arguments.hpp"
#include "ravine/cli/toml_arguments.hpp"
#include "ravine/cli/verbs.hpp"

namespace ravine::cli {

namespace {

// CLI11 takes the arguments of parse(vector) in reverse order.
void parse_arguments(CLI::App& program, std::vector<std::string> arguments) {
  std::ranges::reverse(arguments);
  program.parse(std::move(arguments));
}

}  // namespace

namespace {

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

}  // namespace ravine::cli
