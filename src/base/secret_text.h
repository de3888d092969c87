// Builds a text that must not be seen: every buffer that it outgrows is wiped, and the last one
// with it.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace weir {

// Overwrites the bytes in a way that the optimiser keeps.
void wipe(void* at, std::size_t bytes);

class SecretText {
 public:
  explicit SecretText(std::size_t reserve = 256) { text_.reserve(reserve); }
  ~SecretText() { wipe(text_); }
  SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }
  SecretText& operator=(SecretText&&) = delete;

  void append(std::string_view more);
  void append(char c) { append(std::string_view(&c, 1)); }
  // As a JSON string, with its quotes, that is one of YAML, too.
  void append_quoted(std::string_view text);
  std::string_view view() const { return text_; }
  std::size_t size() const { return text_.size(); }
  bool empty() const { return text_.empty(); }
  void clear() { wipe(text_); }  // keeps the room
  Secret take();                 // leaves it empty

 private:
  std::string text_;
};

}  // namespace weir
