#include "document/combiner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"
#include "document/test_support.h"
#include "document/tuple.h"

namespace weir::document {
namespace {

Field field(std::string_view pointer, FieldKind kind = FieldKind::kPlain,
            std::string_view default_json = "") {
  return {*json::Pointer::parse(pointer), kind, std::string(default_json)};
}

BindingSpec binding(std::string_view schema) {
  BindingSpec spec;
  spec.name = "acme/orders → orders";
  spec.keys.push_back(field("/id"));
  spec.schema = compile_schema(schema);
  return spec;
}

std::string text_of(const Element& element) {
  if (std::holds_alternative<Null>(element)) return "null";
  if (const auto* b = std::get_if<bool>(&element)) return *b ? "true" : "false";
  if (const auto* n = std::get_if<std::int64_t>(&element)) return std::to_string(*n);
  if (const auto* d = std::get_if<double>(&element))
    return json::to_text(json::Value::number(std::to_string(*d)));
  if (const auto* s = std::get_if<std::string_view>(&element)) return std::string(*s);
  if (const auto* b = std::get_if<Bytes>(&element)) return std::string(b->text);
  return "?";
}

std::string tuple_text(std::string_view packed) {
  std::string out;
  for (TupleReader reader(packed); !reader.done();) {
    const auto element = reader.next();
    if (!element) return "broken";
    if (!out.empty()) out += ' ';
    out += text_of(*element);
  }
  return out;
}

// A combiner that takes texts and gives rows: `binding key | columns | document`, with `front` and
// `deleted` behind.
class Script {
 public:
  explicit Script(std::vector<BindingSpec> bindings, CombinerOptions options = {})
      : combiner_(std::move(bindings), with_spill(options)) {}

  Script& right(std::uint32_t number, std::vector<std::string> documents) {
    const auto [buffer, views] = buffer_of(documents);
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (hints_ && i + 1 < views.size()) combiner_.expect(number, views[i + 1]);
      note(combiner_.add_right(number, views[i], buffer));
    }
    return *this;
  }
  // Tells from now on which document follows the one in hand.
  Script& with_hints() {
    hints_ = true;
    return *this;
  }
  Script& front(std::uint32_t number, const std::string& document) {
    const Status status = combiner_.add_front(number, document);
    if (!status && error_.empty()) error_ = status.error().message;
    return *this;
  }
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (;;) {
      const auto drained = combiner_.next();
      if (!drained) {
        out.push_back("error: " + drained.error().message);
        break;
      }
      if (!*drained) break;
      out.push_back(row(**drained));
    }
    combiner_.reset();
    return out;
  }
  const std::string& error() const { return error_; }
  const std::string& firsts() const { return firsts_; }
  Combiner& combiner() { return combiner_; }
  MemorySpill& spill() { return spill_; }

 private:
  CombinerOptions with_spill(CombinerOptions options) {
    options.spill = &spill_;
    return options;
  }
  void note(const Result<Added>& added) {
    if (!added && error_.empty()) error_ = added.error().message;
    firsts_ += !added ? 'x' : added->first ? '1' : '0';
  }
  static std::string row(const Drained& drained) {
    EXPECT_TRUE(drained.doc_json.empty() || drained.doc_json.size() == drained.doc_bytes);
    return std::to_string(drained.binding) + " " + tuple_text(drained.key_packed) + " | " +
           tuple_text(drained.values_packed) + " | " + std::string(drained.doc_json) +
           (drained.front ? " front" : "") + (drained.deleted ? " deleted" : "");
  }

  MemorySpill spill_;
  bool hints_ = false;
  Combiner combiner_;
  std::string error_;
  std::string firsts_;
};

using Rows = std::vector<std::string>;

constexpr std::string_view kSum =
    R"({"type":"object","required":["id"],"reduce":{"strategy":"merge"},
  "properties":{"id":{"type":"integer"},"n":{"type":"number","reduce":{"strategy":"sum"}},
                "hi":{"reduce":{"strategy":"maximize"}}}})";
constexpr std::string_view kLast =
    R"({"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}})";
