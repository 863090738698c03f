#include "ravine/cli/recorded_arguments.hpp"

#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/record/run_folder.hpp"
#include "ravine/record/run_neighbours.hpp"
#include "ravine/report/configuration.hpp"
#include "ravine/study/run_checkpoint.hpp"

namespace ravine::cli {

std::vector<std::string> recorded_arguments(const CLI::App& verb) {
  const auto place = verb.get_option("--out")->as<std::string>();
  const std::filesystem::path source = newest_checkpoint(resolved_run_place(place));
  const Json plan = read_checkpoint_plan(source);
  if (const auto kind = plan["kind"].get<std::string>(); kind != verb.get_name()) {
    throw ConfigError(error_text("checkpoint", source.string(),
                                 fmt::format("one of `ravine {}`", verb.get_name()),
                                 fmt::format("one of `ravine {}`", kind)));
  }
  Json options = plan["configuration"];
  options["checkpoint-every"] = plan["checkpoint-every"];
  std::vector<std::string> arguments;
  for (const auto& [name, text] : report::options_of(options)) {
    const CLI::Option* option = verb.get_option_no_throw("--" + name);
    if (option == nullptr) {
      throw DataError(error_text("checkpoint", source.string(),
                                 fmt::format("options of `ravine {}`", verb.get_name()),
                                 "--" + name));
    }
    if (option->count() > 0) continue;
    arguments.push_back("--" + name + (text.empty() ? "" : "=" + text));
  }
  return arguments;
}

}  // namespace ravine::cli
