#include "journal/stamp.h"

#include "base/digest.h"
#include "base/text.h"
#include "journal/line.h"

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

Result<Prepared> make_room(std::string_view json) {
  const MetaPlaces places = find_meta(json);
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
