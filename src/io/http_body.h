// Bodies of incoming requests: in memory up to a bound, beyond it in a file without a name, so that
// neither many requests nor long ones take memory. All bodies of a server share one budget.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/file.h"

namespace weir::io {

struct BodyBounds {
  std::uint64_t bytes_max = 64u << 20;    // of one body as sent
  std::uint64_t memory_max = UINT64_MAX;  // of one body; what is longer goes to a file in `folder`
  std::string folder = {};                // of those files; needed where memory_max is less
  std::uint64_t total_max = UINT64_MAX;   // of all bodies that are there at a time
};

// What all bodies of a server take, in memory and in files. Any thread.
class BodyBudget {
 public:
  explicit BodyBudget(BodyBounds bounds) : bounds_(std::move(bounds)) {}
  const BodyBounds& bounds() const { return bounds_; }
  bool take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) { used_ -= bytes; }
  std::uint64_t used() const { return used_; }

 private:
  const BodyBounds bounds_;
  std::atomic<std::uint64_t> used_ = 0;
};

// One body: first written piece by piece, then read once. One thread at a time.
class RequestBody {
 public:
  explicit RequestBody(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
  ~RequestBody() { clear(); }
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;

  // kLimit: longer than bytes_max; kUnavailable: all bodies together are; kFull and others: the
  // file.
  Status append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  // Fills `out` with what comes next, less only at the end: how many bytes.
  Result<std::size_t> read(std::span<char> out);
  // All of it, as one text.
  Result<std::string> take_text();
  // Gives up what it holds.
  void clear();

 private:
  Status spill();
  const std::shared_ptr<BodyBudget> budget_;
  std::string memory_;  // the end of the body that is not in the file
  std::unique_ptr<TempFile> file_;
  std::uint64_t size_ = 0;
  std::uint64_t read_ = 0;
};

}  // namespace weir::io
