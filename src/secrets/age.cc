#include "secrets/age.h"

#include "base/secret_text.h"

namespace weir::secrets {
namespace {

constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kSealedChunkBytes = kChunkBytes + kTagBytes;

}  // namespace

Result<ChunkCipher> ChunkCipher::make(const Secret& file_key, std::string_view nonce) {
  WEIR_TRY(Secret key, hkdf_sha256(file_key, nonce, "payload", 32));
  return ChunkCipher(std::move(key));
}

std::string ChunkCipher::nonce(bool last) {
  std::string out(12, '\0');
  for (std::size_t i = 0; i < 8; ++i) out[10 - i] = static_cast<char>((count_ >> (8 * i)) & 0xff);
  out[11] = last ? 1 : 0;
  return out;
}

Result<std::string> ChunkCipher::seal(std::string_view plain, bool last) {
  auto sealed = chacha_seal(key_, nonce(last), plain);
  ++count_;
  return sealed;
}

Result<Secret> ChunkCipher::open(std::string_view sealed, bool last) {
  auto plain = chacha_open(key_, nonce(last), sealed);
  if (!plain || (last && !first() && plain->empty())) {
    return error(Code::kCorrupt, "the payload of the age file was changed or cut, in chunk {}",
                 count_ + 1);
  }
  ++count_;
  return plain;
}

Result<AgeWriter> AgeWriter::start(std::span<const Recipient> recipients, Armor armor,
                                   ByteSink sink, const Entropy& entropy) {
  if (recipients.empty()) return error(Code::kInvalid, "there is no recipient to encrypt for");
  if (recipients.size() > kRecipientsMax) {
    return error(Code::kLimit, "at most {} recipients", kRecipientsMax);
  }
  WEIR_TRY(const Secret file_key, random_secret(entropy, kFileKeyBytes));
  WEIR_TRY(const std::string header, write_header(recipients, file_key, entropy));
  WEIR_TRY(const std::string nonce, random_bytes(entropy, kNonceBytes));
  WEIR_TRY(ChunkCipher cipher, ChunkCipher::make(file_key, nonce));
  auto armored = armor == Armor::kYes ? std::make_unique<ArmorWriter>(sink) : nullptr;
  AgeWriter writer(std::move(cipher), std::move(armored), std::move(sink));
  WEIR_RETURN_IF_ERROR(writer.put(header + nonce));
  return writer;
}

Status AgeWriter::put(std::string_view bytes) {
  return armor_ != nullptr ? armor_->write(bytes) : sink_(bytes);
}

Status AgeWriter::put_chunk(bool last) {
  WEIR_TRY(const std::string sealed, cipher_.seal(pending_.view(), last));
  pending_.clear();
  return put(sealed);
}

Status AgeWriter::write(std::string_view plain) {
  while (!plain.empty()) {
    // A full chunk waits: it may be the last one.
    if (pending_.size() == kChunkBytes) WEIR_RETURN_IF_ERROR(put_chunk(false));
    const std::size_t taken = std::min(plain.size(), kChunkBytes - pending_.size());
    pending_.append(plain.substr(0, taken));
    plain.remove_prefix(taken);
  }
  return {};
}

Status AgeWriter::finish() {
  WEIR_RETURN_IF_ERROR(put_chunk(true));
  return armor_ != nullptr ? armor_->finish() : Status();
}

AgeReader::AgeReader(Openers openers, ByteSink sink) : openers_(openers), sink_(std::move(sink)) {}
AgeReader::~AgeReader() = default;

Status AgeReader::write(std::string_view bytes) {
  if (form_ == Form::kUnknown) {
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
      pending_ += bytes;
      if (pending_.size() > kArmorSpaceMax) return error(Code::kCorrupt, "this is no age file");
      return {};
    }
    form_ = bytes[first] == '-' ? Form::kArmored : Form::kBinary;
    if (form_ == Form::kArmored) {
      armor_ = std::make_unique<ArmorReader>([this](std::string_view more) { return take(more); });
      const std::string spaces = std::exchange(pending_, {});
      WEIR_RETURN_IF_ERROR(armor_->write(spaces));
    }
  }
  return armor_ != nullptr ? armor_->write(bytes) : take(bytes);
}

Status AgeReader::take(std::string_view bytes) {
  pending_ += bytes;
  if (!header_done_) WEIR_RETURN_IF_ERROR(take_header());
  return header_done_ ? take_payload() : Status();
}

Status AgeReader::take_header() {
  const std::size_t end = header_end(pending_);
  if (end == 0) {
    if (pending_.size() <= kHeaderBytesMax) return {};
    return error(Code::kLimit, "an age header has at most {} bytes", kHeaderBytesMax);
  }
  WEIR_TRY(const Header header, parse_header(std::string_view(pending_).substr(0, end)));
  WEIR_TRY(file_key_, open_file_key(header, openers_));
  WEIR_RETURN_IF_ERROR(check_mac(header, file_key_));
  pending_.erase(0, end);
  header_done_ = true;
  return {};
}

Status AgeReader::take_payload() {
  std::size_t at = 0;
  if (cipher_ == nullptr) {
    if (pending_.size() < kNonceBytes) return {};
    WEIR_TRY(ChunkCipher cipher,
             ChunkCipher::make(file_key_, std::string_view(pending_).substr(0, kNonceBytes)));
    cipher_ = std::make_unique<ChunkCipher>(std::move(cipher));
    at = kNonceBytes;
  }
  // Whatever has something behind it is not the last chunk.
  for (; pending_.size() - at > kSealedChunkBytes; at += kSealedChunkBytes) {
    WEIR_TRY(const Secret plain,
             cipher_->open(std::string_view(pending_).substr(at, kSealedChunkBytes), false));
    WEIR_RETURN_IF_ERROR(sink_(plain.reveal()));
  }
  pending_.erase(0, at);
  return {};
}

Status AgeReader::finish() {
  if (form_ == Form::kUnknown) return error(Code::kCorrupt, "the age file is empty");
  if (armor_ != nullptr) WEIR_RETURN_IF_ERROR(armor_->finish());
  if (!header_done_) {
    // Says what is wrong with what is there.
    WEIR_TRY(const Header header, parse_header(pending_));
    return error(Code::kCorrupt, "the age file ends within its header");
  }
  if (cipher_ == nullptr) return error(Code::kCorrupt, "the age file ends before its payload");
  WEIR_TRY(const Secret plain, cipher_->open(pending_, true));
  return sink_(plain.reveal());
}

Result<std::string> age_encrypt(std::string_view plain, std::span<const Recipient> recipients,
                                Armor armor, const Entropy& entropy) {
  std::string out;
  WEIR_TRY(AgeWriter writer, AgeWriter::start(
                                 recipients, armor,
                                 [&out](std::string_view bytes) -> Status {
                                   out += bytes;
                                   return {};
                                 },
                                 entropy));
  WEIR_RETURN_IF_ERROR(writer.write(plain));
  WEIR_RETURN_IF_ERROR(writer.finish());
  return out;
}

Result<Secret> age_decrypt(std::string_view file, const Openers& openers) {
  SecretText out(file.size() + 1);
  AgeReader reader(openers, [&out](std::string_view bytes) -> Status {
    out.append(bytes);
    return {};
  });
  WEIR_RETURN_IF_ERROR(reader.write(file));
  WEIR_RETURN_IF_ERROR(reader.finish());
  return out.take();
}

}  // namespace weir::secrets
