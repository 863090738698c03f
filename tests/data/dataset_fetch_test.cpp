#include "ravine/data/dataset_fetch.hpp"

#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "ravine/base/file.hpp"
#include "ravine/data/dataset_cache.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/dataset_verify.hpp"
#include "support/http_server.hpp"
#include "support/scoped_variable.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_dataset.hpp"

namespace ravine {
namespace {

namespace fs = std::filesystem;
using testing::error_of;
using testing::gzipped;
using testing::HttpResponse;
using testing::HttpServer;
using testing::ScopedVariable;
using testing::TemporaryFolder;
using testing::tiny_dataset;
using testing::tiny_dataset_files;
using testing::write_tiny_dataset;

std::string path_on(const std::string& mirror, std::string_view name) {
  return "/" + mirror + "/" + std::string(name) + ".gz";
}

class DatasetFetch : public ::testing::Test {
 protected:
  // Serves the tiny data set, gzipped, at /MIRROR/.
  void serve_all(const std::string& mirror) {
    const auto files = tiny_dataset_files();
    for (std::size_t i = 0; i < 4; ++i) {
      server_.serve(path_on(mirror, kDatasetFiles[i]), {200, gzipped(files[i])});
    }
  }

  void serve(const std::string& mirror, std::string_view name, const HttpResponse& response) {
    server_.serve(path_on(mirror, name), response);
  }

  std::vector<std::string> mirrors(const std::vector<std::string>& names) const {
    std::vector<std::string> urls;
    for (const std::string& name : names) urls.push_back(server_.url("/" + name + "/"));
    return urls;
  }

  void expect_fetched(const std::vector<std::string>& names) {
    EXPECT_EQ(fetch_dataset(tiny_dataset(), mirrors(names)), cache_ / "tiny");
    EXPECT_NO_THROW(verify_dataset(tiny_dataset(), cache_ / "tiny"));
    const auto count = std::distance(fs::directory_iterator(cache_ / "tiny"), {});
    EXPECT_EQ(count, 4);
    EXPECT_EQ(std::distance(fs::directory_iterator(cache_.path()), {}), 1);
  }

  // The error of a fetch that fails; nothing may be left of it.
  std::string fetch_error(const std::vector<std::string>& names) {
    const std::string message =
        error_of<IoError>([&] { fetch_dataset(tiny_dataset(), mirrors(names)); });
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_TRUE(fs::is_empty(cache_.path()));
    return message;
  }

