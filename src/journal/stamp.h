// Makes lines of documents: on one line, with a place for the uuid, and acknowledgements. Bytes:
//
// - `{"_meta":{"uuid":"<uuid>"},…}`: a document that had no /_meta.
// - `{…"_meta":{"uuid":"<uuid>",…}…}`: one that had.
// - `{"_meta":{"uuid":"<uuid>","ack":true}}`: an acknowledgement, as Estuary's template for it.
// - `{"_meta":{"uuid":"<uuid>","ack":true,"batch":"<digest>"}}`: one of a batch with an id; the
//   digest is the first 32 hex digits of its SHA-256.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/uuid.h"
#include "journal/line.h"

namespace weir::journal {

inline constexpr std::size_t kUuidTextBytes = 36;

// Removes the white space outside of strings.
std::string compacted(std::string_view json);

struct Prepared {
  std::string line;         // without its newline
  std::size_t uuid_at = 0;  // where in it the 36 characters belong; they are zeros so far
};
// A document with room for a uuid. `json` is a valid object on one line whose /_meta, if any, has
// none; `places` is what find_meta says of it. kInvalid: its /_meta is no object.
Result<Prepared> make_room(std::string_view json, const MetaPlaces& places);

// The kUuidTextBytes characters of document::format_uuid, in place: a million documents are stamped
// one by one.
void write_uuid(const document::Uuid& uuid, char* out);

std::string acknowledgement(const document::Uuid& uuid, std::string_view digest);  // with newline
std::string digest_of_batch(std::string_view batch_id);

}  // namespace weir::journal
