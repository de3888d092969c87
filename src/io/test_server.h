// For the tests of this folder: a server that does to each connection whatever the test says.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/thread.h"

namespace weir::io {

// One end of a connection, in the hands of a test.
class TestPeer {
 public:
  explicit TestPeer(int descriptor) : descriptor_(descriptor) {}
  ~TestPeer() { ::close(descriptor_); }
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  int descriptor() const { return descriptor_; }
  // False once the other side is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // One request with its body; empty when the other side is gone.
  std::string request() {
    for (;;) {
      const std::size_t end = buffer_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::size_t length = 0;
        if (const std::size_t at = buffer_.find("Content-Length: "); at < end)
          length = std::stoul(buffer_.substr(at + 16));
        if (buffer_.size() >= end + 4 + length) {
          std::string found = buffer_.substr(0, end + 4 + length);
          buffer_.erase(0, found.size());
          return found;
        }
      }
      char piece[4096];
      const ssize_t n = ::recv(descriptor_, piece, sizeof piece, 0);
      if (n <= 0) return {};
      buffer_.append(piece, static_cast<std::size_t>(n));
    }
  }
  // Everything up to the end of the connection.
  std::string rest() {
    char piece[4096];
    for (ssize_t n = 0; (n = ::recv(descriptor_, piece, sizeof piece, 0)) > 0;)
      buffer_.append(piece, static_cast<std::size_t>(n));
    return std::move(buffer_);
  }
  void wait_until_gone() { (void)rest(); }
  // The connection ends with a reset instead of an orderly close.
  void reset_at_close() {
    const linger hard{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  void stop_sending() { ::shutdown(descriptor_, SHUT_WR); }

 private:
  int descriptor_;
  std::string buffer_;
};

class TestServer {
 public:
  using Script = std::function<void(TestPeer& peer)>;

  explicit TestServer(Script script)
      : script_(std::move(script)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listening_, 64), 0);
    socklen_t length = sizeof address;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    accepting_ = Thread("test-server", [this] { accept_all(); });
  }
  // Waits for the scripts to end: clients must be gone by then.
  ~TestServer() {
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    for (Thread& thread : threads_) thread.join();
    ::close(listening_);
  }

  int port() const { return port_; }
  std::string url(std::string_view path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    for (;;) {
      const int descriptor = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) return;
      ++connections_;
      threads_.emplace_back("test-peer", [this, descriptor] {
        TestPeer peer(descriptor);
        script_(peer);
      });
    }
  }

  Script script_;
  int listening_;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::list<Thread> threads_;
  Thread accepting_;
};

inline int connect_to(int port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return descriptor;
}

}  // namespace weir::io
