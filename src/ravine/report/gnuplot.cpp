#include "ravine/report/gnuplot.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <span>
#include <spawn.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ravine/base/error.hpp"
#include "ravine/base/thread_team.hpp"

namespace ravine {

namespace {

constexpr int kAtATime = 2;
constexpr std::size_t kScriptsOfProcess = 8;  // starting gnuplot takes as long as a figure or two

[[noreturn]] void fail(std::string_view expected, std::string_view got,
                       std::string_view hint = {}) {
  throw IoError(error_text("gnuplot", "drawing", expected, got, hint));
}

// A file in memory. Script, figure and complaints go through such files rather than pipes: a pipe
// that fills while the other side waits would hang both.
class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("ravine-gnuplot", MFD_CLOEXEC)) {
    if (fd_ < 0) fail("a file in memory", std::strerror(errno));
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  int fd() const { return fd_; }

  void fill(std::string_view content) {
    while (!content.empty()) {
      const ssize_t written = ::write(fd_, content.data(), content.size());
      if (written < 0) fail("room for the script", std::strerror(errno));
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(fd_, 0, SEEK_SET);
  }

  std::string content() const {
    const off_t size = ::lseek(fd_, 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::max<off_t>(size, 0)), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t got =
          ::pread(fd_, text.data() + done, text.size() - done, static_cast<off_t>(done));
      if (got <= 0) fail("what gnuplot wrote", std::strerror(errno));
      done += static_cast<std::size_t>(got);
    }
    return text;
  }

 private:
  int fd_;
};

// The standard streams a child process starts with.
class Redirections {
 public:
  Redirections(int input, int output, int errors) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
  }
  Redirections(const Redirections&) = delete;
  Redirections& operator=(const Redirections&) = delete;
  ~Redirections() { ::posix_spawn_file_actions_destroy(&actions_); }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// A process group of its own: what the terminal interrupts is the run, which ends in good order.
class OwnGroup {
 public:
  OwnGroup() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
  }
  OwnGroup(const OwnGroup&) = delete;
  OwnGroup& operator=(const OwnGroup&) = delete;
  ~OwnGroup() { ::posix_spawnattr_destroy(&attributes_); }

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail("gnuplot to end", std::strerror(errno));
  }
  return status;
}

// gnuplot frames its message with the source line, a caret and blank lines; the last line says it.
std::string last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \r\n");
  if (end == std::string_view::npos) return "no message";
  text = text.substr(0, end + 1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

// Runs gnuplot with the given arguments and returns its standard output.
std::string run(std::initializer_list<const char*> arguments, std::string_view input) {
  MemoryFile script;
  MemoryFile output;
  MemoryFile errors;
  script.fill(input);
  const Redirections streams(script.fd(), output.fd(), errors.fd());
  std::vector<char*> argv{const_cast<char*>("gnuplot")};
  for (const char* argument : arguments) argv.push_back(const_cast<char*>(argument));
  argv.push_back(nullptr);
  pid_t child = 0;
  const OwnGroup group;
  const int refused =
      ::posix_spawnp(&child, "gnuplot", streams.get(), group.get(), argv.data(), environ);
  if (refused != 0) {
    fail("the program gnuplot", std::strerror(refused), "apt-get install gnuplot-nox");
  }
  const int status = wait_for(child);
  if (WIFSIGNALED(status)) {
    fail("a figure", fmt::format("a gnuplot ended by signal {}", WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) fail("a figure", last_line(errors.content()));
  return output.content();
}

}  // namespace

void require_gnuplot() { run({"--version"}, ""); }

namespace report {

namespace {

// Leaves out groups that hold nothing. How many a figure begins with depends on what gnuplot drew
// before it.
std::string without_empty_groups(std::string_view svg) {
  constexpr std::string_view kOpen = "<g ", kClose = "</g>\n";
  std::string kept;
  while (!svg.empty()) {
    const std::size_t end = svg.find('\n');
    const std::size_t size = end == std::string_view::npos ? svg.size() : end + 1;
    const bool is_empty_group = svg.starts_with(kOpen) && svg.substr(size).starts_with(kClose);
    if (!is_empty_group) kept += svg.substr(0, size);
    svg.remove_prefix(size + (is_empty_group ? kClose.size() : 0));
  }
  return kept;
}

// The SVGs of some scripts, each of which begins with all settings at their defaults.
std::vector<std::string> draw_in_one_process(std::span<const std::string> scripts) {
  std::string input;
  for (const std::string& script : scripts) input += script + "\nreset\n";
  // As a file name, /dev/stdin makes gnuplot stop at the first error; plain input would go on.
  const std::string output = run({"-d", "/dev/stdin"}, input);
  constexpr std::string_view kBegin = "<?xml", kEnd = "</svg>\n";
  std::vector<std::string> svgs;
  for (std::size_t begin = 0; begin < output.size();) {
    const std::size_t end = output.find(kEnd, begin);
    if (end == std::string::npos || output.compare(begin, kBegin.size(), kBegin) != 0) break;
    svgs.push_back(
        without_empty_groups(std::string_view(output).substr(begin, end + kEnd.size() - begin)));
    begin = std::min(output.find_first_not_of('\n', end + kEnd.size()), output.size());
  }
  if (svgs.size() != scripts.size()) {
    fail("an SVG of every script", fmt::format("{} of {}", svgs.size(), scripts.size()));
  }
  return svgs;
}

}  // namespace

std::string draw_svg(const std::string& script) { return draw_svgs({script}).front(); }

std::vector<std::string> draw_svgs(const std::vector<std::string>& scripts) {
  const std::size_t share = std::min(kScriptsOfProcess, (scripts.size() + kAtATime - 1) / kAtATime);
  std::vector<std::string> svgs(scripts.size());
  std::atomic<std::size_t> taken = 0;
  ThreadTeam team(std::max(1, std::min(kAtATime, static_cast<int>(scripts.size()))));
  team.run([&](int) {
    for (std::size_t i; (i = taken.fetch_add(share)) < scripts.size();) {
      const auto mine = std::span(scripts).subspan(i, std::min(share, scripts.size() - i));
      std::ranges::move(draw_in_one_process(mine), svgs.begin() + static_cast<std::ptrdiff_t>(i));
    }
  });
  return svgs;
}

}  // namespace report
}  // namespace ravine
