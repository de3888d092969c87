#include "io/http_connections.h"

#include <sys/socket.h>

#include <algorithm>

namespace weir::io {
namespace {

// The server sees the end of the connection and closes it; the descriptor stays its own until then.
void cut_off(int socket) {
  ::shutdown(socket, SHUT_RDWR);
}

std::chrono::milliseconds time_of(std::uint64_t bytes) {
  return std::chrono::milliseconds(bytes * 1000 / kBytesASecondMin);
}

}  // namespace

HttpConnections::HttpConnections(std::chrono::milliseconds patience, std::chrono::milliseconds idle,
                                 std::size_t crowd)
    : patience_(patience), idle_(idle), crowd_(crowd) {
  if (patience_.count() > 0) thread_ = Thread("weir-http-limit", [this] { run(); });
}

HttpConnections::~HttpConnections() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void HttpConnections::opened(const void* connection, int socket) {
  {
    const std::lock_guard lock(mutex_);
    if (patience_.count() > 0 && entries_.size() >= crowd_) make_room();
    entries_[connection] = {.socket = socket, .since = Steady::now()};
  }
  set(connection, true, patience_);
}

void HttpConnections::closed(const void* connection) {
  const std::lock_guard lock(mutex_);
  entries_.erase(connection);
}

void HttpConnections::head_began(const void* connection) {
  set(connection, true, patience_);
}

void HttpConnections::body_grew(const void* connection, std::uint64_t bytes) {
  const auto now = Steady::now();
  Steady::duration left{};
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(connection);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    if (entry.early || bytes == 0) entry.body_since = now;
    left = entry.body_since + patience_ + time_of(bytes) - now;
  }
  set(connection, false, left);
}

void HttpConnections::handled(const void* connection) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(connection);
  if (found == entries_.end()) return;
  found->second.early = false;
  found->second.deadline = Steady::time_point::max();
}

void HttpConnections::answering(const void* connection, std::uint64_t bytes) {
  set(connection, false, patience_ + time_of(bytes));
}

void HttpConnections::answered(const void* connection) {
  set(connection, true, idle_);
}

std::size_t HttpConnections::open() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void HttpConnections::set(const void* connection, bool early, Steady::duration from_now) {
  if (patience_.count() == 0) return;
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(connection);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (early) entry.since = Steady::now();
  entry.early = early;
  entry.deadline = Steady::now() + from_now;
  if (entry.deadline < next_) changed_.notify_one();
}

void HttpConnections::make_room() {
  Entry* oldest = nullptr;
  for (auto& [connection, entry] : entries_) {
    const bool waits = entry.early && entry.socket >= 0;
    if (waits && (oldest == nullptr || entry.since < oldest->since)) oldest = &entry;
  }
  if (oldest == nullptr) return;
  cut_off(oldest->socket);
  oldest->socket = -1;  // once is enough
}

void HttpConnections::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto now = Steady::now();
    next_ = Steady::time_point::max();
    for (auto& [connection, entry] : entries_) {
      if (entry.deadline <= now && entry.socket >= 0) {
        cut_off(entry.socket);
        entry.socket = -1;
      }
      if (entry.socket >= 0) next_ = std::min(next_, entry.deadline);
    }
    if (next_ == Steady::time_point::max())
      changed_.wait(lock);
    else
      changed_.wait_until(lock, next_);
  }
}

}  // namespace weir::io