  ScopedVariable no_proxy_{"no_proxy", "127.0.0.1"};
  TemporaryFolder cache_;
  ScopedVariable variable_{"RAVINE_DATA", cache_.path().string()};
  HttpServer server_;
};

TEST_F(DatasetFetch, StoresAllFourFilesPlain) {
  serve_all("good");
  expect_fetched({"good"});
  EXPECT_EQ(read_file(cache_ / "tiny" / kTestLabels), tiny_dataset_files()[3]);
}

TEST_F(DatasetFetch, TakesAnyGzipOfTheContentAndNoneAtAll) {
  serve_all("good");
  const std::string images = tiny_dataset_files()[0];
  const std::string members = gzipped(images.substr(0, 9)) + gzipped(images.substr(9));
  serve("good", kTrainImages, {200, members});
  serve("good", kTrainLabels, {200, tiny_dataset_files()[1]});
  expect_fetched({"good"});
}

TEST_F(DatasetFetch, AsksNoServerWhenTheCacheIsRight) {
  serve_all("good");
  expect_fetched({"good"});
  const std::size_t before = server_.requests().size();
  expect_fetched({"good"});
  EXPECT_EQ(server_.requests().size(), before);
}

TEST_F(DatasetFetch, ReplacesADamagedCache) {
  serve_all("good");
  fs::create_directory(cache_ / "tiny");
  write_tiny_dataset(cache_ / "tiny");
  write_file_atomically(cache_ / "tiny" / kTestImages, "damaged");
  expect_fetched({"good"});
}

TEST_F(DatasetFetch, PrefersTheSystemCopyToTheNetwork) {
  const TemporaryFolder system;
  write_tiny_dataset(system.path(), true);
  DatasetDescription dataset = tiny_dataset();
  dataset.system_folder = system.path();
  EXPECT_EQ(fetch_dataset(dataset, mirrors({"none"})), cache_ / "tiny");
  EXPECT_NO_THROW(verify_dataset(dataset, cache_ / "tiny"));
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(DatasetFetch, GoesOnWhenTheSystemCopyIsWrong) {
  serve_all("good");
  const TemporaryFolder system;
  write_tiny_dataset(system.path(), true);
  system.file(std::string(kTestImages) + ".gz", gzipped("another content"));
  DatasetDescription dataset = tiny_dataset();
  dataset.system_folder = system.path();
  fetch_dataset(dataset, mirrors({"good"}));
  EXPECT_NO_THROW(verify_dataset(dataset, cache_ / "tiny"));
}

TEST_F(DatasetFetch, RefusesAWrongChecksum) {
  serve_all("bad");
  std::string labels = tiny_dataset_files()[3];
  labels.back() ^= 1;
  serve("bad", kTestLabels, {200, gzipped(labels)});
  const std::string message = fetch_error({"bad"});
  EXPECT_NE(message.find(server_.url(path_on("bad", kTestLabels))), std::string::npos) << message;
  EXPECT_NE(message.find("SHA-256 " + tiny_dataset().files[3].sha256), std::string::npos);
  EXPECT_NE(message.find("hint: ravine data import tiny FOLDER"), std::string::npos);
}

TEST_F(DatasetFetch, RecognisesAnHtmlPage) {
  serve_all("portal");
  serve("portal", kTrainLabels, {200, " \r\n<!DOCTYPE html><html>Please sign in</html>"});
  const std::string message = fetch_error({"portal"});
  EXPECT_NE(message.find("expected gzip or IDX data, got an HTML page"), std::string::npos)
      << message;
}

TEST_F(DatasetFetch, RefusesAnEmptyAnswer) {
  serve_all("empty");
  serve("empty", kTrainImages, {200, ""});
  EXPECT_NE(fetch_error({"empty"}).find("got 0"), std::string::npos);
}

TEST_F(DatasetFetch, RefusesABomb) {
  serve_all("bomb");
  serve("bomb", kTrainImages, {200, gzipped(std::string(1'000'000, '\0'))});
  const std::string message = fetch_error({"bomb"});
  EXPECT_NE(message.find("of 28 bytes, got more"), std::string::npos) << message;
}

TEST_F(DatasetFetch, TheSecondMirrorRescuesTheFirst) {
  const std::string images = gzipped(tiny_dataset_files()[0]);
  const HttpResponse answers[] = {
      {404, "none"},
      {200, "<html>"},
      {200, gzipped("another content")},
      {200, images.substr(0, images.size() - 4)},
      {200, images, {}, 1000},
      {302, "", {"Location: /nowhere"}},
  };
  serve_all("second");
  for (const HttpResponse& answer : answers) {
    serve_all("first");
    serve("first", kTestImages, answer);
    expect_fetched({"first", "second"});
    fs::remove_all(cache_ / "tiny");
  }
}

TEST_F(DatasetFetch, AsksTheMirrorThatAnsweredFirstNextTime) {
  serve_all("second");
  expect_fetched({"first", "second"});
  const std::vector<std::string> requests = server_.requests();
  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(requests[0], path_on("first", kTrainImages));
  EXPECT_EQ(requests[2], path_on("second", kTrainLabels));
}

TEST_F(DatasetFetch, TellsWhatEachMirrorAnswered) {
  serve("portal", kTrainImages, {200, "<html>"});
  const std::string message = fetch_error({"gone", "portal"});
  EXPECT_NE(
      message.find(server_.url(path_on("gone", kTrainImages)) + ": expected HTTP 200, got 404"),
      std::string::npos)
      << message;
  EXPECT_NE(message.find(server_.url(path_on("portal", kTrainImages))), std::string::npos);
}

TEST_F(DatasetFetch, FailsInOneLineWithoutMirrors) {
  EXPECT_NE(fetch_error({}).find("got no source to ask"), std::string::npos);
}

TEST_F(DatasetFetch, StopsWhenProgressThrows) {
  serve_all("good");
  const auto stop = [](std::string_view, std::uint64_t, std::uint64_t) {
    throw std::logic_error("stop");
  };
  EXPECT_THROW(fetch_dataset(tiny_dataset(), mirrors({"good", "other"}), stop), std::logic_error);
  EXPECT_TRUE(fs::is_empty(cache_.path()));
  EXPECT_LE(server_.requests().size(), 1u);
}

TEST_F(DatasetFetch, ReportsEachFile) {
  serve_all("good");
  std::vector<std::string> files;
  fetch_dataset(tiny_dataset(), mirrors({"good"}),
                [&](std::string_view file, std::uint64_t, std::uint64_t) {
                  if (files.empty() || files.back() != file) files.emplace_back(file);
                });
  EXPECT_EQ(files, std::vector<std::string>(kDatasetFiles.begin(), kDatasetFiles.end()));
}

TEST(Mirrors, AreReplacedByTheEnvironment) {
  const DatasetDescription& mnist = known_dataset("mnist");
  {
    const ScopedVariable none("RAVINE_MIRROR", "");
    EXPECT_EQ(mirrors_of(mnist), mnist.mirrors);
  }
  const ScopedVariable own("RAVINE_MIRROR", "http://127.0.0.1:1/mnist");
  EXPECT_EQ(mirrors_of(mnist), std::vector<std::string>{"http://127.0.0.1:1/mnist"});
}

}  // namespace
}  // namespace ravine
