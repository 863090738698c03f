#include "support/interrupted_runs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace ravine::testing {

ProgramResult signal_after_steps(std::vector<std::string> train, int steps, int signal,
                                 const std::string& folder) {
  const std::string fifo = folder + "/steps.fifo";
  EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  train.insert(train.end(), {"--stream", fifo});
  Program program(train);
  const int stream = ::open(fifo.c_str(), O_RDONLY | O_CLOEXEC);
  ::fcntl(stream, F_SETPIPE_SZ, 4096);
  char byte = 0;
  for (int seen = 0; seen < steps && ::read(stream, &byte, 1) == 1;) seen += byte == '\n';
  program.send_signal(signal);
  while (signal != SIGKILL && ::read(stream, &byte, 1) == 1) {
  }
  ProgramResult result = program.finish();
  ::close(stream);
  ::unlink(fifo.c_str());
  return result;
}

}  // namespace ravine::testing
