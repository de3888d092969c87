// Records of the local store. Whatever decodes must encode to bytes that decode to the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "delivery/history.h"
#include "delivery/records.h"

namespace {

template <typename T>
void check(weir::Result<T> (*decode)(std::string_view), std::string_view text) {
  const auto record = decode(text);
  if (!record) {
    const weir::Code code = record.error().code;
    WEIR_CHECK(code == weir::Code::kCorrupt || code == weir::Code::kRefused);
    return;
  }
  const auto again = decode(encode(*record));
  WEIR_CHECK(again.has_value());
  WEIR_CHECK(*again == *record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check(weir::delivery::decode_mark, text);
  check(weir::delivery::decode_facts, text);
  check(weir::delivery::decode_user_record, text);
  check(weir::delivery::decode_history_record, text);
  return 0;
}
