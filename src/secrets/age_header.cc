#include "secrets/age_header.h"

#include <charconv>

#include "base/text.h"

namespace weir::secrets {
namespace {

constexpr std::string_view kVersion = "age-encryption.org/v1";
constexpr std::string_view kInfoX25519 = "age-encryption.org/v1/X25519";
constexpr std::string_view kSaltScrypt = "age-encryption.org/v1/scrypt";
constexpr std::size_t kColumns = 64;
constexpr std::size_t kWrappedBytes = kFileKeyBytes + kTagBytes;
const std::string kZeroNonce(12, '\0');

// Base64 without padding, canonical.
std::optional<std::string> from_raw_base64(std::string_view text) {
  if (text.find('=') != std::string_view::npos || text.size() % 4 == 1) return std::nullopt;
  return from_base64(std::string(text) + std::string((4 - text.size() % 4) % 4, '='));
}

std::string raw_base64(std::string_view bytes) {
  std::string out = base64(bytes);
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  Result<Header> read() {
    if (!next_line()) return bad("the file ends within its header");
    if (line_ != kVersion) {
      return line_.starts_with("age-encryption.org/")
                 ? bad("a version of the format that is not spoken here")
                 : bad("this is no age file");
    }
    Header header;
    while (true) {
      const std::size_t start = at_;
      if (!next_line()) return bad("the file ends within its header");
      if (line_.starts_with("---")) {
        if (header.stanzas.empty()) return bad("the header has no recipient");
        return last_line(std::move(header), start);
      }
      WEIR_TRY(Stanza read, stanza());
      if (header.stanzas.size() == kStanzasMax) {
        return error(Code::kLimit, "age header, line {}: more than {} recipients", number_,
                     kStanzasMax);
      }
      header.stanzas.push_back(std::move(read));
    }
  }

 private:
  bool next_line() {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) return false;
    line_ = text_.substr(at_, end - at_);
    at_ = end + 1;
    ++number_;
    return true;
  }

  tl::unexpected<Error> bad(std::string_view what) const {
    return error(Code::kCorrupt, "age header, line {}: {}", number_, what);
  }

  Result<Stanza> stanza() {
    if (!line_.starts_with("-> ")) return bad("expected a stanza or the end of the header");
    Stanza out;
    std::size_t words = 0;
    for (const std::string_view word : split(line_.substr(3), ' ')) {
      if (word.empty()) return bad("an empty argument");
      for (const char c : word) {
        if (c < 33 || c > 126) return bad("a character that an argument may not have");
      }
      if (words++ == 0) {
        out.type = word;
      } else {
        out.arguments.emplace_back(word);
      }
    }
    do {
      if (!next_line()) return bad("the file ends within a stanza");
      const auto bytes = from_raw_base64(line_);
      if (line_.size() > kColumns || !bytes) return bad("no canonical Base64 of 64 columns");
      out.body += *bytes;
    } while (line_.size() == kColumns);
    return out;
  }

  Result<Header> last_line(Header header, std::size_t start) {
    if (!line_.starts_with("--- ")) return bad("the MAC is missing");
    const auto mac = from_raw_base64(line_.substr(4));
    if (!mac || mac->size() != 32) return bad("the MAC is not 32 bytes of canonical Base64");
    header.mac = *mac;
    header.covered = text_.substr(0, start + 3);
    header.size = at_;
    return header;
  }

