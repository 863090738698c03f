#include "support/http_server.hpp"

#include <stdexcept>
#include <unistd.h>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ravine::testing {

namespace {

std::string read_request(int connection) {
  std::string request;
  char buffer[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(connection, buffer, sizeof(buffer), 0);
    if (count <= 0) break;
    request.append(buffer, static_cast<std::size_t>(count));
  }
  return request;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // the client has gone, as some tests want it to
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string head_of(const HttpResponse& response) {
  std::string head = fmt::format("HTTP/1.1 {} Status\r\nConnection: close\r\n", response.status);
  for (const std::string& header : response.headers) head += header + "\r\n";
  if (!response.hides_size) {
    head += fmt::format("Content-Length: {}\r\n",
                        response.announced_size.value_or(response.body.size()));
  }
  return head + "\r\n";
}

}  // namespace

HttpServer::HttpServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no local server possible");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept_connections(); });
}

HttpServer::~HttpServer() {
  closing_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept()
  thread_.join();
  ::close(listener_);
}

void HttpServer::serve(const std::string& path, HttpResponse response) {
  const std::scoped_lock lock(mutex_);
  responses_[path] = std::move(response);
}

std::string HttpServer::url(std::string_view path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

std::vector<std::string> HttpServer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void HttpServer::accept_connections() {
  while (!closing_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  const std::string request = read_request(connection);
  const std::size_t begin = request.find(' ') + 1;
  const std::string path = request.substr(begin, request.find(' ', begin) - begin);
  const HttpResponse response = respond_to(path);
  send_all(connection, head_of(response));
  send_all(connection, response.body);
}

HttpResponse HttpServer::respond_to(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  requests_.push_back(path);
  const auto found = responses_.find(path);
  return found == responses_.end() ? HttpResponse{404, "no such file", {}, {}, false}
                                   : found->second;
}

}  // namespace ravine::testing
