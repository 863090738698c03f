#include "ravine/cli/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace ravine::cli {

namespace {

std::atomic<int> signal_number = 0;  // read by many threads
static_assert(std::atomic<int>::is_always_lock_free);

void remember(int signal) { signal_number = signal; }

}  // namespace

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = remember;
  // The second one takes its usual course; what waits to be written is written.
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int pending_signal() { return signal_number; }

}  // namespace ravine::cli
