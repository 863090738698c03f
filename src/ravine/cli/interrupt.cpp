#include "ravine/cli/interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <unistd.h>

namespace ravine::cli {

namespace {

std::atomic<int> signal_number = 0;  // read by many threads
static_assert(std::atomic<int>::is_always_lock_free);

void remember(int signal) {
  constexpr char kText[] = "\nending in good order; once more ends at once\n";
  const int error = errno;
  signal_number = signal;
  // Whether anybody reads it does not matter.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText, std::strlen(kText));
  errno = error;
}

}  // namespace

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = remember;
  // The second one takes its usual course; what waits to be written is written.
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup = {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler == SIG_IGN) return;  // under nohup
  hangup.sa_handler = remember;
  hangup.sa_flags = SA_RESTART;  // a shell and the system both send one
  sigaction(SIGHUP, &hangup, nullptr);
}

int pending_signal() { return signal_number; }

}  // namespace ravine::cli
