// Takes an input apart into documents: JSON objects, one per line or separated by any white space,
// with the place of each. How a document ends is told by its braces alone; whether it is JSON is
// the parser's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "journal/append.h"

namespace weir::journal {

struct InputDocument {
  std::string_view
      text;  // from brace to brace, as it stands in the input; valid until the next call
  std::uint64_t line = 0;    // of its first byte, 1-based
  std::uint64_t column = 0;  // bytes, 1-based
  bool spans_lines = false;
};

class InputReader {
 public:
  // `name` is what messages call the input.
  InputReader(const ByteSource& source, std::string name);
  // nullopt at the end. kInvalid: something between documents that is none, or one that does not
  // end; kLimit: one longer than kDocumentBytesMax. Both name the place.
  Result<std::optional<InputDocument>> next();
  // "name:line:column: message"
  Error at(std::uint64_t line, std::uint64_t column, Error problem) const;

 private:
  Error named(Error problem) const;
  Status skip_space();
  Result<bool> fill();
  void drop_consumed();

  const ByteSource& source_;
  const std::string name_;
  std::string piece_;  // what the source fills
  std::string buffer_;
  std::size_t at_ = 0;  // in buffer_: the next byte to look at
  bool ended_ = false;
  bool begun_ = false;
  std::uint64_t line_ = 1;
  std::uint64_t column_ = 1;
};

}  // namespace weir::journal
