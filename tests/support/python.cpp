#include "support/python.hpp"

#include <cstdio>

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace ravine::testing {

namespace {

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string run_python(const std::string& script, const std::vector<std::string>& arguments) {
  std::string command = "/usr/bin/python3 -c " + shell_quoted(script);
  for (const std::string& argument : arguments) command += " " + shell_quoted(argument);
  command += " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot start " << command;
    return {};
  }
  std::string output;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, count);
  }
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << output;
  return output;
}

}  // namespace ravine::testing
