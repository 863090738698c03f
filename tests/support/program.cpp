#include "support/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/wait.h>

extern char** environ;

namespace ravine::testing {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment, const std::string& path) {
  std::vector<std::string> all = {path};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);  // the first of two equal names counts
  }
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  // What the tests run under may ignore signals, as nohup does.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGPIPE}) sigaddset(&usual, signal);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int failed = posix_spawn(&pid_, path.c_str(), &actions, &attributes,
                                 pointers_to(all).data(), pointers_to(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
  if (failed != 0) throw std::runtime_error("cannot start " + path);
}

Program::~Program() {
  close(out_);
  close(err_);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Program::read_some(int timeout_milliseconds) {
  pollfd streams[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  if (poll(streams, 2, timeout_milliseconds) <= 0) return false;
  bool more = false;
  for (pollfd& stream : streams) {
    if ((stream.revents & (POLLIN | POLLHUP)) == 0) continue;
    char buffer[4096];
    const ssize_t count = read(stream.fd, buffer, sizeof(buffer));
    if (count <= 0) continue;
    (stream.fd == out_ ? result_.out : result_.err).append(buffer, static_cast<std::size_t>(count));
    more = true;
  }
  return more;
}

void Program::await_error_output(const std::string& text) {
  while (result_.err.find(text) == std::string::npos) {
    if (read_some(60'000)) continue;
    ADD_FAILURE() << "'" << text << "' never came; stderr: " << result_.err;
    return;
  }
}

void Program::send_signal(int signal) const { kill(pid_, signal); }

ProgramResult Program::finish() {
  while (read_some(-1)) {
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result_;
}

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment, const std::string& path) {
  return Program(arguments, environment, path).finish();
}

}  // namespace ravine::testing