constexpr std::string_view kDeleting =
    R"({"if":{"properties":{"op":{"const":"d"}},"required":["op"]},
  "then":{"reduce":{"strategy":"merge","delete":true}},"else":{"reduce":{"strategy":"merge"}}})";

TEST(Combiner, ReducesByKeyAndSorts) {
  Script script({binding(kSum)});
  script.right(0, {R"({"id":300,"n":1})", R"({"id":2,"n":1,"hi":"a"})", R"({"id":-1,"n":7})",
                   R"({"id":2,"n":2.5,"hi":"b","x":1})", R"({"hi":"a","id":2,"x":2,"n":1})"});
  EXPECT_EQ(script.error(), "");
  EXPECT_EQ(script.firsts(), "11100");
  EXPECT_EQ(script.rows(),
            (Rows{R"(0 -1 |  | {"id":-1,"n":7})", R"(0 2 |  | {"id":2,"n":4.5,"hi":"b","x":2})",
                  R"(0 300 |  | {"id":300,"n":1})"}));
  EXPECT_EQ(script.rows(), Rows{}) << "empty after reset";
}

TEST(Combiner, ALoneDocumentIsEmittedAsItIs) {
  for (const auto schema : {kSum, kLast, kDeleting}) {
    Script script({binding(schema)});
    script.right(0, {R"({ "id" : 1, "op":"d", "n" : 1.50, "s":"\u0041" })"});
    EXPECT_EQ(script.rows(), Rows{R"(0 1 |  | { "id" : 1, "op":"d", "n" : 1.50, "s":"\u0041" })"});
  }
}

TEST(Combiner, BindingsAreApart) {
  Script script({binding(kLast), binding(kSum)});
  script.right(1, {R"({"id":1,"n":1})"})
      .right(0, {R"({"id":1,"n":2})"})
      .right(1, {R"({"id":1,"n":3})"});
  EXPECT_EQ(script.firsts(), "110");
  EXPECT_EQ(script.rows(), (Rows{R"(0 1 |  | {"id":1,"n":2})", R"(1 1 |  | {"id":1,"n":4})"}));
}

TEST(Combiner, LastWriteWinsKeepsTheLast) {
  BindingSpec spec = binding(kLast);
  spec.values = {field("/a"), field("/b", FieldKind::kPlain, "5")};
  Script script({spec});
  script.right(
      0, {R"({"id":1,"a":"long value","b":1})", R"({"id":2,"a":[1, 2]})", R"({"id":1,"a":null})"});
  EXPECT_EQ(script.rows(), (Rows{R"(0 1 | null 5 | {"id":1,"a":null})",
                                 R"(0 2 | [1,2] 5 | {"id":2,"a":[1, 2]})"}));
  EXPECT_TRUE(script.combiner().last_write_wins(0));
}

