#pragma once

#include <initializer_list>

#include <CLI/CLI.hpp>

namespace ravine::cli {

/// An option and those that would have no effect beside it; all by their long names.
struct Exclusion {
  const char* option;
  std::initializer_list<const char*> others;
};

/// Makes the parser refuse, in either order, an option with one of the others. All must have been
/// added to the app before.
void add_exclusions(CLI::App& app, std::initializer_list<Exclusion> exclusions);

}  // namespace ravine::cli
