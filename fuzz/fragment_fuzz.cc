// Everything of a journal that comes from outside: names of files, lines, compressed streams, the
// index, and the input of an append. What the strict parser takes for one object, the quick look at
// a line must take for one, too, and agree about its uuid.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "journal/decompress.h"
#include "journal/fragment.h"
#include "journal/input.h"
#include "journal/line.h"
#include "journal/stamp.h"
#include "json/events.h"

namespace {

using namespace weir::journal;

constexpr std::size_t kPlainBytesMax = 1u << 20;  // a small stream may unpack to gigabytes

void decompress(std::string_view text) {
  for (const bool gzip : {true, false}) {
    CompressedSource source = [text](std::span<char> out) mutable -> weir::Result<std::size_t> {
      const std::size_t length = std::min<std::size_t>({out.size(), text.size(), 7});
      std::memcpy(out.data(), text.data(), length);
      text.remove_prefix(length);
      return length;
    };
    const auto plain =
        gzip ? gzip_decompressor(std::move(source)) : zstandard_decompressor(std::move(source));
    char piece[4096];
    for (std::size_t bytes = 0; bytes < kPlainBytesMax; bytes += sizeof piece) {
      const auto length = plain->read(piece);
      if (!length || *length < sizeof piece) break;
    }
  }
}

void look_at_line(std::string_view line) {
  weir::document::Uuid uuid;
  const LineKind kind = inspect_line(line, uuid);
  const MetaPlaces places = find_meta(line);
  weir::json::Arena arena;
  const auto parsed = weir::json::parse(line, arena);
  if (!parsed || !parsed->is_object()) return;
  WEIR_CHECK(places.is_object);
  const weir::json::Value* meta = parsed->find("_meta");
  WEIR_CHECK((meta != nullptr) == (places.meta != kNowhere));
  const weir::json::Value* found = meta == nullptr ? nullptr : meta->find("uuid");
  WEIR_CHECK((found != nullptr) == (places.uuid != kNowhere));
  const auto expected = found != nullptr && found->is_string()
                            ? weir::document::parse_uuid(found->as_string())
                            : std::nullopt;
  // An escaped digit inside a uuid is legal JSON and no uuid of ours.
  if (kind == LineKind::kUuid) WEIR_CHECK(expected && expected->clock == uuid.clock);
  if (found != nullptr) return;

  // What is stamped is still what it was, and has the uuid.
  const auto prepared = make_room(line, places);
  if (!prepared) return;
  std::string stamped = prepared->line;
  write_uuid({12345, {1, 2, 3, 4, 5, 6}, 1}, stamped.data() + prepared->uuid_at);
  weir::json::Arena again;
  WEIR_CHECK(weir::json::parse(stamped, again).has_value());
  const std::string flat = compacted(stamped);
  WEIR_CHECK(inspect_line(flat, uuid) == LineKind::kUuid);
  WEIR_CHECK(uuid.clock == 12345);
}

void take_apart(std::string_view text) {
  const ByteSource whole = source_of(text);
  const ByteSource source = [&](std::span<char> out) {
    return whole(out.first(std::min<std::size_t>(out.size(), 5)));
  };
  InputReader reader(source, "input");
  std::size_t bytes = 0;
  for (;;) {
    const auto document = reader.next();
    if (!document || !*document) break;
    WEIR_CHECK((*document)->text.front() == '{');
    WEIR_CHECK((*document)->line > 0 && (*document)->column > 0);
    bytes += (*document)->text.size();
    look_at_line((*document)->text);
  }
  WEIR_CHECK(bytes <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto fragment = parse_fragment_name(text); fragment && fragment->open()) {
    const auto again = parse_fragment_name(open_fragment_name(fragment->begin));
    WEIR_CHECK(again && again->begin == fragment->begin);
  }
  look_at_line(text);
  take_apart(text);
  decompress(text);
  (void)batch_digest_of(text);
  return 0;
}
