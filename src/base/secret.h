// Text that must not be seen: header values, signing keys, endpoint passwords. It cannot be
// printed, formatted or compared by accident, and its bytes are wiped when it dies. Plaintext
// secrets live here and nowhere else.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace weir {

// Overwrites the bytes in a way that the optimiser keeps.
void wipe(std::string& bytes);

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string plaintext) : plaintext_(std::move(plaintext)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(plaintext_); }

  // The few callers are those that hand the text to its one addressee.
  std::string_view reveal() const { return plaintext_; }
  bool empty() const { return plaintext_.empty(); }

  friend std::ostream& operator<<(std::ostream& out, const Secret&);

 private:
  std::string plaintext_;
};

}  // namespace weir
