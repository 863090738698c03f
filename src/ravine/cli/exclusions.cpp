#include "ravine/cli/exclusions.hpp"

namespace ravine::cli {

void add_exclusions(CLI::App& app, std::initializer_list<Exclusion> exclusions) {
  for (const Exclusion& exclusion : exclusions) {
    CLI::Option* option = app.get_option(exclusion.option);
    for (const char* other : exclusion.others) option->excludes(app.get_option(other));
  }
}

}  // namespace ravine::cli
