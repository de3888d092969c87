#include "base/secret.h"

#include <ostream>

#include "base/planted.h"

namespace weir {

void wipe(std::string& bytes) {
  if (planted(Bug::kNothingIsWiped)) return bytes.clear();
  // Up to the capacity: a string that shrank still holds its former tail.
  bytes.resize(bytes.capacity());
  volatile char* at = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) at[i] = 0;
  bytes.clear();
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe(plaintext_);
    plaintext_ = other.plaintext_;
  }
  return *this;
}

// A moved-from short string keeps its bytes inside the object, hence the wiping.
Secret::Secret(Secret&& other) noexcept : plaintext_(std::move(other.plaintext_)) {
  wipe(other.plaintext_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(plaintext_);
    plaintext_ = std::move(other.plaintext_);
    wipe(other.plaintext_);
  }
  return *this;
}

std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "[secret]";
}

}  // namespace weir