TEST(Combiner, WhichBindingsAreLastWriteWins) {
  struct Case {
    std::string_view schema;
    bool expected;
  };
  const Case cases[] = {
      {"true", true},
      {kLast, true},
      {kSum, false},
      {kDeleting, false},
      {R"({"reduce":{"strategy":"lastWriteWins"}})", true},
      {R"({"reduce":{"strategy":"lastWriteWins","delete":true}})", false},
      {R"({"properties":{"a":{"reduce":{"strategy":"sum"}},"b":{"reduce":{"strategy":"merge","delete":true}}}})",
       true},
      {R"({"$ref":"#/$defs/x","$defs":{"x":{"reduce":{"strategy":"merge"}}}})", false},
      {R"({"anyOf":[{"reduce":{"strategy":"firstWriteWins"}},true]})", false},
      {R"({"$defs":{"x":{"reduce":{"strategy":"merge"}}}})", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.schema);
    EXPECT_EQ(Combiner({binding(c.schema)}, {}).last_write_wins(0), c.expected);
  }
}

TEST(Combiner, FrontDocumentsAreLeftMost) {
  Script script({binding(kSum), binding(kLast)});
  script.right(0, {R"({"id":1,"n":1})", R"({"id":1,"n":2})", R"({"id":2,"n":5})"})
      .front(0, R"({"id":1,"n":10,"old":true})")
      .right(0, {R"({"id":1,"n":4})"})
      .right(1, {R"({"id":1,"n":4})"})
      .front(1, R"({"id":1,"n":5})");
  EXPECT_EQ(script.rows(),
            (Rows{R"(0 1 |  | {"id":1,"n":17,"old":true} front)", R"(0 2 |  | {"id":2,"n":5})",
                  R"(1 1 |  | {"id":1,"n":4} front)"}));
}

TEST(Combiner, Deletions) {
  Script script({binding(kDeleting)});
  // A lone deletion with nothing loaded is stored as it is.
  script.right(0, {R"({"id":1,"op":"d"})"});
  script.right(0, {R"({"id":2,"v":1})", R"({"id":2,"op":"d"})"});
  script.right(0, {R"({"id":3,"op":"d"})"}).front(0, R"({"id":3,"v":1})");
  script.right(0, {R"({"id":4,"v":1})", R"({"id":4,"op":"d"})", R"({"id":4,"op":"u","w":1})"});
  EXPECT_EQ(script.rows(),
            (Rows{R"(0 1 |  | {"id":1,"op":"d"})", R"(0 2 |  | {"id":2,"v":1,"op":"d"} deleted)",
                  R"(0 3 |  | {"id":3,"v":1,"op":"d"} front deleted)",
                  R"(0 4 |  | {"id":4,"v":1,"op":"u","w":1})"}));
}

TEST(Combiner, ADestinationThatRemovesRowsStartsAnewAfterADeletion) {
  BindingSpec spec = binding(kDeleting);
  spec.removes_deleted = true;
  Script script({spec});
  script.right(0, {R"({"id":4,"op":"d"})", R"({"id":4,"op":"u","w":1})"})
      .front(0, R"({"id":4,"v":1})");
  EXPECT_EQ(script.rows(), Rows{R"(0 4 |  | {"id":4,"op":"u","w":1} front)"});
}

TEST(Combiner, DeltaUpdatesMayEmitSeveral) {
  BindingSpec spec = binding(R"({"reduce":{"strategy":"merge"},"properties":{
      "n":{"reduce":{"strategy":"sum"}},"x":{"reduce":{"strategy":"lastWriteWins","associative":false}}}})");
  spec.delta_updates = true;
  Script script({spec});
  script.right(0, {R"({"id":1,"n":1})", R"({"id":1,"n":2,"x":1})", R"({"id":1,"x":2})",
                   R"({"id":1,"n":5})"});
  EXPECT_EQ(script.rows(),
            (Rows{R"(0 1 |  | {"id":1,"n":3,"x":1})", R"(0 1 |  | {"id":1,"x":2,"n":5})"}));
  BindingSpec sum = binding(kSum);
  sum.delta_updates = true;
  Script summing({sum});
  summing.right(0, {R"({"id":1,"n":1})", R"({"id":1,"n":2})"});
  EXPECT_EQ(summing.rows(), Rows{R"(0 1 |  | {"id":1,"n":3})"});
}

TEST(Combiner, SpecialColumns) {
  BindingSpec spec = binding("true");
  spec.values = {field("/_meta/uuid", FieldKind::kPublishedAt),
                 field("/_meta/flow_truncated", FieldKind::kTruncated), field("/s"), field("")};
  spec.truncation = {
      .str_truncate_after = 6, .nested_obj_truncate_after = 1, .array_truncate_after = 2};
  spec.with_document = false;
  Script script({spec});
  script.right(
      0, {R"({"id":1})",
          R"({"id":2,"_meta":{"uuid":"13814000-1dd2-11b2-9402-0302abcdef01"},"s":"abcd\u00e9f"})",
          R"({"id":3,"s":[1,2,3],"_meta":{"uuid":"no uuid"}})"});
  EXPECT_EQ(script.rows(),
            (Rows{R"(0 1 | null false null {"id":1} | )",
                  "0 2 | 1970-01-01T00:00:00.00000002Z true abcd\u00e9 {\"id\":2} | ",
                  R"(0 3 | no uui true [1,2] {"id":3} | )"}));
}

