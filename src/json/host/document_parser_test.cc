#include "json/host/document_parser.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <map>

#include "base/random.h"

namespace weir::json {
namespace {

// Text with hostile bytes behind it: whoever reads on finds what would complete it.
class Padded {
 public:
  explicit Padded(std::string_view text, std::string_view behind = "")
      : bytes_(text), size_(text.size()) {
    bytes_ += behind;
    bytes_.append(kDocumentPadding, ' ');
  }
  std::string_view text() const { return std::string_view(bytes_).substr(0, size_); }

 private:
  std::string bytes_;
  std::size_t size_;
};

std::string describe(const DocumentError& error) {
  return fmt::format("{}: {}", error.offset, error.message);
}

std::string tree_of(std::string_view text, Duplicates duplicates = Duplicates::kLastWins) {
  const Padded padded(text);
  Arena arena;
  DocumentParser parser(duplicates);
  const auto value = parser.parse(padded.text(), arena);
  return value ? to_text(*value) : describe(value.error());
}

TEST(DocumentParser, Trees) {
  struct Case {
    std::string_view text, json;
  };
  constexpr Case cases[] = {
      {"1", "1"},
      {" {\t} \r\n", "{}"},
      {"[ ]", "[]"},
      {"[1,-0.5e+3,\"x\",true,false,null,[[]],{\"a\":{}}]",
       "[1,-0.5e+3,\"x\",true,false,null,[[]],{\"a\":{}}]"},
      {"{ \"a\" : 1 , \"b\" : [ 2 ] }", "{\"a\":1,\"b\":[2]}"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"1e999", "1e999"},
      {"\"\\u0041\\n\\/\\uD83D\\uDCA9\\u00e9\\u20ac\"",
       "\"A\\n/\xF0\x9F\x92\xA9\xC3\xA9\xE2\x82\xAC\""},
      {"{\"a\\u0062\":1}", "{\"ab\":1}"},
      {"{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2,\"a\":3}"},
      {"{\"a\":1,\"\\u0061\":2}", "{\"a\":2}"},
      {"{\"\":1,\"\":2}", "{\"\":2}"},
  };
  for (const Case& c : cases) EXPECT_EQ(tree_of(c.text), c.json) << c.text;
  EXPECT_EQ(tree_of("[{\"a\":1,\"a\":3}]", Duplicates::kRefuse),
            "1: a name stands twice in this object");
}

TEST(DocumentParser, LastOfManyNamesWins) {
  for (const int names : {20, 127, 128, 129, 5000}) {
    std::string text = "{";
    for (int i = 0; i < names; ++i) text += fmt::format("\"name{}\":{},", i, i);
    const std::string unique = text.substr(0, text.size() - 1) + "}";
    EXPECT_EQ(tree_of(unique, Duplicates::kRefuse), unique);
    EXPECT_EQ(tree_of(text + "\"name0\":-1}"),
              "{" + text.substr(text.find(',') + 1) + "\"name0\":-1}");
  }
}

struct Refused {
  std::string_view text, message;
};
constexpr Refused kRefused[] = {
    {"", "0: the document ends too early"},
    {" ", "1: the document ends too early"},
    {"{", "1: the document ends too early"},
    {"[1", "2: the document ends too early"},
    {"[1,", "3: the document ends too early"},
    {"{\"a\"", "4: the document ends too early"},
    {"{\"a\":", "5: the document ends too early"},
    {"\"a", "2: the document ends too early"},
    {"\"a\\", "3: the document ends too early"},
    {"-", "1: the document ends too early"},
    {"1.", "2: the document ends too early"},
    {"1e", "2: the document ends too early"},
    {"[]]", "2: expected the end of the document"},
    {"1 2", "2: expected the end of the document"},
    {"{\"a\":tru}", "5: expected a value"},
    {"[nul]", "1: expected a value"},
    {"[falze]", "1: expected a value"},
    {"[truex]", "5: expected ',' or ']' after an item"},
    {"[1 2]", "3: expected ',' or ']' after an item"},
    {"[1}", "2: expected ',' or ']' after an item"},
    {"{\"a\":1]", "6: expected ',' or '}' after a member"},
    {"[1,]", "3: expected a value"},
    {"[,]", "1: expected a value"},
    {"{\"a\":1,}", "7: expected a name in double quotes"},
    {"{a:1}", "1: expected a name in double quotes"},
    {"{\"a\" 1}", "5: expected ':' after a name"},
    {"[01]", "1: a number may not start with 0 and another digit"},
    {"[-01]", "1: a number may not start with 0 and another digit"},
    {"[1.]", "3: expected a digit"},
    {"[-]", "2: expected a digit"},
    {"[1e+]", "4: expected a digit"},
    {"[+1]", "1: expected a value"},
    {"[.5]", "1: expected a value"},
    {"[1.5.5]", "4: expected ',' or ']' after an item"},
    {"[NaN]", "1: expected a value"},
    {"[\"\\q\"]", "2: an unknown escape in a string"},
    {"[\"\\u12g4\"]", "2: expected four hexadecimal digits after \\u"},
    {"[\"\\uD800\"]", "2: half of a surrogate pair"},
    {"[\"\\uD800\\n\"]", "2: half of a surrogate pair"},
    {"[\"\\uDC00\\uD800\"]", "2: half of a surrogate pair"},
    {"[\"a\nb\"]", "3: a control character in a string must be escaped"},
    {"[\"0123456789abcdef\x1f\"]", "18: a control character in a string must be escaped"},
    {"[\"\xC3\"]", "2: not UTF-8"},
    {"[\"\xC0\x80\"]", "2: not UTF-8"},
    {"[\"\xE0\x80\x80\"]", "2: not UTF-8"},
    {"[\"\xED\xA0\x80\"]", "2: not UTF-8"},
    {"[\"\xF4\x90\x80\x80\"]", "2: not UTF-8"},
    {"[\"\xC3\xA9\xFF\"]", "4: not UTF-8"},
    {"\xEF\xBB\xBF{}", "0: expected a value"},
    {"[1\v]", "2: expected ',' or ']' after an item"},
    {"// x", "0: expected a value"},
};

TEST(DocumentParser, RefusesWhatIsNoJson) {
  const Pointer everything[] = {Pointer(), *Pointer::parse("/a"), *Pointer::parse("/0")};
  const PointerSet set(everything);
  Slot slots[3];
  for (const Refused& c : kRefused) {
    EXPECT_EQ(tree_of(c.text), c.message) << c.text;
    // The other walks agree, whatever follows the text.
    for (const std::string_view behind : {"", "]", "}", "\"]", "1]", "e\"]", "\"}", "0"}) {
      const Padded padded(c.text, behind);
      const auto checked = check_document(padded.text());
      ASSERT_FALSE(checked.has_value()) << c.text << " before " << behind;
      EXPECT_EQ(describe(checked.error()), c.message) << c.text << " before " << behind;
      Arena arena;
      const auto captured = capture(padded.text(), set, slots, arena);
      ASSERT_FALSE(captured.has_value()) << c.text << " before " << behind;
      EXPECT_EQ(describe(captured.error()), c.message) << c.text << " before " << behind;
    }
  }
}

TEST(DocumentParser, DepthIsLimited) {
  const Pointer deep[] = {*Pointer::parse("/0/0/0")};
  const PointerSet set(deep);
  Slot slots[1];
  Arena arena;
  for (const std::size_t depth : {kDocumentDepthMax, kDocumentDepthMax + 1, std::size_t{100'000}}) {
    for (const std::string_view open : {"[", "{\"\":"}) {
      std::string text;
      for (std::size_t i = 0; i < depth; ++i) text += open;
      text += "1";
      text.append(depth, open == "[" ? ']' : '}');
      const Padded padded(text);
      const bool allowed = depth <= kDocumentDepthMax;
      EXPECT_EQ(check_document(padded.text()).has_value(), allowed);
      EXPECT_EQ(DocumentParser().parse(padded.text(), arena).has_value(), allowed);
      EXPECT_EQ(capture(padded.text(), set, slots, arena).has_value(), allowed);
    }
  }
}

TEST(DocumentParser, PlainTextsPointIntoTheDocument) {
  const Padded padded("{\"a\":[\"text\",12],\"b\":\"x\\ty\"}");
  Arena arena;
  DocumentParser parser;
  const auto value = parser.parse(padded.text(), arena);
  ASSERT_TRUE(value.has_value());
  const auto inside = [&](std::string_view part) {
    return part.data() >= padded.text().data() &&
           part.data() < padded.text().data() + padded.text().size();
  };
  EXPECT_TRUE(inside(value->find("a")->items()[0].as_string()));
  EXPECT_TRUE(inside(value->find("a")->items()[1].number_text()));
  EXPECT_TRUE(inside(value->members()[0].name));
  EXPECT_FALSE(inside(value->find("b")->as_string()));
}

TEST(Capture, FillsASlotPerPointer) {
  constexpr std::string_view kText =
      "{\"id\":7,\"name\":\"a\\u0062\",\"none\":null,\"yes\":true,\"_meta\":{\"uuid\":\"u\",\"x\":["
      "1, {\"y\":2}]},"
      "\"a/b\":1.50,\"list\":[10,[20,21],{\"z\":\"zz\"}],\"0\":\"zero\",\"empty\":{}}";
  struct Case {
    std::string_view pointer, raw, scalar;
  };
  constexpr Case cases[] = {
      {"/id", "7", "7"},
      {"/id", "7", "7"},
      {"/name", "\"a\\u0062\"", "\"ab\""},
      {"/none", "null", "null"},
      {"/yes", "true", "true"},
      {"/_meta/uuid", "\"u\"", "\"u\""},
      {"/_meta", "{\"uuid\":\"u\",\"x\":[1, {\"y\":2}]}", "object"},
      {"/_meta/x", "[1, {\"y\":2}]", "array"},
      {"/_meta/x/1/y", "2", "2"},
      {"/a~1b", "1.50", "1.50"},
      {"/list/0", "10", "10"},
      {"/list/1/1", "21", "21"},
      {"/list/2/z", "\"zz\"", "\"zz\""},
      {"/list/3", "", ""},
      {"/list/00", "", ""},
      {"/0", "\"zero\"", "\"zero\""},
      {"/empty", "{}", "object"},
      {"/empty/x", "", ""},
      {"/id/x", "", ""},
      {"/missing", "", ""},
      {"", kText, "object"},
  };
  std::vector<Pointer> pointers;
  for (const Case& c : cases) pointers.push_back(*Pointer::parse(c.pointer));
  const PointerSet set(pointers);
  std::vector<Slot> slots(set.size());
  const Padded padded(kText);
  Arena arena;
  ASSERT_TRUE(capture(padded.text(), set, slots, arena).has_value());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    SCOPED_TRACE(cases[i].pointer);
    EXPECT_EQ(slots[i].present, !cases[i].raw.empty());
    if (!slots[i].present) continue;
    EXPECT_EQ(slots[i].raw, cases[i].raw);
    const Value& value = slots[i].value;
    const bool container = value.is_array() || value.is_object();
    EXPECT_EQ(container ? std::string(name_of(value.kind())) : to_text(value), cases[i].scalar);
  }
}

TEST(Capture, TheLastOfANameCounts) {
  const Pointer pointers[] = {*Pointer::parse("/a"), *Pointer::parse("/a/b"),
                              *Pointer::parse("/a/c")};
  const PointerSet set(pointers);
  struct Case {
    std::string_view text, found;
  };
  constexpr Case cases[] = {
      {"{\"a\":{\"b\":1,\"c\":2},\"a\":{\"c\":3}}", "{\"c\":3} - 3"},
      {"{\"a\":{\"b\":1},\"a\":5}", "5 - -"},
      {"{\"a\":{\"b\":1,\"b\":2}}", "{\"b\":1,\"b\":2} 2 -"},
      {"{\"a\":{\"b\":1},\"\\u0061\":{}}", "{} - -"},
      {"{}", "- - -"},
      {"[{\"a\":1}]", "- - -"},
  };
  for (const Case& c : cases) {
    const Padded padded(c.text);
    Slot slots[3];
    Arena arena;
    ASSERT_TRUE(capture(padded.text(), set, slots, arena).has_value());
    std::string found;
    for (const Slot& slot : slots) {
      found += found.empty() ? "" : " ";
      found += slot.present ? slot.raw : "-";
    }
    EXPECT_EQ(found, c.found) << c.text;
  }
}

TEST(Capture, ManyNames) {
  std::vector<Pointer> pointers;
  std::string text = "{";
  for (int i = 0; i < 500; ++i) {
    pointers.push_back(Pointer().child(fmt::format("column_{}", i)));
    text += fmt::format("\"column_{}\":{},\"other_{}\":[{}],", 499 - i, 499 - i, i, i);
  }
  text += "\"\":0}";
  pointers.emplace_back(Pointer().child(""));
  const PointerSet set(pointers);
  std::vector<Slot> slots(set.size());
  const Padded padded(text);
  Arena arena;
  ASSERT_TRUE(capture(padded.text(), set, slots, arena).has_value());
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(slots[static_cast<std::size_t>(i)].raw, std::to_string(i));
  EXPECT_EQ(slots[500].raw, "0");
}

void random_document(Random& random, int depth, std::string& out) {
  constexpr std::string_view kScalars[] = {"null",
                                           "true",
                                           "false",
                                           "0",
                                           "-12.5e-3",
                                           "12345678901234",
                                           "\"\"",
                                           "\"some longer text than one register\"",
                                           "\"\\\"\\\\\\/\\b\\u00e9\\uD83D\\uDCA9\"",
                                           "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xA9\""};
  constexpr std::string_view kSpaces[] = {"", "", "", " ", "\n\t", "\r "};
  const auto space = [&] { out += kSpaces[random.below(std::size(kSpaces))]; };
  space();
  const std::uint64_t choice = random.below(depth > 4 ? 2 : 5);
  if (choice < 2) {
    out += kScalars[random.below(std::size(kScalars))];
  } else {
    const bool object = choice < 4;
    out += object ? '{' : '[';
    space();
    const std::uint64_t count = random.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i > 0) out += ',';
      space();
      if (object) out += fmt::format("\"n{}\":", random.below(3));
      random_document(random, depth + 1, out);
    }
    out += object ? '}' : ']';
  }
  space();
}

// simdjson's DOM walks and checks everything, but for numbers beyond its types.
enum class Opinion { kYes, kNo, kNumber };
Opinion simdjson_says(std::string_view text) {
  static simdjson::dom::parser parser;
  const auto result = parser.parse(simdjson::padded_string(text)).error();
  if (result == simdjson::SUCCESS) return Opinion::kYes;
  return result == simdjson::NUMBER_ERROR ? Opinion::kNumber : Opinion::kNo;
}

// Documents and damaged ones: three parsers, one opinion.
TEST(DocumentParser, AgreesWithOthersOnDamagedDocuments) {
  constexpr std::string_view kBytes = "{}[]\",:\\u0129eE+-. tnafl\n\x01\x80\xC3\xE2\xF0\xA9\xFF";
  Random random(5);
  const Pointer pointers[] = {*Pointer::parse("/n0"), *Pointer::parse("/n1/n2"),
                              *Pointer::parse("/0/n0"), *Pointer::parse("/1"), Pointer()};
  const PointerSet set(pointers);
  Slot slots[5];
  std::map<bool, int> verdicts;
  for (int i = 0; i < 10'000; ++i) {
    std::string text;
    random_document(random, 0, text);
    for (std::uint64_t hits = random.below(3); hits > 0 && !text.empty(); --hits) {
      const std::size_t at = random.below(text.size());
      const char byte = kBytes[random.below(kBytes.size())];
      switch (random.below(4)) {
        case 0: text.erase(at, 1); break;
        case 1: text.insert(at, 1, byte); break;
        case 2: text[at] = byte; break;
        default: text.resize(at); break;
      }
    }
    const Padded padded(text, "\"]}");
    Arena arena;
    const bool ours = check_document(padded.text()).has_value();
    ++verdicts[ours];
    const auto strict = parse(text, arena, Duplicates::kLastWins);
    ASSERT_EQ(ours, strict.has_value()) << text;
    const Opinion other = simdjson_says(text);
    if (other != Opinion::kNumber) ASSERT_EQ(ours, other == Opinion::kYes) << text;
    DocumentParser parser;
    const auto tree = parser.parse(padded.text(), arena);
    ASSERT_EQ(ours, tree.has_value()) << text;
    ASSERT_EQ(ours, capture(padded.text(), set, slots, arena).has_value()) << text;
    if (!ours) continue;
    ASSERT_EQ(to_text(*tree), to_text(*strict)) << text;
    for (std::size_t k = 0; k < std::size(pointers); ++k) {
      const Value* expected = pointers[k].find(*strict);
      ASSERT_EQ(slots[k].present, expected != nullptr) << text;
      if (expected == nullptr) continue;
      const auto reread = parse(slots[k].raw, arena, Duplicates::kLastWins);
      ASSERT_TRUE(reread.has_value());
      ASSERT_EQ(to_text(*reread), to_text(*expected)) << text;
      if (!expected->is_array() && !expected->is_object()) {
        ASSERT_EQ(to_text(slots[k].value), to_text(*expected));
      }
    }
  }
  EXPECT_GT(verdicts[true], 2000);
  EXPECT_GT(verdicts[false], 2000);
}

}  // namespace
}  // namespace weir::json
