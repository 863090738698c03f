#include "ravine/data/download.hpp"

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>

#include <curl/curl.h>
#include <fmt/format.h>

#include "ravine/base/error.hpp"
#include "ravine/data/part_file.hpp"

namespace ravine {

namespace {

constexpr long kConnectSeconds = 15;
constexpr long kSlowestBytesPerSecond = 100;
constexpr long kSlowestSeconds = 30;
constexpr long kMostRedirects = 5;

// curl_global_init must run once before any other use of libcurl.
void initialise_curl() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK) {
    throw IoError(
        error_text("download", "libcurl", "a working library", curl_easy_strerror(result)));
  }
}

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Curl = std::unique_ptr<CURL, CurlDeleter>;

// What the callbacks share with download(). Exceptions must not pass through libcurl, so they wait
// here until it has returned.
struct Transfer {
  PartFile file;
  std::uint64_t max_bytes;
  const DownloadProgress& progress;
  std::uint64_t received = 0;
  bool too_large = false;
  std::exception_ptr failure = nullptr;
};

std::size_t receive(const char* data, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  transfer.received += size;
  transfer.too_large = transfer.received > transfer.max_bytes;
  if (transfer.too_large) return CURL_WRITEFUNC_ERROR;
  try {
    transfer.file.write(std::as_bytes(std::span(data, size)));
  } catch (...) {
    transfer.failure = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

int report_progress(void* user, curl_off_t total, curl_off_t received, curl_off_t, curl_off_t) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  try {
    transfer.progress(static_cast<std::uint64_t>(received), static_cast<std::uint64_t>(total));
  } catch (...) {
    transfer.failure = std::current_exception();
    return 1;
  }
  return 0;
}

using ErrorBuffer = std::array<char, CURL_ERROR_SIZE>;

void restrict_protocols(CURL* curl, const std::string& url) {
  const bool encrypted = url.starts_with("https:");
  const char* redirects = encrypted ? "https" : "http,https";
  if (curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
      curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, redirects) != CURLE_OK) {
    throw IoError(error_text("download", url, "a libcurl with http and https", "one without"));
  }
}

void configure(CURL* curl, const std::string& url, Transfer& transfer, ErrorBuffer& message) {
  restrict_protocols(curl, url);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMostRedirects);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kSlowestBytesPerSecond);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kSlowestSeconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // timeouts must not raise SIGALRM in a library
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "ravine");
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message.data());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  if (transfer.progress) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, report_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  }
}

long response_status(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

}  // namespace

void download(const std::string& url, const std::filesystem::path& target, std::uint64_t max_bytes,
              const DownloadProgress& progress) {
  initialise_curl();
  const Curl curl(curl_easy_init());
  if (!curl) throw std::bad_alloc();
  Transfer transfer{PartFile(target), max_bytes, progress};
  ErrorBuffer message{};
  configure(curl.get(), url, transfer, message);

  const CURLcode result = curl_easy_perform(curl.get());
  const long status = response_status(curl.get());
  if (transfer.failure) std::rethrow_exception(transfer.failure);
  if (transfer.too_large) {
    throw IoError(error_text("download", url, fmt::format("at most {} bytes", max_bytes), "more"));
  }
  if (result == CURLE_HTTP_RETURNED_ERROR || (result == CURLE_OK && status != 200)) {
    throw IoError(error_text("download", url, "HTTP 200", fmt::format("{}", status)));
  }
  if (result != CURLE_OK) {
    const std::string reason = message[0] != '\0' ? message.data() : curl_easy_strerror(result);
    throw IoError(error_text("download", url, "a complete download", reason));
  }
  transfer.file.commit();
}

}  // namespace ravine
