#include "ravine/data/download.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "support/http_server.hpp"
#include "support/scoped_variable.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::HttpServer;
using testing::ScopedVariable;
using testing::TemporaryFolder;

class Download : public ::testing::Test {
 protected:
  // The error of a download; nothing may be left of the attempt.
  std::string error(const std::string& url, std::uint64_t max_bytes = 1'000'000) {
    const std::string message = error_of<IoError>([&] { download(url, target_, max_bytes); });
    EXPECT_TRUE(message.starts_with("[download] " + url + ": expected")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_TRUE(fs::is_empty(folder_.path()));
    return message;
  }

  ScopedVariable no_proxy_{"no_proxy", "127.0.0.1"};
  TemporaryFolder folder_;
  HttpServer server_;
  fs::path target_ = folder_ / "target";
};

TEST_F(Download, StoresTheFile) {
  const std::string content(300'000, 'x');
  server_.serve("/file", {200, content});
  download(server_.url("/file"), target_, content.size());
  EXPECT_EQ(read_file(target_), content);
  EXPECT_FALSE(fs::exists(folder_ / "target.part"));
}

TEST_F(Download, ReportsProgressUpToTheWhole) {
  server_.serve("/file", {200, std::string(100'000, 'x')});
  std::uint64_t last = 0;
  std::uint64_t announced = 0;
  download(server_.url("/file"), target_, 100'000,
           [&](std::uint64_t received, std::uint64_t total) {
             EXPECT_GE(received, last);
             last = received;
             announced = total;
           });
  EXPECT_EQ(last, 100'000u);
  EXPECT_EQ(announced, 100'000u);
}

TEST_F(Download, TellsTheStatusOfAMissingFile) {
  EXPECT_EQ(error(server_.url("/none")),
            "[download] " + server_.url("/none") + ": expected HTTP 200, got 404");
  server_.serve("/broken", {503, "try later"});
  EXPECT_NE(error(server_.url("/broken")).find("got 503"), std::string::npos);
  server_.serve("/empty", {204, ""});
  EXPECT_NE(error(server_.url("/empty")).find("got 204"), std::string::npos);
}

TEST_F(Download, NoticesACutConnection) {
  server_.serve("/cut", {200, std::string(1000, 'x'), {}, 5000});
  EXPECT_NE(error(server_.url("/cut")).find("expected a complete download"), std::string::npos);
}

TEST_F(Download, NoticesAServerThatIsNotThere) {
  std::string url;
  {
    const HttpServer gone;
    url = gone.url("/file");
  }
  error(url);
}

TEST_F(Download, RefusesMoreThanItsBound) {
  const std::string content(5000, 'x');
  server_.serve("/announced", {200, content});
  server_.serve("/silent", {200, content, {}, {}, true});
  for (const std::string path : {"/announced", "/silent"}) {
    EXPECT_NE(error(server_.url(path), 4999).find("expected at most 4999 bytes, got more"),
              std::string::npos);
  }
  download(server_.url("/silent"), target_, 5000);
  EXPECT_EQ(read_file(target_), content);
}

TEST_F(Download, FollowsRedirects) {
  server_.serve("/old", {302, "", {"Location: /new"}});
  server_.serve("/new", {200, "content"});
  download(server_.url("/old"), target_, 100);
  EXPECT_EQ(read_file(target_), "content");
  EXPECT_EQ(server_.requests(), (std::vector<std::string>{"/old", "/new"}));
}

TEST_F(Download, StopsAtARedirectLoop) {
  server_.serve("/loop", {302, "", {"Location: /loop"}});
  error(server_.url("/loop"));
  EXPECT_LE(server_.requests().size(), 10u);
}

TEST_F(Download, RefusesOtherProtocols) {
  const fs::path secret = fs::path(RAVINE_SOURCE_DIR) / "LICENSE";
  error("file://" + secret.string());
  server_.serve("/local", {302, "", {"Location: file://" + secret.string()}});
  error(server_.url("/local"));
}

TEST_F(Download, PassesOnWhatProgressThrows) {
  server_.serve("/file", {200, std::string(100'000, 'x')});
  const auto stop = [](std::uint64_t, std::uint64_t) { throw std::logic_error("stop"); };
  EXPECT_THROW(download(server_.url("/file"), target_, 100'000, stop), std::logic_error);
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(Download, SaysWhenTheFileCannotBeWritten) {
  server_.serve("/file", {200, "content"});
  const std::string message =
      error_of<IoError>([&] { download(server_.url("/file"), folder_ / "none" / "target", 100); });
  EXPECT_NE(message.find("expected a writable place"), std::string::npos) << message;
}

TEST_F(Download, KeepsAnOlderFileWhenItFails) {
  folder_.file("target", "old");
  EXPECT_THROW(download(server_.url("/none"), target_, 100), IoError);
  EXPECT_EQ(read_file(target_), "old");
}

TEST_F(Download, RunsInSeveralThreads) {
  server_.serve("/file", {200, "content"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back(
        [&, i] { download(server_.url("/file"), folder_ / std::to_string(i), 100); });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(read_file(folder_ / std::to_string(i)), "content");
}

}  // namespace
}  // namespace ravine
