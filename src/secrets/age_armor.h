// The armor of age: PEM of one label, read strictly. White space before and after the whole is
// tolerated, inside it is not. Lines end in LF or CRLF and have 64 columns, the last one may be
// shorter; Base64 is canonical, with padding.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::secrets {

inline constexpr std::string_view kArmorBegin = "-----BEGIN AGE ENCRYPTED FILE-----";
inline constexpr std::string_view kArmorEnd = "-----END AGE ENCRYPTED FILE-----";
inline constexpr std::size_t kArmorColumns = 64;
inline constexpr std::size_t kArmorSpaceMax = 1024;  // white space before the first line

// Takes the bytes of a file as they come; what it says lasts until the call ends.
using ByteSink = std::function<Status(std::string_view bytes)>;

// Reads: armored text in, bytes out. kCorrupt names the line. Memory: one line.
class ArmorReader {
 public:
  explicit ArmorReader(ByteSink sink) : sink_(std::move(sink)) {}
  Status write(std::string_view text);
  Status finish();  // kCorrupt unless the last line was there

 private:
  enum class State { kBefore, kBody, kLastLine, kAfter };
  Status take(char c);
  Status line();
  Status body_line();
  tl::unexpected<Error> bad(std::string_view what) const;

  ByteSink sink_;
  State state_ = State::kBefore;
  std::string line_;
  std::size_t number_ = 1;
  std::size_t spaces_ = 0;
};

// Writes: bytes in, armored text out.
class ArmorWriter {
 public:
  explicit ArmorWriter(ByteSink sink) : sink_(std::move(sink)) {}
  Status write(std::string_view bytes);
  Status finish();

 private:
  Status begin();
  ByteSink sink_;
  bool begun_ = false;
  std::string pending_;  // less than a line's worth of bytes
};

}  // namespace weir::secrets
