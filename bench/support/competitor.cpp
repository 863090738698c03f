#include "support/competitor.hpp"

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "ravine/base/error.hpp"

namespace ravine::bench {

namespace {

void print_line(const Json& value) {
  std::cout << value.dump() << std::endl;
  if (!std::cout) {
    throw IoError(error_text("competitor", "standard output", "a reader", "none"));
  }
}

}  // namespace

void serve(const Json& greeting, const std::function<Json()>& measure) {
  print_line(greeting);
  for (std::string request; std::getline(std::cin, request);) print_line(measure());
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& work) {
  CLI11_PARSE(app, argc, argv);
  try {
    work();
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), failure.what());
    return 1;
  }
}

}  // namespace ravine::bench
