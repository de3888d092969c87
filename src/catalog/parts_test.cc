// The small parts of this folder: paths, URLs, references, places in texts, the table of codes.
#include <gtest/gtest.h>

#include <algorithm>

#include "catalog/codes.h"
#include "catalog/paths.h"
#include "catalog/reference.h"
#include "catalog/sources.h"
#include "catalog/template_tag.h"
#include "catalog/text_place.h"
#include "catalog/url.h"
#include "json/host/yaml.h"

namespace weir::catalog {
namespace {

TEST(Paths, JoinAndFolder) {
  struct Case {
    std::string_view folder, path, expected;
  };
  constexpr Case cases[] = {
      {"", "flow.yaml", "flow.yaml"},
      {"a", "b.yaml", "a/b.yaml"},
      {"a/b", "../c.yaml", "a/c.yaml"},
      {"a", "../../c.yaml", "../c.yaml"},
      {"..", "../c.yaml", "../../c.yaml"},
      {"a", "/x/./y//z.yaml", "/x/y/z.yaml"},
      {"/a", "../../c.yaml", "/c.yaml"},
      {"", "./a/./b.yaml", "a/b.yaml"},
      {"a", "..", "."},
  };
  for (const Case& c : cases)
    EXPECT_EQ(join_path(c.folder, c.path), c.expected) << c.folder << " + " << c.path;
  EXPECT_EQ(folder_of("a/b.yaml"), "a");
  EXPECT_EQ(folder_of("b.yaml"), "");
  EXPECT_EQ(folder_of("/b.yaml"), "/");
  EXPECT_TRUE(is_remote("https://example.com/a"));
  EXPECT_FALSE(is_remote("file:///a"));
  EXPECT_FALSE(is_remote("a/b://c"));
  EXPECT_TRUE(has_extension("a.JSON", ".json"));
}

TEST(Url, ParsesOrSaysWhy) {
  struct Case {
    std::string_view text, expected;
  };
  constexpr Case cases[] = {
      {"https://example.com", "https|example.com||"},
      {"HTTP://Example.com:8080/a?b#c", "http|Example.com|8080|/a?b#c"},
      {"http://[::1]:80?x", "http|::1|80|?x"},
      {"https://me:pw@example.com/", "https|example.com||/"},
      {"https://b\u00fccher.example/", "https|b\u00fccher.example||/"},
      {"https://example.com/{{json x y}}", "https|example.com||/{{json x y}}"},
      {"example.com/a", "it has no scheme"},
      {"mailto:a@b", "it has no scheme"},
      {"ftp://example.com", "its scheme is neither http nor https"},
      {"https:///a", "it has no host"},
      {"https://exa mple.com/", "its host holds characters that a host cannot have"},
      {"https://a\\b/", "its host holds characters that a host cannot have"},
      {"https://example.com:0/", "its port is none"},
      {"https://example.com:65536/", "its port is none"},
      {"https://example.com:8o/", "its port is none"},
      {"https://[::1/", "its host has no closing bracket"},
      {"https://[::1]x/", "its port is none"},
      {"https://example.com/a b", "it holds a space"},
      {"https://example.com/a\nb", "it holds a line break or another control character"},
  };
  for (const Case& c : cases) {
    std::string why;
    const auto url = parse_url(c.text, &why);
    EXPECT_EQ(url ? fmt::format("{}|{}|{}|{}", url->scheme, url->host, url->port, url->rest) : why,
              c.expected)
        << c.text;
  }
}

TEST(Url, OriginOfReferencesAndTemplates) {
  EXPECT_TRUE(has_reference_origin("${env:HOOK}"));
  EXPECT_TRUE(has_reference_origin("https://${file:a/b}.example.com/x"));
  EXPECT_FALSE(has_reference_origin("https://example.com/${env:X}"));
  EXPECT_TRUE(has_template_origin("https://{{a/b}}.example.com/"));
  EXPECT_TRUE(has_template_origin("{{url}}"));
  EXPECT_FALSE(has_template_origin("https://example.com?{{x}}"));
}

TEST(Url, LooksLikeACredential) {
  struct Case {
    std::string_view url;
    bool expected;
  };
  constexpr Case cases[] = {
      {"https://example.com/hook", false},
      {"https://example.com/a-rather-long-descriptive-name", false},
      {"https://hooks.example.com/services/T0123ABCD/B0123/abcDEF0123456789abcdef", true},
      {"https://example.com/?token=abc", true},
      {"https://example.com/?token=${env:T}", false},
      {"https://example.com/?page=1", false},
      {"https://example.com/?x=0123456789abcdef0123456789abcdef", true},
      {"https://example.com/{{run_id}}", false},
  };
  for (const Case& c : cases) {
    std::string why;
    const auto url = parse_url(c.url, &why);
    ASSERT_TRUE(url) << c.url << why;
    EXPECT_EQ(looks_like_a_credential(*url), c.expected) << c.url;
  }
}

TEST(Reference, Syntax) {
  struct Case {
    std::string_view text, expected;
  };
  constexpr Case cases[] = {
      {"plain $HOME $", ""},
      {"Bearer ${env:CI_TOKEN}", ""},
      {"${file:/run/secrets/a b.txt}${env:_X1}", ""},
      {"$${env:}", ""},
      {"$${ and ${env:A}", ""},
      {"${env:}", "a reference ${env:…} names no environment variable"},
      {"${env:1A}", "a reference ${env:…} names no environment variable"},
      {"${file:}", "a reference ${file:…} names no file"},
      {"${A}", "a reference ${…} begins neither with env: nor with file:"},
      {"${env:A", "a reference has no closing brace"},
      {"${env:A} ${", "a reference has no closing brace"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(reference_problem(c.text).value_or(""), c.expected) << c.text;
  EXPECT_TRUE(has_reference("a ${env:A}"));
  EXPECT_FALSE(has_reference("a $${env:A}"));
}

TEST(Reference, SecretNames) {
  for (const char* name :
       {"Authorization", "X-Api-Key", "x-key", "API_KEY", "Cookie", "X-Auth", "access_token"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
  for (const char* name : {"Content-Type", "X-Monkey", "X-Author", "Accept", "X-Signal"}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

// The texts of `v` in various styles; the place of a character of the decoded value, marked by ^ in
// the value.
TEST(TextPlace, FindsTheCharacterInTheFile) {
  struct Case {
    std::string_view yaml;
    std::uint32_t line, column;
    std::uint32_t expected_line, expected_column;
  };
  constexpr Case cases[] = {
      {"v: |\n  ab\n  cd\n", 2, 2, 3, 4},
      {"v: |-\n\n    ab\n     cd\n", 3, 2, 4, 6},
      {"w: 1\nv: |2\n    ab\n", 1, 3, 3, 5},
      // Folded: "ab cd\n", "ab\ncd\n", "ab\n  cd\nef gh\n", and beyond the end.
      {"v: >\n  ab\n  cd\n", 1, 2, 2, 4},
      {"v: >\n  ab\n  cd\n", 1, 4, 3, 3},
      {"v: >\n  ab\n  cd\n", 1, 5, 3, 4},
      {"v: >-\n  ab\n\n  cd\n", 2, 2, 4, 4},
      {"v: >\n  ab\n    cd\n  ef\n  gh\n", 2, 4, 3, 6},
      {"v: >\n  ab\n    cd\n  ef\n  gh\n", 3, 1, 4, 3},
      {"v: >\n  ab\n    cd\n  ef\n  gh\n", 3, 5, 5, 4},
      {"v: >\n  b\u00fcx\n  cd\nw: 1\n", 1, 6, 3, 4},
      {"v: >\n  ab\nw: 1\n", 5, 1, 2, 3},
      {"v: abc\n", 1, 3, 1, 6},
      {"v: 'a''bc'\n", 1, 3, 1, 8},
      {"v: \"a\\\"b\\nc\\u00e9d\"\n", 1, 3, 1, 8},
      {"v: \"a\\\"b\\nc\\u00e9d\"\n", 2, 3, 1, 18},
      {"v: |\n  b\u00fcx\n", 1, 3, 2, 6},
      {"v: abc\n", 9, 9, 1, 4},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.yaml);
    json::Arena arena;
    const auto root = json::parse_yaml(c.yaml, arena);
    ASSERT_TRUE(root) << root.error().message;
    const json::Place place = place_in_text(c.yaml, root->find("v")->place(), c.line, c.column);
    EXPECT_EQ(fmt::format("{}:{}", place.line, place.column),
              fmt::format("{}:{}", c.expected_line, c.expected_column));
  }
  // A surrogate pair of JSON is one character.
  EXPECT_EQ(place_in_text("{\"v\": \"\\ud83d\\ude00x\"}", {1, 7}, 1, 2).column, 20u);
  EXPECT_EQ(place_in_text("", {3, 4}, 1, 1).line, 3u);
}

TEST(TemplateTag, TellsPathsFromMore) {
  struct Case {
    std::string_view text, path;
    bool verbatim;
  };
  constexpr Case cases[] = {
      {"{{x}}", "x", false},
      {"{{~ x.y ~}}", "x.y", false},
      {"{{{x}}}", "x", true},
      {"{{&x}}", "x", true},
      {"{{json x}}", "", false},
      {"{{#if x}}", "", false},
      {"{{> p}}", "", false},
      {"{{!-- x --}}", "", false},
      {"{{../x}}", "../x", false},
      {"{{", "", false},
      {"x", "", false},
      {"", "", false},
  };
  for (const Case& c : cases) {
    const TemplateTag tag = tag_at(c.text, 1, 1);
    EXPECT_EQ(tag.path, c.path) << c.text;
    EXPECT_EQ(tag.verbatim, c.verbatim) << c.text;
  }
  EXPECT_EQ(tag_at("b\u00fc\n \u00e9{{x}}", 2, 3).path, "x");
  EXPECT_EQ(tag_at("{{x}}", 2, 1).path, "");
}

TEST(Sources, ParserMessagesKeepNoQuotations) {
  EXPECT_EQ(without_quotations("unexpected \"Bearer abc\" here"), "unexpected \"…\" here");
  EXPECT_EQ(without_quotations("unexpected `abc` and \"open"), "unexpected \"…\" and …");
  EXPECT_EQ(without_quotations("the name \"config\" stands twice"),
            "the name \"config\" stands twice");
  EXPECT_EQ(without_quotations("the name \"Bearer x\" stands twice"),
            "the name \"…\" stands twice");
}

TEST(Codes, TableIsInOrderAndComplete) {
  EXPECT_TRUE(std::is_sorted(codes().begin(), codes().end(),
                             [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; }));
  for (const CodeInfo& info : codes()) {
    EXPECT_EQ(info.code.size(), 4u);
    EXPECT_FALSE(info.title.empty()) << info.code;
    EXPECT_GT(info.explanation.size(), 40u) << info.code;
    EXPECT_TRUE(info.remedy.ends_with('.')) << info.code;
    EXPECT_EQ(find_code(info.code), &info);
  }
  EXPECT_EQ(find_code("e101"), find_code("E101"));
  EXPECT_EQ(find_code("E999"), nullptr);
  EXPECT_EQ(find_code(""), nullptr);
}

}  // namespace
}  // namespace weir::catalog
