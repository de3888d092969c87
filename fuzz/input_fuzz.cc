// What people bring: documents in any of the formats that append and init take, and patterns of
// file names. In whatever pieces an input comes, the same is made of it, or it is refused; every
// row of a table is a document; and a pattern that was made of a name matches that name.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/glob.h"
#include "journal/document_source.h"
#include "journal/input.h"
#include "json/events.h"

namespace {

using namespace weir::journal;
using weir::document::Types;

constexpr std::uint64_t kBytesMax = 1u << 20;  // a small stream may unpack to gigabytes

// A column is of the types that the length of its name says, so that all of them are met.
Types types_of(std::string_view column) {
  constexpr unsigned kTypes[] = {Types::kString, Types::kInteger,
                                 Types::kInteger | Types::kFractional, Types::kBoolean,
                                 Types::kObject | Types::kArray};
  return Types(kTypes[column.size() % std::size(kTypes)]);
}

// "line:column text" per document; empty where something is wrong, which may be seen before or
// behind the documents that came with it.
std::string read(std::string_view text, std::size_t piece) {
  const ByteSource whole = source_of(text);
  const ByteSource slow = [&](std::span<char> out) {
    return whole(out.first(std::min(out.size(), piece)));
  };
  DetectedInput found;
  const ByteSource source =
      make_document_source(slow, {.csv = types_of, .bytes_max = kBytesMax}, &found);
  InputReader reader(source, "input");
  std::string out;
  for (;;) {
    const auto document = reader.next();
    if (!document) return {};
    if (!*document) return out;
    out += fmt::format("{}:{} {}\n", (*document)->line, (*document)->column, (*document)->text);
    if (found.format != InputFormat::kCsv) continue;
    weir::json::Arena arena;
    const auto row = weir::json::parse((*document)->text, arena);
    WEIR_CHECK(row.has_value());
    WEIR_CHECK(row->is_object());
  }
}

// The first line as a pattern, the second as a name.
void match(std::string_view text) {
  const std::size_t newline = std::min(text.find('\n'), text.size());
  const std::string_view pattern = text.substr(0, newline);
  const std::string name(text.substr(std::min(newline + 1, text.size())));
  if (weir::check_file_pattern(pattern)) {
    for (const std::string& part : weir::pattern_parts(pattern)) {
      (void)weir::matches_name(part, name);
      if (!weir::is_wild(part)) (void)weir::unescaped_part(part);
    }
  }
  if (name.empty() || name.find('/') != std::string::npos || name.size() > 255) return;
  const std::string escaped = weir::escaped_pattern(name);
  if (!weir::check_file_pattern(escaped)) return;
  const auto parts = weir::pattern_parts(escaped);
  if (parts.size() != 1) return;
  WEIR_CHECK(!weir::is_wild(parts[0]));
  WEIR_CHECK(weir::matches_name(parts[0], name));
  WEIR_CHECK(weir::unescaped_part(parts[0]) == name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string at_once = read(text, text.size() + 1);
  WEIR_CHECK(read(text, 1) == at_once);
  WEIR_CHECK(read(text, 7) == at_once);
  match(text);
  return 0;
}
