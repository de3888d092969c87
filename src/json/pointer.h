// JSON pointers (RFC 6901).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace weir::json {

class Pointer {
 public:
  Pointer() = default;  // the root
  static Result<Pointer> parse(std::string_view text);
  explicit Pointer(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  // The value at this location, or nullptr. An array's items are addressed by number.
  const Value* find(const Value& root) const;
  const std::vector<std::string>& tokens() const { return tokens_; }
  Pointer child(std::string_view token) const;
  std::string text() const;
  friend bool operator==(const Pointer&, const Pointer&) = default;
  friend auto operator<=>(const Pointer&, const Pointer&) = default;

 private:
  std::vector<std::string> tokens_;
};

void append_token(std::string& pointer, std::string_view token);  // "/" and the escaped token

// The array index a token stands for: digits without a leading zero.
std::optional<std::size_t> array_index(std::string_view token);

}  // namespace weir::json
