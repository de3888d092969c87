#include "document/key_candidates.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "json/events.h"

namespace weir::document {
namespace {

std::string best(const std::vector<std::string>& documents) {
  KeyCandidates candidates;
  for (const std::string& text : documents) {
    const auto tree = json::parse_tree(text);
    EXPECT_TRUE(tree) << text;
    candidates.add(tree->root);
  }
  std::string out;
  for (const std::string& pointer : candidates.best()) out += pointer + " ";
  return out;
}

TEST(KeyCandidates, PrefersWhatPeopleCallKeys) {
  struct Case {
    std::vector<std::string> documents;
    std::string key;
  };
  const Case kCases[] = {
      {{}, ""},
      {{R"({"n":1,"id":7})", R"({"n":2,"id":8})"}, "/id "},
      {{R"({"n":1,"id":7})", R"({"n":2,"id":7})"}, "/n "},
      {{R"({"at":"2024-01-01T00:00:00Z","name":"x"})",
        R"({"at":"2024-01-01T00:00:01Z","name":"y"})"},
       "/name "},
      {{R"({"amount":1,"order_id":7})", R"({"amount":2,"order_id":8})"}, "/order_id "},
      {{R"({"amount":1,"orderId":7})", R"({"amount":2,"orderId":8})"}, "/orderId "},
      {{R"({"count":1,"paid":"a"})", R"({"count":2,"paid":"b"})"}, "/count "},  // "paid" is no id
      {{R"({"n":"a","o":{"id":1}})", R"({"n":"b","o":{"id":2}})"}, "/o/id "},
      {{R"({"_meta":{"uuid":"a"},"n":1})", R"({"_meta":{"uuid":"b"},"n":2})"}, "/n "},
      {{R"({"a/b~c":1})", R"({"a/b~c":2})"}, "/a~1b~0c "},
      // Absent, null, of another type, no integer, in an array: none.
      {{R"({"id":1,"n":1})", R"({"n":2})"}, "/n "},
      {{R"({"id":1})", R"({"id":null})"}, ""},
      {{R"({"id":1})", R"({"id":"x"})"}, ""},
      {{R"({"id":1.5})", R"({"id":2.5})"}, ""},
      {{R"({"id":true})", R"({"id":false})"}, ""},
      {{R"({"a":[1]})", R"({"a":[2]})"}, ""},
      {{"1", "2"}, ""},
      // Two together.
      {{R"({"order_id":1,"line":1,"q":5})", R"({"order_id":1,"line":2,"q":5})",
        R"({"order_id":2,"line":1,"q":5})"},
       "/order_id /line "},
      {{R"({"n":5,"region":"eu","day":1})", R"({"n":5,"region":"eu","day":2})",
        R"({"n":7,"region":"us","day":1})"},
       "/region /day "},
      {{R"({"a":1,"b":1})", R"({"a":1,"b":1})"}, ""},
  };
  for (const Case& each : kCases) EXPECT_EQ(best(each.documents), each.key);
}

TEST(KeyCandidates, RemembersNoMoreThanItsLimits) {
  KeyCandidates candidates;
  std::string text = "{";
  for (std::size_t i = 0; i < kKeyLocationsMax; ++i) text += fmt::format("\"n{}\":1,", i);
  const auto one = json::parse_tree(text + "\"id\":1}");
  const auto two = json::parse_tree(text + "\"id\":2}");
  candidates.add(one->root);
  candidates.add(two->root);
  EXPECT_TRUE(candidates.best().empty()) << "a location beyond the limit was compared";
  EXPECT_EQ(candidates.compared(), 2u);

  const std::string longer(kKeyTextBytesMax + 1, 'x');
  EXPECT_EQ(best({"{\"id\":\"" + longer + "1\"}", "{\"id\":\"" + longer + "2\"}"}), "");
}

}  // namespace
}  // namespace weir::document
