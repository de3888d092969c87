// A catalog is written by hand: any bytes are read or refused with a place, within the limits.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/events.h"
#include "json/host/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  weir::json::Arena arena;
  std::vector<weir::json::YamlBlock> blocks;
  const auto value = weir::json::parse_yaml(input, arena, &blocks);
  if (!value) {
    WEIR_CHECK(!value.error().message.empty());
    return 0;
  }
  // What was read is JSON.
  const auto again = parse(to_text(*value), arena);
  WEIR_CHECK(again.has_value() && equal(*again, *value));
  for (const auto& block : blocks) WEIR_CHECK(block.content.line == block.scalar.line + 1);
  return 0;
}