TEST(Combiner, DocumentsAreCutForTheDestination) {
  BindingSpec spec = binding("true");
  spec.values = {field("/_meta/flow_truncated", FieldKind::kTruncated)};
  spec.truncation.str_truncate_after = 4;
  Script script({spec});
  script.right(0, {R"({"id":1,"s":"abcdefgh","t":["12345"]})", R"({"id":2,"s":"abcd", "t":[]})"});
  EXPECT_EQ(script.rows(), (Rows{R"(0 1 | true | {"id":1,"s":"abcd","t":["1234"]})",
                                 R"(0 2 | false | {"id":2,"s":"abcd", "t":[]})"}));
}

TEST(Combiner, KeysWithDefaultsAndSeveralFields) {
  BindingSpec spec = binding("true");
  spec.keys = {field("/a/b", FieldKind::kPlain, R"("none")"), field("/c")};
  Script script({spec});
  script.right(0, {R"({"a":{"b":"x"},"c":1})", R"({"c":1.0})", R"({"a":{},"c":1,"z":2})",
                   R"({"a":{"b":null}})",
                   R"({"a":{"b":"a key that is longer than what fits an entry"},"c":true})",
                   R"({"a":{"b":"a key that is longer than what fits an entry"},"c":true,"z":1})"});
  EXPECT_EQ(script.firsts(), "110110");
  EXPECT_EQ(
      script.rows(),
      (Rows{
          R"(0 null null |  | {"a":{"b":null}})",
          R"(0 a key that is longer than what fits an entry true |  | {"a":{"b":"a key that is longer than what fits an entry"},"c":true,"z":1})",
          R"(0 none 1 |  | {"a":{},"c":1,"z":2})", R"(0 x 1 |  | {"a":{"b":"x"},"c":1})"}));
}

TEST(Combiner, ErrorsNameThePlaceAndNoValue) {
  struct Case {
    std::string_view schema;
    std::vector<std::string> documents;
    std::string expected;
  };
  const Case cases[] = {
      {kLast, {R"({"id":1,)"}, "the document ends too early (byte 8 of a document)"},
      {kLast, {R"([1])"}, "a document must be an object (byte 0 of a document)"},
      {kLast, {R"({"id":"secret"})"}, "at /id: "},
      {kLast, {R"({"x":"secret"})"}, "at the document's root: "},
      {kSum, {R"({"id":1,"n":"secret"})"}, "at /n: "},
      {R"({"properties":{"s":{"maxLength":3}}})", {R"({"id":1,"s":"secret"})"}, "at /s: "},
      {R"({"reduce":{"strategy":"merge"},"properties":{"n":{"reduce":{"strategy":"sum"}}}})",
       {R"({"id":1,"n":1})", R"({"id":1,"n":"secret"})"},
       "at /n: reduction sum (test:schema#/properties/n/reduce): only numbers"},
      {"true", {R"({"id":1e400})"}, "at /id: a number with more digits"},
      {R"({"reduce":{"strategy":"sums"}})",
       {R"({"id":1})"},
       "test:schema#/reduce: unknown strategy"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.documents.back());
    Script script({binding(c.schema)});
    script.right(0, c.documents);
    std::string error = script.error();
    if (error.empty()) error = script.rows().back().substr(7);
    EXPECT_EQ(error.substr(0, error.find(": ")), "acme/orders → orders");
    EXPECT_EQ(error.substr(error.find(": ") + 2, c.expected.size()), c.expected) << error;
    EXPECT_EQ(error.find("secret"), std::string::npos) << error;
  }
}

TEST(Combiner, OfARepeatedNameTheLastCounts) {
  BindingSpec spec = binding(R"({"properties":{"id":{"type":"integer"},"a":{"type":"integer"}}})");
  spec.values = {field("/a")};
  Script script({spec});
  script.right(0, {R"({"id":"x","id":1,"a":"y","a":2})"});
  EXPECT_EQ(script.error(), "");
  EXPECT_EQ(script.rows(), Rows{R"(0 1 | 2 | {"id":"x","id":1,"a":"y","a":2})"});
}

