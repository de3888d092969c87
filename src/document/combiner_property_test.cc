// Whatever the way documents take through the combiner, the rows are the same to the byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "document/combiner_script.h"

namespace weir::document {
namespace {

std::string member_value(Random& random) {
  switch (random.below(12)) {
    case 0: return "null";
    case 1: return R"("text")";
    case 2: return R"("es\u0063ap\/ed")";
    case 3: return "[1, 2]";
    case 4: return R"({"k" : 1})";
    case 5: return "\"" + std::to_string(random.below(50)) + "\"";
    case 6: return std::to_string(random.below(50)) + "." + std::to_string(random.below(100));
    case 7: return R"("a text that is longer than what a slot holds by itself")";
    default: return (random.one_in(4) ? "-" : "") + std::to_string(random.below(1000));
  }
}

// Members of a random schema, and how they reduce.
struct RandomSchema {
  std::string text;
  std::vector<std::string> members;
  bool nested = false;
};

RandomSchema random_schema(Random& random) {
  constexpr std::string_view kRules[] = {
      "{}",
      R"({"type":["integer","null","string"]})",
      R"({"reduce":{"strategy":"sum"}})",
      R"({"reduce":{"strategy":"minimize"}})",
      R"({"reduce":{"strategy":"maximize"}})",
      R"({"reduce":{"strategy":"firstWriteWins"}})",
      R"({"reduce":{"strategy":"lastWriteWins"}})",
      R"({"type":"number","reduce":{"strategy":"sum"}})",
  };
  RandomSchema schema;
  std::string properties;
  for (const char* name : {"a", "b", "c", "a_rather_long_name"}) {
    if (random.one_in(4)) continue;
    properties += (properties.empty() ? "\"" : ",\"") + std::string(name) +
                  "\":" + std::string(kRules[random.below(std::size(kRules))]);
    schema.members.emplace_back(name);
  }
  schema.members.emplace_back("unknown");
  schema.nested = random.one_in(2);
  if (schema.nested) {
    properties +=
        std::string(properties.empty() ? "" : ",") +
        R"("o":{"reduce":{"strategy":"merge"},"properties":{"n":{"reduce":{"strategy":"sum"}},"m":{"reduce":{"strategy":"maximize"}}}})";
  }
  schema.text =
      R"({"type":"object","reduce":{"strategy":"merge"},"properties":{)" + properties + "}}";
  return schema;
}

std::string random_document(Random& random, const RandomSchema& schema, int id) {
  std::vector<std::string> members{"\"id\":" + std::to_string(id)};
  for (const std::string& name : schema.members) {
    if (!random.one_in(6)) members.push_back("\"" + name + "\": " + member_value(random));
  }
  if (schema.nested && !random.one_in(5)) {
    members.push_back(random.one_in(8) ? R"("o":null)"
                                       : R"("o":{"n":)" + std::to_string(random.below(9)) +
                                             R"(,"m":)" + member_value(random) + R"(,"x":1})");
  }
  if (random.one_in(10)) members.push_back(R"("unknown":"twice")");
  if (random.one_in(6)) std::swap(members.front(), members.back());
  std::string out = "{";
  for (const std::string& member : members) out += (out.size() > 1 ? "," : "") + member;
  return out + "}";
}

struct Input {
  std::vector<std::string> documents;
  std::vector<std::string> fronts;
};

Rows rows_of(const BindingSpec& spec, const Input& input, CombinerOptions options,
             bool hints = false) {
  Script script({spec}, options);
  if (hints) script.with_hints();
  const std::size_t half = input.documents.size() / 2;
  script.right(
      0, {input.documents.begin(), input.documents.begin() + static_cast<std::ptrdiff_t>(half)});
  for (const std::string& front : input.fronts) script.front(0, front);
  script.right(
      0, {input.documents.begin() + static_cast<std::ptrdiff_t>(half), input.documents.end()});
  Rows rows = script.rows();
  if (!script.error().empty()) return {"error"};
  if (!rows.empty() && rows.back().starts_with("error")) return {"error"};
  return rows;
}

TEST(Combiner, EveryWayGivesTheSameBytes) {
  Random random(2024);
  int compared = 0;
  for (int round = 0; round < 150; ++round) {
    const RandomSchema schema = random_schema(random);
    BindingSpec spec = binding(schema.text);
    spec.values = {field("/a"), field("/o/n")};
    spec.delta_updates = random.one_in(5);
    const auto keys = 1 + random.below(6);
    Input input;
    // Errors end a combiner, so wrong documents come one to a round at most.
    for (std::uint64_t i = random.below(40); i > 0; --i) {
      input.documents.push_back(
          random_document(random, schema, static_cast<int>(random.below(keys))));
    }
    for (std::uint64_t key = 0; key < keys && !spec.delta_updates; ++key) {
      if (random.one_in(3))
        input.fronts.push_back(random_document(random, schema, static_cast<int>(key)));
    }
    CombinerOptions options;
    options.use_programs = false;
    const Rows expected = rows_of(spec, input, options);
    options.use_programs = true;
    SCOPED_TRACE(schema.text);
    const Rows in_place = rows_of(spec, input, options);
    ASSERT_EQ(rows_of(spec, input, options, true), in_place);
    // Trees look at each document for itself; in place, what later ones replaced may have passed
    // unseen.
    if (expected != Rows{"error"}) {
      ASSERT_EQ(in_place, expected);
      compared += static_cast<int>(expected.size());
    }
    options.memory_max = 9'000;
    if (in_place != Rows{"error"}) ASSERT_EQ(rows_of(spec, input, options, true), in_place);
    options.use_programs = false;
    if (expected != Rows{"error"}) ASSERT_EQ(rows_of(spec, input, options), expected);
  }
  EXPECT_GT(compared, 30);
}

}  // namespace
}  // namespace weir::document
