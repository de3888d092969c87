#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "document/combiner_script.h"

namespace weir::document {
namespace {

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

}  // namespace
}  // namespace weir::document
