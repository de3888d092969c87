// Schemas come with collections: any JSON compiles or is refused with its location, and what
// compiles answers the same with and without annotations. The input is a schema, a byte 0xff and an
// instance.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/events.h"
#include "json/host/re2_regex.h"
#include "json/schema.h"
#include "json/schema_node.h"

namespace {

constexpr std::string_view kInstance =
    R"({"a":[1,{"b":"x"},null,[true]],"b":{"a":1.5,"c":"2026-11-22"},"c":"a","d":-7})";

void check(const weir::json::Schema& schema, const weir::json::Value& instance) {
  weir::json::Outcome outcome;
  schema.validate(instance, outcome);
  WEIR_CHECK(outcome.valid == schema.is_valid(instance));
  WEIR_CHECK(outcome.valid == outcome.problems.empty());
  WEIR_CHECK(outcome.valid || outcome.annotations.empty());
  WEIR_CHECK(outcome.problems.size() <= weir::json::kSchemaProblemsMax);
  for (const auto& annotation : outcome.annotations) {
    WEIR_CHECK(annotation.instance != nullptr && annotation.site < schema.sites().size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t split = input.find('\xff');
  const auto text = weir::json::parse_tree(input.substr(0, split));
  if (!text) return 0;
  weir::json::SchemaStore store;
  if (!store.add("fuzz:schema", text->root)) return 0;
  weir::json::SchemaOptions options;
  options.regex = weir::json::re2_regex_factory();
  options.assert_formats = size % 2 == 1;
  const auto schema = store.compile("fuzz:schema", options);
  if (!schema) {
    WEIR_CHECK(!schema.error().message.empty());
    return 0;
  }
  const bool has_instance = split != std::string_view::npos;
  const auto instance = weir::json::parse_tree(has_instance ? input.substr(split + 1) : kInstance);
  if (instance) check(**schema, instance->root);
  return 0;
}
