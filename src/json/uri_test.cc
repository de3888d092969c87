#include "json/uri.h"

#include <gtest/gtest.h>

#include "json/format.h"
#include "json/name_hash.h"

namespace weir::json {
namespace {

TEST(Uri, ResolvesAsTheStandardSays) {
  // RFC 3986, 5.4.
  constexpr std::string_view kBase = "http://a/b/c/d;p?q";
  struct Case {
    std::string_view reference, resolved;
  };
  constexpr Case cases[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {";x", "http://a/b/c/;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y#s"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"http:g", "http:g"},
  };
  for (const Case& c : cases) EXPECT_EQ(resolve_uri(kBase, c.reference), c.resolved) << c.reference;
  EXPECT_EQ(resolve_uri("urn:x:y", "#/a"), "urn:x:y#/a");
  EXPECT_EQ(resolve_uri("", "a/b#c"), "a/b#c");
  EXPECT_EQ(resolve_uri("flow://collection/acme/x", "../y"), "flow://collection/y");
  EXPECT_EQ(resolve_uri("http://a", "b"), "http://a/b");
  EXPECT_EQ(resolve_uri("dir/flow.yaml", "x.yaml#/a"), "dir/x.yaml#/a");
}

TEST(Uri, Fragments) {
  EXPECT_EQ(without_fragment("a#b#c"), "a");
  EXPECT_EQ(fragment_of("a#b#c"), "b#c");
  EXPECT_EQ(fragment_of("a"), "");
  EXPECT_EQ(percent_decode("%2Fa%zz%2"), "/a%zz%2");
  EXPECT_EQ(encode_fragment("/a b/\"^\xC3\xA9~1%"), "/a%20b/%22%5E%C3%A9~1%25");
}

TEST(Format, Names) {
  for (const std::string_view name : format_names()) EXPECT_NE(find_format(name), nullptr);
  EXPECT_EQ(find_format("color"), nullptr);
  EXPECT_EQ(find_format("regex"), nullptr);
}

// Beyond what the public suite asks.
TEST(Format, OddCases) {
  struct Case {
    std::string_view format, text;
    bool valid;
  };
  constexpr Case cases[] = {
      {"date", "2000-02-29", true},
      {"date", "1900-02-29", false},
      {"date", "2000-00-01", false},
      {"date", "2000-01-00", false},
      {"date-time", "2000-01-01 00:00:00Z", false},
      {"time", "00:00:00.Z", false},
      {"duration", "P1Y1M1DT1H1M1S", true},
      {"duration", "P1DT5S", true},
      {"duration", "P1.5D", false},
      {"duration", "P1W1D", false},
      {"duration", "PW", false},
      {"duration", "P1W", true},
      {"email", "@example.com", false},
      {"email", "a@", false},
      {"email", "\"a\\\"b\"@x", true},
      {"email", "\"a\"b\"@x", false},
      {"email", "a b@x", false},
      {"hostname", "a..b", false},
      {"hostname", "a.", false},
      {"ipv6", "1::2:3:4:5:6:7:8", false},
      {"ipv6", "::1:2:3:4:5:6:7", true},
      {"ipv6", "1:2:3:4:5:6:7::", true},
      {"ipv6", "", false},
      {"ipv6", ":", false},
      {"ipv4", "1.2.3.", false},
      {"ipv4", "1.2.3.4.", false},
      {"ipv4", "0.0.0.0", true},
      {"uri", "http://[::1]:80/x", true},
      {"uri", "http://[::1]x/", false},
      {"uri", "http://[v1.x:y]/", true},
      {"uri", "http://h:8a/", false},
      {"uri", "http://h/%zz", false},
      {"uri", "1http://h", false},
      {"uri", "", false},
      {"uri-reference", "", true},
      {"uri-reference", "a b", false},
      {"uri-reference", "1a:b", false},
      {"uri-template", "{+x,y*}{?z:30}", true},
      {"uri-template", "{}", false},
      {"uri-template", "{x:0}", false},
      {"uri-template", "a}b", false},
      {"uri-template", "{a.b}{a..b}", false},
      {"json-pointer", "/a~2", false},
      {"relative-json-pointer", "1/a/~0", true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(find_format(c.format)(c.text), c.valid) << c.format << " " << c.text;
}

TEST(NameTable, FindsWhatWasInserted) {
  NameTable table;
  std::vector<std::string> names;
  for (int i = 0; i < 2000; ++i)
    names.push_back(std::string(static_cast<std::size_t>(i % 20), 'n') + std::to_string(i));
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(table.insert(names[i]), i);
    EXPECT_EQ(table.find(names[i / 2]), i / 2);
    EXPECT_EQ(table.find("absent" + names[i]), NameTable::kNone);
  }
  EXPECT_EQ(table.insert(names[5]), 5u);
  EXPECT_EQ(table.size(), names.size());
  EXPECT_EQ(NameTable().find(""), NameTable::kNone);
}

}  // namespace
}  // namespace weir::json