TEST(Combiner, AColumnThatWouldBeRoundedIsRefused) {
  BindingSpec spec = binding("true");
  spec.values = {field("/v")};
  Script script({spec});
  script.right(0, {R"({"id":1,"v":0.12345678901234567890})"});
  EXPECT_EQ(
      script.error().substr(
          0, std::string_view("acme/orders → orders: at /v: a number with more digits th").size()),
      "acme/orders → orders: at /v: a number with more digits th");
}

TEST(Combiner, WhatIsWrongWithAnExpectedDocumentIsSaidWhenItIsAdded) {
  Combiner combiner({binding(kSum)}, {});
  const auto [buffer, views] = buffer_of({R"({"id":1})", R"({"id":)", R"({"id":2})"});
  combiner.expect(0, views[1]);
  EXPECT_TRUE(combiner.add_right(0, views[0], buffer));
  combiner.expect(0, views[2]);
  EXPECT_FALSE(combiner.add_right(0, views[1], buffer));
  EXPECT_TRUE(combiner.add_right(0, views[2], buffer));
}

TEST(Combiner, BuffersAreLetGo) {
  Combiner combiner({binding(kSum)}, {});
  std::weak_ptr<const std::string> first;
  {
    auto [buffer, views] = buffer_of({R"({"id":1,"n":1})"});
    first = buffer;
    ASSERT_TRUE(combiner.add_right(0, views[0], buffer));
  }
  EXPECT_FALSE(first.expired()) << "a document points into it";
  for (int i = 0; i < 2; ++i) {
    auto [buffer, views] = buffer_of({R"({"id":1,"n":1})"});
    ASSERT_TRUE(combiner.add_right(0, views[0], buffer));
  }
  EXPECT_TRUE(first.expired());
  combiner.reset();
}

TEST(Combiner, SpillsWithinItsMemory) {
  for (const bool programs : {true, false}) {
    CombinerOptions options;
    options.memory_max = 300'000;
    options.use_programs = programs;
    Script script({binding(kSum)}, options);
    Random random(1);
    std::map<std::uint64_t, std::uint64_t> expected;
    std::string firsts;
    for (int batch = 0; batch < 60; ++batch) {
      std::vector<std::string> documents;
      for (int i = 0; i < 100; ++i) {
        const std::uint64_t id = random.below(1500);
        const std::uint64_t n = random.below(100);
        firsts += expected.contains(id) ? '0' : '1';
        expected[id] += n;
        documents.push_back(R"({"id":)" + std::to_string(id) + R"(,"n":)" + std::to_string(n) +
                            R"(,"pad":")" + std::string(80, 'x') + "\"}");
      }
      script.right(0, documents);
      ASSERT_LE(script.combiner().memory_used(), options.memory_max + 50'000);
    }
    EXPECT_EQ(script.error(), "");
    EXPECT_EQ(script.firsts(), firsts) << "spilled keys are remembered";
    EXPECT_GT(script.combiner().spilled_bytes(), 100'000u);
    Rows rows;
    for (const auto& [id, n] : expected) {
      rows.push_back("0 " + std::to_string(id) + R"( |  | {"id":)" + std::to_string(id) +
                     R"(,"n":)" + std::to_string(n) + R"(,"pad":")" + std::string(80, 'x') + "\"}");
    }
    EXPECT_EQ(script.rows(), rows);
    EXPECT_EQ(script.spill().size(), 0u) << "the file is emptied with reset()";
    EXPECT_EQ(script.combiner().spilled_bytes(), 0u);
  }
}

TEST(Combiner, AFullDiskIsAnError) {
  CombinerOptions options;
  options.memory_max = 20'000;
  Script script({binding(kSum)}, options);
  script.spill().bytes_max = 1000;
  std::vector<std::string> documents;
  for (int i = 0; i < 2000; ++i)
    documents.push_back(R"({"id":)" + std::to_string(i) + R"(,"n":1})");
  script.right(0, documents);
  EXPECT_EQ(script.error(), "no room");
  script.combiner().reset();
  script.spill().bytes_max = 1'000'000;
  EXPECT_EQ(script.rows(), Rows{});
}

// ---- the same rows by every way ----

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
