#include "secrets/bech32.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/secret.h"

namespace weir::secrets {
namespace {

constexpr std::string_view kCharacters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksum = 6;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

class Checksum {
 public:
  void prefix(std::string_view text) {
    for (const char c : text) add(static_cast<unsigned char>(c) >> 5);
    add(0);
    for (const char c : text) add(static_cast<unsigned char>(c) & 31);
  }
  void add(std::uint32_t value) {
    constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                            0x2a1462b3};
    const std::uint32_t top = sum_ >> 25;
    sum_ = ((sum_ & 0x1ffffff) << 5) ^ value;
    for (int i = 0; i < 5; ++i) sum_ ^= ((top >> i) & 1) != 0 ? kGenerator[i] : 0;
  }
  std::uint32_t sum() const { return sum_; }

 private:
  std::uint32_t sum_ = 1;
};

tl::unexpected<Error> bad(std::string_view what) {
  return error(Code::kCorrupt, "the Bech32 text {}", what);
}

}  // namespace

Result<Bech32> bech32_decode(std::string_view text) {
  bool lowers = false, uppers = false;
  for (const char c : text) {
    if (c < 33 || c > 126) return bad("has a character that does not belong there");
    lowers = lowers || (c >= 'a' && c <= 'z');
    uppers = uppers || (c >= 'A' && c <= 'Z');
  }
  if (lowers && uppers) return bad("mixes upper and lower case");
  const std::size_t separator = text.rfind('1');
  if (separator == std::string_view::npos || separator == 0) return bad("has no prefix");
  if (text.size() - separator - 1 < kChecksum) return bad("is too short");
  Bech32 out;
  out.upper = uppers;
  for (const char c : text.substr(0, separator)) out.prefix += lower(c);
  Checksum checksum;
  checksum.prefix(out.prefix);
  const std::string_view data = text.substr(separator + 1);
  out.bytes.reserve(data.size());
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto value = kCharacters.find(lower(data[i]));
    if (value == std::string_view::npos) {
      wipe(out.bytes);
      return bad("has a character that does not belong there");
    }
    checksum.add(static_cast<std::uint32_t>(value));
    if (i >= data.size() - kChecksum) continue;
    pending = (pending << 5) | static_cast<std::uint32_t>(value);
    held += 5;
    if (held < 8) continue;
    held -= 8;
    out.bytes += static_cast<char>((pending >> held) & 0xff);
    pending &= (1u << held) - 1;
  }
  if (checksum.sum() != 1 || held >= 5 || pending != 0) {
    wipe(out.bytes);
    return bad(checksum.sum() != 1 ? "was mistyped or cut: its checksum does not fit"
                                   : "ends within a byte");
  }
  return out;
}

std::string bech32_encode(std::string_view prefix, std::string_view bytes) {
  Checksum checksum;
  checksum.prefix(prefix);
  std::string out;
  out.reserve(prefix.size() + 1 + (bytes.size() * 8 + 4) / 5 + kChecksum);
  out += prefix;
  out += '1';
  const auto put = [&](std::uint32_t value) {
    checksum.add(value);
    out += kCharacters[value];
  };
  std::uint32_t pending = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    pending = ((pending << 8) | static_cast<unsigned char>(c)) & 0xfff;
    for (held += 8; held >= 5; held -= 5) put((pending >> (held - 5)) & 31);
  }
  if (held > 0) put((pending << (5 - held)) & 31);
  for (std::size_t i = 0; i < kChecksum; ++i) checksum.add(0);
  const std::uint32_t sum = checksum.sum() ^ 1;
  for (std::size_t i = 0; i < kChecksum; ++i) out += kCharacters[(sum >> (5 * (5 - i))) & 31];
  return out;
}

}  // namespace weir::secrets
