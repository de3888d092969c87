// What the journal needs to know of a line without taking the document apart: its uuid, and where
// one would go.
#pragma once

#include <cstddef>
#include <string_view>

#include "document/uuid.h"

namespace weir::journal {

enum class LineKind {
  kUuid,        // /_meta/uuid is a v1 UUID
  kPlain,       // an object without one
  kUnreadable,  // not an object on one line: torn, or damaged
};

// `line` without its newline. Lines that start with {"_meta":{"uuid":"… and end with a brace are
// believed without a look at the rest, which is what makes this fast; others are walked once,
// structure only.
LineKind inspect_line(std::string_view line, document::Uuid& uuid);

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

// Places inside an object's text. Of a name that occurs twice, the last one.
struct MetaPlaces {
  bool is_object = false;       // the whole text is one object; otherwise nothing below is set
  bool empty = false;           // without members
  std::size_t begin = 0;        // of its opening brace
  std::size_t meta = kNowhere;  // of the value of /_meta
  bool meta_is_object = false;
  bool meta_empty = false;
  std::size_t uuid = kNowhere;  // of the value of /_meta/uuid
  std::string_view uuid_text;   // inside its quotes; empty if it is no plain string
};

// Any white space JSON allows may stand around and between. Structure only: literals and numbers
// are not checked.
MetaPlaces find_meta(std::string_view text);

// The digest of a batch id that an acknowledgement of ours names, 32 hex digits; empty: none.
std::string_view batch_digest_of(std::string_view acknowledgement);

}  // namespace weir::journal
