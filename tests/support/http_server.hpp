#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ravine::testing {

/// What the server sends for one path.
struct HttpResponse {
  int status = 200;
  std::string body = {};
  std::vector<std::string> headers = {};  ///< e.g. `Location: /elsewhere`
  /// Announced instead of the body's size; larger than that, the connection looks cut.
  std::optional<std::size_t> announced_size = {};
  /// Leaves Content-Length away, so that the size shows only at the end.
  bool hides_size = false;
};

/// A local HTTP server, on 127.0.0.1 and a port of the system's choice, from construction to
/// destruction. It answers one request a connection, and 404 for paths it does not know.
class HttpServer {
 public:
  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// `path` begins with '/'. May be called while the server runs.
  void serve(const std::string& path, HttpResponse response);

  /// The address of a path, e.g. `http://127.0.0.1:40123/file`.
  std::string url(std::string_view path) const;

  /// The paths asked for so far, in order.
  std::vector<std::string> requests() const;

 private:
  void accept_connections();
  void answer(int connection);
  HttpResponse respond_to(const std::string& path);

  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, HttpResponse> responses_;
  std::vector<std::string> requests_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

}  // namespace ravine::testing
