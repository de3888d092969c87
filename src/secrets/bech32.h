// Bech32 (BIP 173) without its limit of length, as age writes keys.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::secrets {

struct Bech32 {
  std::string prefix;  // lower case, whatever the text had
  std::string bytes;
  bool upper = false;  // the text was in upper case
};

// kCorrupt: mixed case, bad characters, a checksum that does not fit, left-over bits. Never quotes
// the text. The caller wipes `bytes` where they are secret.
Result<Bech32> bech32_decode(std::string_view text);
// In lower case. `prefix` is lower case, printable and not empty.
std::string bech32_encode(std::string_view prefix, std::string_view bytes);

}  // namespace weir::secrets
