#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "ravine/record/manifest.hpp"

namespace ravine::bench {

/// The part of a competitor in a benchmark: prints `greeting` as one line of JSON on standard
/// output, then for every line on standard input measures once and prints what it measured as one
/// line of JSON, until the input ends. The driver (bench/run.py) thereby runs competitors in turn,
/// each ready and warm. Throws IoError when the driver does not listen.
void serve(const Json& greeting, const std::function<Json()>& measure);

/// Runs a program's work after its options were parsed into the variables that `app` is bound to.
/// Returns the exit code: 0, 1 with one line on standard error when the work threw, or what CLI11
/// says of wrong arguments.
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& work);

}  // namespace ravine::bench
