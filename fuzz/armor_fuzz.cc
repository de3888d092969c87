// Armor, in one piece and in pieces of three bytes: both must say the same, and what is read must
// be written again in the same form.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "secrets/age_armor.h"

namespace {

using weir::Status;

bool read(std::string_view text, std::size_t piece, std::string* out) {
  weir::secrets::ArmorReader reader([out](std::string_view bytes) -> Status {
    *out += bytes;
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (!reader.write(text.substr(at, piece))) return false;
  }
  return reader.finish().has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  std::string whole, pieces;
  const bool good = read(text, text.size() + 1, &whole);
  WEIR_CHECK(read(text, 3, &pieces) == good);
  if (!good) return 0;
  WEIR_CHECK(whole == pieces);
  std::string again;
  weir::secrets::ArmorWriter writer([&again](std::string_view more) -> Status {
    again += more;
    return {};
  });
  WEIR_CHECK(writer.write(whole).has_value() && writer.finish().has_value());
  std::string back;
  WEIR_CHECK(read(again, 64, &back) && back == whole);
  return 0;
}
