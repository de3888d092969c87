// Large zeroed memory straight from the system, on huge pages where it has them: tables that are
// hit at random spend their time on translating addresses otherwise.
#pragma once

#include <cstddef>
#include <utility>

namespace weir::document {

class Pages {
 public:
  Pages() = default;
  explicit Pages(std::size_t bytes);
  ~Pages();
  Pages(Pages&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  char* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  char* data_ = nullptr;  // at least 4 KiB aligned
  std::size_t size_ = 0;
};

}  // namespace weir::document
