#include "delivery/record_json.h"

#include <fmt/format.h>

#include "delivery/records.h"
#include "json/events.h"
#include "json/number.h"

namespace weir::delivery {

std::string record_begin() {
  return fmt::format(R"({{"version":{})", kRecordVersion);
}

Result<json::Tree> parse_record(std::string_view text) {
  auto tree = json::parse_tree(text);
  if (!tree) return error(Code::kCorrupt, "{}", tree.error().message);
  const json::Value* version = tree->root.find("version");
  std::optional<std::uint64_t> number;
  if (version != nullptr && version->is_number()) number = json::to_uint64(version->number_text());
  if (!number || *number == 0) return error(Code::kCorrupt, "a record without its version");
  if (*number > kRecordVersion) {
    return error(
        Code::kRefused,
        "a record of version {}, and this weir knows versions up to {}: run the newer version "
        "that wrote it",
        *number, kRecordVersion);
  }
  return tree;
}

}  // namespace weir::delivery
