#include "document/plan.h"

#include <gtest/gtest.h>

#include "document/test_support.h"

namespace weir::document {
namespace {

constexpr std::string_view name_of(SlotOp op) {
  switch (op) {
    case SlotOp::kFirst: return "first";
    case SlotOp::kSum: return "sum";
    case SlotOp::kMinimize: return "min";
    case SlotOp::kMaximize: return "max";
  }
  return "";
}

// `/pointer: member=op …` per object, or "none".
std::string program(std::string_view schema_text) {
  const auto schema = compile_schema(schema_text);
  const auto reductions = Reductions::compile(*schema);
  const StaticReductions statics = StaticReductions::of(*schema, *reductions);
  if (statics.objects.empty()) return "none";
  std::string out;
  for (const StaticReductions::Object& object : statics.objects) {
    out += (out.empty() ? "" : "; ") + object.pointer.text() + ":";
    for (const StaticReductions::Member& member : object.members) {
      out += " " + member.name + "=";
      out += member.op ? std::string(name_of(*member.op)) : "#" + std::to_string(member.merges);
    }
  }
  return out;
}

TEST(Plan, ReadsProgramsOffSchemas) {
  struct Case {
    std::string_view schema, expected;
  };
  constexpr Case kCases[] = {
      {"true", "none"},
      {R"({"reduce":{"strategy":"merge"}})", ":"},
      {R"({"reduce":{"strategy":"merge"},"properties":{"a":{"reduce":{"strategy":"sum"}},"b":{},
           "c":{"reduce":{"strategy":"minimize"}},"d":{"reduce":{"strategy":"firstWriteWins"}}}})",
       ": a=sum c=min d=first"},
      {R"({"$ref":"#/$defs/r","$defs":{"r":{"reduce":{"strategy":"merge"},"allOf":[{"properties":{
           "a":{"reduce":{"strategy":"maximize"}}}}]}}})",
       ": a=max"},
      {R"({"reduce":{"strategy":"merge"},"properties":{"o":{"reduce":{"strategy":"merge"},
           "properties":{"n":{"reduce":{"strategy":"sum"}}}}}})",
       ": o=#1; /o: n=sum"},
      // Below what is taken whole, annotations do not matter.
      {R"({"reduce":{"strategy":"merge"},"properties":{"o":{"properties":{"n":{"reduce":{"strategy":"append"}}}}}})",
       ":"},
      // Conditions without annotations do not either.
      {R"({"reduce":{"strategy":"merge"},"oneOf":[{"required":["a"]},{"required":["b"]}],
           "properties":{"a":{"reduce":{"strategy":"sum"}}}})",
       ": a=sum"},
      // What has to look at the document.
      {R"({"reduce":{"strategy":"merge"},"oneOf":[{"properties":{"a":{"reduce":{"strategy":"sum"}}}},false]})",
       "none"},
      {R"({"reduce":{"strategy":"merge"},"if":{"required":["a"]},"then":{"reduce":{"strategy":"lastWriteWins"}}})",
       "none"},
      {R"({"reduce":{"strategy":"merge"},"additionalProperties":{"reduce":{"strategy":"sum"}}})",
       "none"},
      {R"({"reduce":{"strategy":"merge"},"patternProperties":{"^a":{"reduce":{"strategy":"sum"}}}})",
       "none"},
      // What needs trees.
      {R"({"reduce":{"strategy":"merge","delete":true}})", "none"},
      {R"({"reduce":{"strategy":"merge"},"properties":{"a":{"reduce":{"strategy":"append"}}}})",
       "none"},
      {R"({"reduce":{"strategy":"merge"},"properties":{"a":{"reduce":{"strategy":"minimize","key":["/k"]}}}})",
       "none"},
      {R"({"reduce":{"strategy":"merge"},"properties":{"a":{"reduce":{"strategy":"lastWriteWins","associative":false}}}})",
       "none"},
      // Two annotations that differ at one place.
      {R"({"reduce":{"strategy":"merge"},"allOf":[{"properties":{"a":{"reduce":{"strategy":"sum"}}}},
           {"properties":{"a":{"reduce":{"strategy":"maximize"}}}}]})",
       "none"},
      // Objects in themselves, without end.
      {R"({"reduce":{"strategy":"merge"},"properties":{"o":{"$ref":"#"}}})", "none"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.schema);
    EXPECT_EQ(program(c.schema), c.expected);
  }
}

}  // namespace
}  // namespace weir::document
