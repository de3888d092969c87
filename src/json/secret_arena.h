// An arena for the values of one text that must not be seen.
#pragma once

#include "base/result.h"
#include "json/events.h"

namespace weir::json {

// All that its values hold is in one block, which is wiped with the object.
class SecretArena {
 public:
  SecretArena() = default;
  ~SecretArena();
  SecretArena(const SecretArena&) = delete;
  SecretArena& operator=(const SecretArena&) = delete;

  // Makes room for what a text of that size can hold, by JSON or by YAML without aliases; before
  // the first value. What aliases multiply may lie outside of the block, and then is not wiped.
  Arena& reserve(std::size_t text_bytes);
  Arena& arena() { return arena_; }
  // JSON as of parse(); the parser's own buffer is wiped, too. `text` need not last.
  tl::expected<Value, SyntaxError> parse(std::string_view text,
                                         Duplicates duplicates = Duplicates::kRefuse);

 private:
  Arena arena_;
  std::byte* block_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace weir::json
