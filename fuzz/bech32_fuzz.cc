// Keys are pasted by users. What decodes must encode to the same text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "secrets/age_key.h"
#include "secrets/bech32.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto decoded = weir::secrets::bech32_decode(text);
  if (decoded) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    WEIR_CHECK(weir::secrets::bech32_encode(decoded->prefix, decoded->bytes) == lower);
  }
  if (const auto identities = weir::secrets::parse_identities(text); identities) {
    for (const auto& identity : *identities) {
      WEIR_CHECK(weir::secrets::Identity::parse(identity.text().reveal()).has_value());
    }
  }
  if (const auto recipient = weir::secrets::Recipient::parse(text)) {
    WEIR_CHECK(recipient->text() == text);
  }
  return 0;
}
