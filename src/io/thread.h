// A named thread that is joined at the end. Whoever owns one must make its function return first.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace weir::io {

class Thread {
 public:
  Thread() = default;
  // Signals stay with the main thread: all but the synchronous ones are blocked in this one. The
  // name is cut at the 15 characters that the kernel keeps.
  Thread(const std::string& name, std::function<void()> function);
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread() { join(); }
  void join();  // at once where nothing runs
  bool running() const { return thread_.joinable(); }

 private:
  std::thread thread_;
};

}  // namespace weir::io
