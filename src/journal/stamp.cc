#include "journal/stamp.h"

#include "base/digest.h"
#include "base/text.h"

namespace weir::journal {
namespace {

constexpr std::size_t kDigestBytes = 16;

}  // namespace

std::string compacted(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (!in_string && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) continue;
    out += c;
    if (c == '"') in_string = !in_string;
    if (c == '\\' && i + 1 < json.size()) out += json[++i];
  }
  return out;
}

void write_uuid(const document::Uuid& uuid, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::uint64_t time = uuid.clock >> 4;
  const std::uint64_t sequence = 0x8000 | (uuid.clock & 0xf) << 10 | (uuid.flags & 0x3ff);
  const auto write = [&](std::uint64_t value, int digits) {
    for (int i = digits - 1; i >= 0; --i) *out++ = kDigits[value >> (4 * i) & 0xf];
  };
  write(time, 8);
  *out++ = '-';
  write(time >> 32, 4);
  *out++ = '-';
  write((time >> 48 & 0xfff) | 0x1000, 4);
  *out++ = '-';
  write(sequence, 4);
  *out++ = '-';
  for (const std::uint8_t byte : uuid.producer) write(byte, 2);
}

Result<Prepared> make_room(std::string_view json, const MetaPlaces& places) {
  const std::string zeros(kUuidTextBytes, '0');
  std::string inserted;
  std::size_t where = 0;
  if (places.meta == kNowhere) {
    inserted = R"("_meta":{"uuid":")" + zeros + R"("})" + (places.empty ? "" : ",");
    where = places.begin + 1;
  } else if (places.meta_is_object) {
    inserted = R"("uuid":")" + zeros + "\"" + (places.meta_empty ? "" : ",");
    where = places.meta + 1;
  } else {
    return error(Code::kInvalid, "/_meta is no object, so it has no room for the document's uuid");
  }
  Prepared prepared;
  prepared.line.reserve(json.size() + inserted.size());
  prepared.line.append(json.substr(0, where)).append(inserted).append(json.substr(where));
  prepared.uuid_at = where + inserted.find(zeros);
  return prepared;
}

std::string acknowledgement(const document::Uuid& uuid, std::string_view digest) {
  const std::string batch = digest.empty() ? "" : fmt::format(R"(,"batch":"{}")", digest);
  return fmt::format(R"({{"_meta":{{"uuid":"{}","ack":true{}}}}})", document::format_uuid(uuid),
                     batch) +
         "\n";
}

std::string digest_of_batch(std::string_view batch_id) {
  return hex_lower(sha256(batch_id).substr(0, kDigestBytes));
}

}  // namespace weir::journal
