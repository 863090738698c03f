#include <algorithm>

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

void parse_with_config(CLI::App& program, int argc, const char* const* argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  parse_arguments(program, given);
  const std::vector<CLI::App*> verbs = program.get_subcommands();
  if (verbs.empty()) return;
  const CLI::Option* config = verbs[0]->get_option_no_throw("--config");
  if (config == nullptr || config->count() == 0) return;

  const std::string path = config->as<std::string>();
  const std::vector<std::string> from_file = arguments_from(read_toml(path), path, *verbs[0], true);
  std::vector<std::string> all = given;
  const auto verb_place = std::ranges::find(all, verbs[0]->get_name());
  all.insert(verb_place + 1, from_file.begin(), from_file.end());
  program.clear();
  parse_arguments(program, all);
}

}  // namespace ravine::cli
