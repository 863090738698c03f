#include "ravine/cli/interrupt.hpp"

#include <csignal>

namespace ravine::cli {

namespace {

volatile std::sig_atomic_t signal_number = 0;

void remember(int signal) { signal_number = signal; }

}  // namespace

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESETHAND;  // the second one takes its usual course
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int pending_signal() { return signal_number; }

}  // namespace ravine::cli
