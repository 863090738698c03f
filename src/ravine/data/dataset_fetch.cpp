#include "ravine/data/dataset_fetch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ravine/base/error.hpp"
#include "ravine/data/dataset_cache.hpp"
#include "ravine/data/dataset_files.hpp"
#include "ravine/data/dataset_staging.hpp"
#include "ravine/data/dataset_verify.hpp"
#include "ravine/data/download.hpp"
#include "ravine/data/file_source.hpp"

namespace ravine {

namespace fs = std::filesystem;

namespace {

// Runs one attempt; true when it worked. What data or the network answered is noted, anything else
// (no memory, a stop asked for by the progress callback) goes through.
template <class Attempt>
bool attempt_worked(std::vector<std::string>& answers, const Attempt& attempt) {
  try {
    attempt();
    return true;
  } catch (const DataError& error) {
    answers.emplace_back(error.what());
  } catch (const IoError& error) {
    answers.emplace_back(error.what());
  }
  return false;
}

// A captive portal or an error page answers 200 with HTML; saying so beats a wrong check sum.
void require_not_html(const fs::path& downloaded, const std::string& url) {
  FileSource file(downloaded);
  std::array<std::byte, 256> start{};
  const std::size_t count = file.read(start);
  const auto blank = [](std::byte byte) {
    const int c = std::to_integer<int>(byte);
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  };
  const auto end = start.begin() + static_cast<std::ptrdiff_t>(count);
  const auto first = std::find_if_not(start.begin(), end, blank);
  if (first == end || *first != std::byte{'<'}) return;
  throw DataError(error_text("data", url, "gzip or IDX data", "an HTML page"));
}

// Gzip adds a little to content it cannot shrink.
std::uint64_t largest_download(const DatasetFile& file) {
  return file.size + file.size / 64 + 1024;
}

void fetch_file(const DatasetFile& file, const std::string& mirror, DatasetStaging& staging,
                const FetchProgress& progress) {
  const std::string url =
      fmt::format("{}{}{}.gz", mirror, mirror.ends_with('/') ? "" : "/", file.name);
  const fs::path downloaded = staging.folder() / (file.name + ".gz");
  DownloadProgress file_progress;
  if (progress) {
    file_progress = [&](std::uint64_t received, std::uint64_t total) {
      progress(file.name, received, total);
    };
  }
  download(url, downloaded, largest_download(file), file_progress);
  require_not_html(downloaded, url);
  const std::unique_ptr<ByteSource> content = open_plain_or_gzip(downloaded, url);
  staging.add(file, *content);
  std::error_code ignored;
  fs::remove(downloaded, ignored);
}

void fetch_from_mirrors(const DatasetDescription& dataset, std::vector<std::string> mirrors,
                        std::vector<std::string>& answers, const FetchProgress& progress) {
  DatasetStaging staging(cached_dataset_folder(dataset));
  for (const DatasetFile& file : dataset.files) {
    const auto serving = std::find_if(mirrors.begin(), mirrors.end(), [&](const auto& mirror) {
      return attempt_worked(answers, [&] { fetch_file(file, mirror, staging, progress); });
    });
    if (serving == mirrors.end()) {
      if (answers.empty()) answers.emplace_back("no source to ask");
      throw IoError(error_text("data", dataset.name, file.name + " from some source",
                               fmt::to_string(fmt::join(answers, "; ")),
                               fmt::format("ravine data import {} FOLDER", dataset.name)));
    }
    // A mirror that does not answer costs seconds; ask the one that did first.
    std::rotate(mirrors.begin(), serving, serving + 1);
  }
  staging.publish();
}

}  // namespace

std::vector<std::string> mirrors_of(const DatasetDescription& dataset) {
  const char* own = std::getenv("RAVINE_MIRROR");
  if (own != nullptr && *own != '\0') return {own};
  return dataset.mirrors;
}

fs::path fetch_dataset(const DatasetDescription& dataset, const std::vector<std::string>& mirrors,
                       const FetchProgress& progress) {
  std::vector<std::string> answers;
  const fs::path cached = cached_dataset_folder(dataset);
  if (has_dataset_files(cached) &&
      attempt_worked(answers, [&] { verify_dataset(dataset, cached); })) {
    return cached;
  }
  const fs::path& system = dataset.system_folder;
  if (!system.empty() && has_dataset_files(system) &&
      attempt_worked(answers, [&] { import_dataset(dataset, system); })) {
    return cached;
  }
  fetch_from_mirrors(dataset, mirrors, answers, progress);
  return cached;
}

}  // namespace ravine
