#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace ravine::testing {

/// What the program left when it ended; exit_code is 128 + signal when a signal killed it.
struct ProgramResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// The real `ravine` binary, or another program, started with arguments and, beside the test's
/// environment, variables written NAME=value.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {},
                   const std::string& path = RAVINE_PROGRAM);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// Waits, at most a minute, until `text` has appeared on its stderr; fails the test otherwise.
  void await_error_output(const std::string& text);
  void send_signal(int signal) const;
  /// Reads both streams to their end and waits for the exit.
  ProgramResult finish();

 private:
  bool read_some(int timeout_milliseconds);

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  ProgramResult result_;
};

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment = {},
                          const std::string& path = RAVINE_PROGRAM);

}  // namespace ravine::testing
