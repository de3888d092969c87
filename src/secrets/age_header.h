// The header of an age file, version 1 (age-encryption.org/v1): recipient stanzas, each holding the
// file key for someone, and a MAC over all of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/age_key.h"

namespace weir::secrets {

inline constexpr std::size_t kHeaderBytesMax = 1u << 20;
inline constexpr std::size_t kStanzasMax = 256;  // each may have to be tried with each identity
inline constexpr std::size_t kFileKeyBytes = 16;
// The writer of a file chooses how much work a passphrase costs; more than this is refused.
inline constexpr unsigned kScryptLogMax = 22;

struct Stanza {
  std::string type;
  std::vector<std::string> arguments;
  std::string body;
};

struct Header {
  std::vector<Stanza> stanzas;
  std::string mac;           // 32 bytes
  std::string_view covered;  // what the MAC is over; inside the parsed text
  std::size_t size = 0;      // bytes of the header in the text
};

// Where the header ends in the text read so far; 0: not yet.
std::size_t header_end(std::string_view text);
// kCorrupt names the line. `text` must outlive the header.
Result<Header> parse_header(std::string_view text);

// Secrets that open files: X25519 identities, or a passphrase.
struct Openers {
  std::span<const Identity> identities = {};
  const Secret* passphrase = nullptr;
  unsigned scrypt_log_max = kScryptLogMax;
};

// The file key. kSealed: none of the openers fits; kCorrupt: a stanza that is not as it must be;
// kLimit: too much work.
Result<Secret> open_file_key(const Header& header, const Openers& openers);
Status check_mac(const Header& header, const Secret& file_key);

// A header for the recipients, with its MAC and its line end.
Result<std::string> write_header(std::span<const Recipient> recipients, const Secret& file_key,
                                 const Entropy& entropy);

}  // namespace weir::secrets
