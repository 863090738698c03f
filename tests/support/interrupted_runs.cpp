#include "support/interrupted_runs.hpp"

#include <chrono>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ravine/base/file.hpp"
#include "ravine/record/manifest.hpp"

namespace ravine::testing {

namespace fs = std::filesystem;

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

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

ProgramResult signal_when(const std::vector<std::string>& arguments,
                          const std::function<bool()>& ready, int signal) {
  using std::chrono::steady_clock;
  Program program(arguments);
  const auto latest = steady_clock::now() + std::chrono::minutes(1);
  while (!ready() && steady_clock::now() < latest) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(ready());
  program.send_signal(signal);
  return program.finish();
}

fs::path leftover_of(const fs::path& place) {
  const std::string start = "." + place.filename().string() + ".partial-";
  for (const auto& entry : fs::directory_iterator(place.parent_path())) {
    if (entry.path().filename().string().starts_with(start)) return entry.path();
  }
  return {};
}

void expect_same_runs(const fs::path& whole, const fs::path& resumed) {
  std::vector<std::string> names, other_names;
  for (const auto& entry : fs::recursive_directory_iterator(resumed)) {
    other_names.push_back(entry.path().lexically_relative(resumed).string());
  }
  for (const auto& entry : fs::recursive_directory_iterator(whole)) {
    const std::string name = entry.path().lexically_relative(whole).string();
    names.push_back(name);
    const bool differs = name == "report.html" || name == "manifest.json";
    if (!entry.is_regular_file() || differs) continue;
    EXPECT_EQ(read_file(entry.path()), read_file(resumed / name)) << name;
  }
  EXPECT_THAT(other_names, ::testing::UnorderedElementsAreArray(names));
  Json expected = read_manifest(whole), got = read_manifest(resumed);
  EXPECT_FALSE(expected.contains("resumed_after"));
  EXPECT_TRUE(got.contains("resumed_after"));
  for (Json* manifest : {&expected, &got}) {
    for (const char* key : {"name", "timing", "host", "resumed_after"}) manifest->erase(key);
  }
  EXPECT_EQ(expected.dump(2), got.dump(2));
}

}  // namespace ravine::testing