  std::string_view text_;
  std::string_view line_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

Status check_shape(const Stanza& stanza, std::size_t count) {
  if (stanza.type == "X25519") {
    const auto share =
        stanza.arguments.size() == 1 ? from_raw_base64(stanza.arguments[0]) : std::nullopt;
    if (!share || share->size() != kX25519Bytes || stanza.body.size() != kWrappedBytes) {
      return error(Code::kCorrupt, "age header: a malformed X25519 stanza");
    }
  }
  if (stanza.type == "scrypt") {
    const auto salt =
        stanza.arguments.size() == 2 ? from_raw_base64(stanza.arguments[0]) : std::nullopt;
    if (!salt || salt->size() != 16 || stanza.body.size() != kWrappedBytes) {
      return error(Code::kCorrupt, "age header: a malformed scrypt stanza");
    }
    if (count != 1) {
      return error(Code::kCorrupt,
                   "age header: a passphrase must be the only recipient, and here it is not");
    }
  }
  return {};
}

Result<Secret> wrapping_key(const Secret& shared, std::string_view share, std::string_view point) {
  return hkdf_sha256(shared, std::string(share) + std::string(point), kInfoX25519, 32);
}

Result<Secret> open_x25519(const Stanza& stanza, const Identity& identity) {
  const auto share = from_raw_base64(stanza.arguments[0]);
  WEIR_TRY(const Secret shared, x25519_shared(identity.scalar(), *share));
  WEIR_TRY(const Secret key, wrapping_key(shared, *share, identity.recipient().point()));
  return chacha_open(key, kZeroNonce, stanza.body);
}

Result<Secret> open_scrypt(const Stanza& stanza, const Secret& passphrase, unsigned log_max) {
  const std::string& text = stanza.arguments[1];
  unsigned log_n = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), log_n);
  const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || text.starts_with('0') ||
      (problem == std::errc() && end != text.data() + text.size())) {
    return error(Code::kCorrupt, "age header: a malformed work factor");
  }
  if (problem != std::errc() || log_n > log_max) {
    return error(Code::kLimit, "age header: the passphrase would cost more work than 2^{}",
                 log_max);
  }
  const std::string salt = std::string(kSaltScrypt) + *from_raw_base64(stanza.arguments[0]);
  WEIR_TRY(const Secret key, scrypt(passphrase, salt, log_n, 32));
  return chacha_open(key, kZeroNonce, stanza.body);
}

Result<Secret> mac_key(const Secret& file_key) {
  return hkdf_sha256(file_key, {}, "header", 32);
}

}  // namespace

std::size_t header_end(std::string_view text) {
  const std::size_t last = text.starts_with("---") ? 0 : text.find("\n---");
  if (last == std::string_view::npos) return 0;
  const std::size_t end = text.find('\n', last + 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

Result<Header> parse_header(std::string_view text) {
  if (text.size() > kHeaderBytesMax) {
    return error(Code::kLimit, "an age header has at most {} bytes", kHeaderBytesMax);
  }
  return HeaderReader(text).read();
}

Result<Secret> open_file_key(const Header& header, const Openers& openers) {
  for (const Stanza& stanza : header.stanzas) {
    WEIR_RETURN_IF_ERROR(check_shape(stanza, header.stanzas.size()));
  }
  for (const Stanza& stanza : header.stanzas) {
    if (stanza.type == "scrypt" && openers.passphrase != nullptr) {
      auto key = open_scrypt(stanza, *openers.passphrase, openers.scrypt_log_max);
      if (key || key.error().code != Code::kSealed) return key;
    }
    if (stanza.type != "X25519") continue;
    for (const Identity& identity : openers.identities) {
      auto key = open_x25519(stanza, identity);
      if (key || key.error().code != Code::kSealed) return key;
    }
  }
  return error(Code::kSealed, "none of the keys at hand opens the age file");
}

Status check_mac(const Header& header, const Secret& file_key) {
  WEIR_TRY(const Secret key, mac_key(file_key));
  WEIR_TRY(const std::string mac, hmac_sha256(key, header.covered));
  if (!equal_in_constant_time(mac, header.mac)) {
    return error(Code::kCorrupt, "the header of the age file was changed: its MAC does not fit");
  }
  return {};
}

Result<std::string> write_header(std::span<const Recipient> recipients, const Secret& file_key,
                                 const Entropy& entropy) {
  std::string out = std::string(kVersion) + "\n";
  for (const Recipient& recipient : recipients) {
    WEIR_TRY(const Secret scalar, random_secret(entropy, kX25519Bytes));
    WEIR_TRY(const std::string share, x25519_public(scalar));
    WEIR_TRY(const Secret shared, x25519_shared(scalar, recipient.point()));
    WEIR_TRY(const Secret key, wrapping_key(shared, share, recipient.point()));
    WEIR_TRY(const std::string body, chacha_seal(key, kZeroNonce, file_key.reveal()));
    out += "-> X25519 " + raw_base64(share) + "\n" + raw_base64(body) + "\n";
  }
  out += "---";
  WEIR_TRY(const Secret key, mac_key(file_key));
  WEIR_TRY(const std::string mac, hmac_sha256(key, out));
  return out + " " + raw_base64(mac) + "\n";
}

}  // namespace weir::secrets
