// Builds a text that must not be seen: every buffer that it outgrows is wiped.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace weir::secrets {

class SecretText {
 public:
  explicit SecretText(std::size_t reserve = 256) { text_.reserve(reserve); }
  ~SecretText() { wipe(text_); }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;

  void append(std::string_view more);
  void append(char c) { append(std::string_view(&c, 1)); }
  // As the inside of a JSON string, with the quotes.
  void append_quoted(std::string_view text);
  std::string_view view() const { return text_; }
  void clear() { wipe(text_); }
  Secret take();  // leaves it empty

 private:
  std::string text_;
};

}  // namespace weir::secrets
