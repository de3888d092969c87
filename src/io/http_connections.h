// The open connections of a server, each with the moment at which it is cut off whatever it sends:
// a client that sends or reads a byte now and then (a "slow loris") holds a connection no longer
// than an honest one. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>

#include "io/thread.h"

namespace weir::io {

class HttpConnections {
 public:
  using Steady = std::chrono::steady_clock;
  // `patience` zero: nothing is cut off. `crowd`: with this many connections each new one takes the
  // place of the one that waits longest for its next request to begin or to go on.
  HttpConnections(std::chrono::milliseconds patience, std::chrono::milliseconds idle,
                  std::size_t crowd);
  ~HttpConnections();

  void opened(const void* connection, int socket);
  // Before the socket is closed: from here on it is left alone.
  void closed(const void* connection);

  void head_began(const void* connection);  // the request line is there
  // The headers are there; again with each piece of the body, and how much there is of it.
  void body_grew(const void* connection, std::uint64_t bytes);
  void handled(const void* connection);  // nobody waits for the other side
  void answering(const void* connection, std::uint64_t bytes);
  void answered(const void* connection);  // the next request may come

  std::size_t open() const;

 private:
  struct Entry {
    int socket = -1;
    bool early = true;  // no whole head yet: may be cut off when there is a crowd
    Steady::time_point since{};
    Steady::time_point body_since{};
    Steady::time_point deadline = Steady::time_point::max();
  };
  void set(const void* connection, bool early, Steady::duration from_now);
  void make_room();
  void run();

  const std::chrono::milliseconds patience_;
  const std::chrono::milliseconds idle_;
  const std::size_t crowd_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<const void*, Entry> entries_;
  Steady::time_point next_ = Steady::time_point::max();  // when the thread looks again
  bool stopping_ = false;
  Thread thread_;
};

// A body or an answer may take `patience`, and as long as its bytes take at this rate.
inline constexpr std::uint64_t kBytesASecondMin = 64u << 10;

}  // namespace weir::io
