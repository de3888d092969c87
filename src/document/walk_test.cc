#include "document/walk.h"

#include <gtest/gtest.h>

#include <map>

namespace weir::document {
namespace {

json::Pointer pointer(std::string_view text) {
  return *json::Pointer::parse(text);
}

// Walks a copy that has the room behind it which walks ask for.
class Walked {
 public:
  Walked(const WalkPlan& plan, std::string_view document) : walker_(plan), bytes_(document) {
    bytes_.append(json::kDocumentPadding, '#');
    const auto walked = walker_.walk(std::string_view(bytes_).substr(0, document.size()));
    if (!walked) error_ = walked.error().message;
  }
  const std::string& error() const { return error_; }
  std::string raw(std::size_t i) const {
    const Capture& capture = walker_.captures()[i];
    return capture.present() ? std::string(capture.raw) : "absent";
  }
  std::uint64_t layout() const { return walker_.layout(); }
  bool regular() const { return walker_.regular(); }

 private:
  Walker walker_;
  std::string bytes_;
  std::string error_;
};

TEST(Walk, CapturesLocations) {
  WalkPlan plan;
  constexpr std::string_view kPointers[] = {
      "/id", "/_meta/uuid", "/tags/1", "/a~1b", "", "/_meta", "/long_name_of_a_member/x", "/0"};
  std::vector<std::uint32_t> captures;
  for (const auto text : kPointers) captures.push_back(plan.want(plan.at(pointer(text))));
  EXPECT_EQ(plan.want(plan.at(pointer("/id"))), captures[0]);
  plan.finish();

  struct Case {
    std::string_view document;
    std::map<std::string_view, std::string> expected;  // what is not named is absent
  };
  const Case cases[] = {
      {R"({})", {{"", "{}"}}},
      {R"( {"id" : 12 , "x":[1,{"id":2}]} )",
       {{"/id", "12"}, {"", R"({"id" : 12 , "x":[1,{"id":2}]})"}}},
      {R"({"_meta":{"x":1,"uuid":"u\n"},"a/b":null})",
       {{"/_meta/uuid", R"("u\n")"},
        {"/_meta", R"({"x":1,"uuid":"u\n"})"},
        {"/a~1b", "null"},
        {"", R"({"_meta":{"x":1,"uuid":"u\n"},"a/b":null})"}}},
      {R"({"tags":["a","b","c"]})", {{"/tags/1", R"("b")"}, {"", R"({"tags":["a","b","c"]})"}}},
      {R"({"tags":{"1":true}})", {{"/tags/1", "true"}, {"", R"({"tags":{"1":true}})"}}},
      {R"({"long_name_of_a_membeR":{"x":1},"long_name_of_a_member":{"x":[]}})",
       {{"/long_name_of_a_member/x", "[]"},
        {"", R"({"long_name_of_a_membeR":{"x":1},"long_name_of_a_member":{"x":[]}})"}}},
      {R"({"\u0069d":7,"0":[ ]})", {{"/id", "7"}, {"/0", "[ ]"}, {"", R"({"\u0069d":7,"0":[ ]})"}}},
      // The last of equal names counts, with all that is below.
      {R"({"id":1,"_meta":{"uuid":"a"},"id":2,"_meta":{}})",
       {{"/id", "2"},
        {"/_meta", "{}"},
        {"", R"({"id":1,"_meta":{"uuid":"a"},"id":2,"_meta":{}})"}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.document);
    const Walked walked(plan, c.document);
    EXPECT_EQ(walked.error(), "");
    for (std::size_t i = 0; i < std::size(kPointers); ++i) {
      const auto expected = c.expected.find(kPointers[i]);
      EXPECT_EQ(walked.raw(captures[i]), expected == c.expected.end() ? "absent" : expected->second)
          << kPointers[i];
    }
  }
}

TEST(Walk, RefusesWhatIsNoDocument) {
  WalkPlan plan;
  plan.want(plan.at(pointer("/a/b")));
  plan.want(plan.at(pointer("/c/0")));
  plan.lay_out(plan.at(pointer("")));
  plan.finish();
  constexpr std::string_view kBroken[] = {"",
                                          "[]",
                                          "1",
                                          "null",
                                          "{",
                                          R"({"a")",
                                          R"({"a":})",
                                          R"({"a":1,})",
                                          R"({,})",
                                          R"({"a":1)",
                                          R"({"a":01})",
                                          R"({"a":tru})",
                                          R"({"a":1}})",
                                          R"({"a":{]}})",
                                          R"({"a" 1})",
                                          R"({"a":"x)",
                                          R"({a:1})",
                                          R"({"c":[1,]})",
                                          R"({"c":[,]})",
                                          R"({"c":[1)",
                                          R"({"x":"\q"})",
                                          "{\"x\":\"\x01\"}",
                                          "{\"x\":\"\xff\"}",
                                          "{\"x\":\"\xed\xa0\x80\"}",
                                          R"({"a":1} x)",
                                          R"({"a":1,"b"})",
                                          "{\"a\":1.}",
                                          "{\"a\":-}"};
  for (const std::string_view text : kBroken) {
    EXPECT_NE(Walked(plan, text).error(), "") << text;
  }
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += R"({"a":)";
  EXPECT_EQ(Walked(plan, deep + "1" + std::string(200, '}')).error(), "nested too deep");
}

TEST(Walk, LayoutIsNamesAndTheirOrder) {
  WalkPlan plan;
  plan.want(plan.at(pointer("/id")));
  plan.lay_out(plan.at(pointer("")));
  plan.lay_out(plan.at(pointer("/stats")));
  plan.finish();
  const auto layout = [&](std::string_view document) {
    const Walked walked(plan, document);
    EXPECT_EQ(walked.error(), "");
    return walked.layout();
  };
  const std::uint64_t base = layout(R"({"id":1,"x":2,"stats":{"a":1}})");
  EXPECT_EQ(base, layout(R"({ "id" : "one", "x" : [{}], "stats" : { "a" : null } })"));
  constexpr std::string_view kOthers[] = {
      R"({"x":2,"id":1,"stats":{"a":1}})",
      R"({"id":1,"x":2,"stats":{"b":1}})",
      R"({"id":1,"x":2,"stats":{}})",
      R"({"id":1,"x":2})",
      R"({"id":1,"x":2,"y":1,"stats":{"a":1}})",
      R"({"id":1,"y":2,"stats":{"a":1}})",
      R"({"id":1,"x":2,"stats":{},"a":1})",
      R"({"id":1,"x":2,"stats":{"a":1,"a":1}})",
  };
  for (const std::string_view other : kOthers) EXPECT_NE(layout(other), base) << other;
  EXPECT_TRUE(Walked(plan, R"({"stats":{}})").regular());
  EXPECT_TRUE(Walked(plan, R"({})").regular());
  EXPECT_FALSE(Walked(plan, R"({"stats":null})").regular());
  EXPECT_FALSE(Walked(plan, R"({"stats":[]})").regular());
}

TEST(Walk, ValuesOfCaptures) {
  WalkPlan plan;
  plan.want(plan.at(pointer("/v")));
  plan.finish();
  for (const std::string_view value : {"null", "true", "false", "-1.50", R"("a\"b")", R"("plain")",
                                       R"([1,"\u0041"])", R"({"a":{}})"}) {
    std::string document = R"({"v": )" + std::string(value) + "}";
    const std::size_t size = document.size();
    document.append(json::kDocumentPadding, ' ');
    Walker walker(plan);
    ASSERT_TRUE(walker.walk(std::string_view(document).substr(0, size)));
    json::Arena arena;
    const std::string expected = value == R"([1,"\u0041"])" ? R"([1,"A"])" : std::string(value);
    EXPECT_EQ(json::to_text(walker.value(walker.captures()[0], arena)), expected);
  }
}

}  // namespace
}  // namespace weir::document
