// Files of age, version 1: encrypting for X25519 recipients, decrypting with X25519 identities or a
// passphrase, as streams of pieces of any size. Memory: one chunk of 64 KiB.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/secret_text.h"
#include "secrets/age_armor.h"
#include "secrets/age_header.h"

namespace weir::secrets {

inline constexpr std::size_t kChunkBytes = 64u << 10;
inline constexpr std::size_t kRecipientsMax = 256;

// One chunk of the payload after the other, each under its number and the mark of the last one.
class ChunkCipher {
 public:
  static Result<ChunkCipher> make(const Secret& file_key, std::string_view nonce);
  Result<std::string> seal(std::string_view plain, bool last);
  Result<Secret> open(std::string_view sealed, bool last);
  bool first() const { return count_ == 0; }

 private:
  explicit ChunkCipher(Secret key) : key_(std::move(key)) {}
  std::string nonce(bool last);
  Secret key_;
  std::uint64_t count_ = 0;
};

enum class Armor { kNo, kYes };

// After an error the object is spent.
class AgeWriter {
 public:
  // Says the header to the sink. kInvalid: no recipient, or too many.
  static Result<AgeWriter> start(std::span<const Recipient> recipients, Armor armor, ByteSink sink,
                                 const Entropy& entropy);
  Status write(std::string_view plain);
  Status finish();

 private:
  AgeWriter(ChunkCipher cipher, std::unique_ptr<ArmorWriter> armor, ByteSink sink)
      : cipher_(std::move(cipher)), armor_(std::move(armor)), sink_(std::move(sink)) {}
  Status put(std::string_view bytes);
  Status put_chunk(bool last);
  ChunkCipher cipher_;
  std::unique_ptr<ArmorWriter> armor_;
  ByteSink sink_;
  SecretText pending_{kChunkBytes};  // never outgrows it
};

// Armored or not is told from the first bytes. What it has said to the sink is authentic but may be
// only the beginning: the whole is known to be whole when finish() says so.
class AgeReader {
 public:
  // The openers must outlive the reader.
  AgeReader(Openers openers, ByteSink sink);
  ~AgeReader();
  AgeReader(const AgeReader&) = delete;
  AgeReader& operator=(const AgeReader&) = delete;
  // kSealed: no key fits; kCorrupt: truncated, changed or no age file; kLimit.
  Status write(std::string_view bytes);
  Status finish();

 private:
  Status take(std::string_view bytes);
  Status take_header();
  Status take_payload();
  Openers openers_;
  ByteSink sink_;
  enum class Form { kUnknown, kBinary, kArmored } form_ = Form::kUnknown;
  std::unique_ptr<ArmorReader> armor_;
  std::string pending_;
  Secret file_key_;
  bool header_done_ = false;
  std::unique_ptr<ChunkCipher> cipher_;
};

// The whole at once.
Result<std::string> age_encrypt(std::string_view plain, std::span<const Recipient> recipients,
                                Armor armor, const Entropy& entropy);
// Nothing is returned unless the whole is whole.
Result<Secret> age_decrypt(std::string_view file, const Openers& openers);

}  // namespace weir::secrets
