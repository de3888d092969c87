// Documents come from outside. Three walks and the strict parser must agree on what is JSON, and a
// document must read back as it was written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/events.h"
#include "json/host/document_parser.h"
#include "json/number.h"

namespace {

using weir::json::Arena;
using weir::json::Pointer;
using weir::json::Slot;
using weir::json::Value;

const std::vector<Pointer>& pointers() {
  static const std::vector<Pointer> all = [] {
    std::vector<Pointer> made;
    for (const char* text : {"", "/a", "/a/b", "/a/0", "/0", "/1/a", "/"}) {
      made.push_back(*Pointer::parse(text));
    }
    return made;
  }();
  return all;
}

void check_numbers(const Value& value) {
  if (value.is_number()) {
    const std::string_view text = value.number_text();
    WEIR_CHECK(weir::json::is_number_text(text));
    WEIR_CHECK(weir::json::compare_numbers(text, text) == 0);
    const auto sum = weir::json::add_decimals(text, "1");
    if (sum) WEIR_CHECK(weir::json::compare_numbers(*sum, text) > 0);
    const auto integer = weir::json::integral_int64(text);
    if (integer) {
      WEIR_CHECK(weir::json::is_integral(text));
      WEIR_CHECK(weir::json::compare_numbers(std::to_string(*integer), text) == 0);
    }
    (void)weir::json::exact_as_double(text);
  } else if (value.is_array()) {
    for (const Value& item : value.items()) check_numbers(item);
  } else if (value.is_object()) {
    for (const auto& member : value.members()) check_numbers(member.value);
  }
}

void check_slots(const Value& root, const std::vector<Slot>& slots) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Value* found = pointers()[i].find(root);
    WEIR_CHECK(slots[i].present == (found != nullptr));
    if (found == nullptr) continue;
    WEIR_CHECK(slots[i].value.kind() == found->kind());
    if (!found->is_array() && !found->is_object()) WEIR_CHECK(equal(slots[i].value, *found));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  std::string padded(input);
  padded.append(weir::json::kDocumentPadding, '"');
  const std::string_view document = std::string_view(padded).substr(0, size);

  Arena arena;
  const auto strict = parse(input, arena, weir::json::Duplicates::kLastWins);
  weir::json::DocumentParser parser;
  const auto tree = parser.parse(document, arena);
  std::vector<Slot> slots(pointers().size());
  const weir::json::PointerSet set(pointers());
  WEIR_CHECK(strict.has_value() == tree.has_value());
  WEIR_CHECK(strict.has_value() == weir::json::check_document(document).has_value());
  WEIR_CHECK(strict.has_value() == weir::json::capture(document, set, slots, arena).has_value());
  if (!strict) {
    WEIR_CHECK(strict.error().place.line > 0 && strict.error().place.column > 0);
    WEIR_CHECK(tree.error().offset <= size);
    return 0;
  }
  const std::string text = to_text(*strict);
  WEIR_CHECK(text == to_text(*tree));
  const auto again = parse(text, arena);
  WEIR_CHECK(again.has_value() && equal(*again, *tree) && compare(*again, *tree) == 0);
  check_slots(*tree, slots);
  check_numbers(*tree);
  return 0;
}
