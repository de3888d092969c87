// Sockets of the file system by a path of any length, and lines over them within a time limit.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::app {

// A descriptor that is closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return number_; }
  int release() {
    const int number = number_;
    number_ = -1;
    return number;
  }

 private:
  int number_ = -1;
};

// Both go by way of /proc/self/fd/<folder>, since the path of a socket may hold some hundred bytes
// only.
Result<Descriptor> bind_socket(const std::string& folder, const std::string& name);
// kNotFound: no such socket, or nobody listens at it.
Result<Descriptor> connect_socket(const std::string& folder, const std::string& name);

// kUnavailable: nothing came for `wait`, or the other side is gone; kLimit: longer than
// `bytes_max`.
Result<std::string> read_line(int descriptor, std::size_t bytes_max,
                              std::chrono::milliseconds wait);
Status write_line(int descriptor, std::string_view line, std::chrono::milliseconds wait);

}  // namespace weir::app
