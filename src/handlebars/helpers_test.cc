#include "handlebars/helpers.h"

#include <set>

#include "base/log.h"
#include "handlebars/test_support.h"

namespace weir::handlebars {
namespace {

TEST(Helpers, TheTable) {
  std::set<std::string_view> names;
  for (const Helper& helper : helpers()) {
    names.insert(helper.name);
    EXPECT_EQ(find_helper(helper.name), &helper);
    EXPECT_EQ(helper.block != nullptr, helper.form == HelperForm::kBlock) << helper.name;
    EXPECT_EQ(helper.value != nullptr, helper.form != HelperForm::kBlock) << helper.name;
    EXPECT_LE(helper.arguments_min, helper.arguments_max) << helper.name;
    EXPECT_FALSE(helper.summary.empty()) << helper.name;
  }
  const std::set<std::string_view> expected = {
      "if",  "unless", "each", "with", "lookup", "log", "json", "eq",  "ne",     "gt",
      "gte", "lt",     "lte",  "and",  "or",     "not", "len",  "raw", "default"};
  EXPECT_EQ(names, expected);
}

TEST(Helpers, Truth) {
  const std::string_view if_else = "{{#if v}}1{{else}}0{{/if}}{{#unless v}}1{{else}}0{{/unless}}";
  for (const std::string_view yes : {"true", "1", "-1", "0.1", "\"0\"", "\"false\"", "[0]", "{}"}) {
    EXPECT_EQ(rendered(if_else, "{\"v\":" + std::string(yes) + "}"), "10") << yes;
  }
  for (const std::string_view no : {"false", "null", "\"\"", "0", "0.0", "-0", "0e9", "[]"}) {
    EXPECT_EQ(rendered(if_else, "{\"v\":" + std::string(no) + "}"), "01") << no;
  }
  EXPECT_EQ(rendered(if_else, "{}"), "01");
  expect_rendered({
      {"{{#if a.b.c}}1{{else}}0{{/if}}", R"({"a":null})", "0"},
      {"{{#if v includeZero=true}}1{{/if}}", R"({"v":0})", "1"},
      {"{{#unless v includeZero=true}}1{{else}}0{{/unless}}", R"({"v":0})", "0"},
      {"{{#if v includeZero=true}}1{{else}}0{{/if}}", R"({"v":""})", "0"},
      {"{{#if}}{{/if}}", "{}", "error 1:4: \"if\" takes 1 argument, not 0"},
      {"{{#unless a b}}{{/unless}}", "{}", "error 1:4: \"unless\" takes 1 argument, not 2"},
      {"{{if a \"b\" \"c\"}}", "{}", "error 1:3: \"if\" is a block: {{#if …}}…{{/if}}"},
  });
}

TEST(Helpers, EachAndWith) {
  expect_rendered({
      {"[{{#each l}}{{this}}{{/each}}]", R"({"l":[]})", "[]"},
      {"[{{#each l}}{{this}}{{else}}none{{/each}}]", R"({"l":{}})", "[none]"},
      {"[{{#each l}}1{{else}}none{{/each}}]", "{}", "[none]"},
      {"[{{#each l}}1{{else}}none{{/each}}]", R"({"l":"text"})", "[none]"},
      {"{{#each l}}1{{/each}}", "{}",
       "error 1:9: \"l\" has no value to loop over; give the block an else if that may be"},
      {"{{#each l.x}}1{{/each}}", R"({"l":{"x":null}})",
       "error 1:9: \"l.x\" has no value to loop over; give the block an else if that may be"},
      {"{{#each l}}1{{/each}}", R"({"l":5})",
       "error 1:9: \"l\" is neither an array nor an object; give the block an else if that may be"},
      {"{{#each (lookup l 0)}}{{this}}{{/each}}", R"({"l":[[1,2]]})", "12"},
      {"{{#each}}{{/each}}", "{}", "error 1:4: \"each\" takes 1 argument, not 0"},
      {"{{#with o}}{{x}}{{/with}}", R"({"o":{"x":1}})", "1"},
      {"{{#with o}}1{{else}}0{{/with}}", "{}", "0"},
      {"{{#with o}}1{{/with}}", R"({"o":null})",
       "error 1:9: \"o\" has no value to enter; give the block an else if that may be"},
      {"{{#with z}}{{this}}{{/with}}{{#with o}}2{{/with}}", R"({"z":0,"o":{}})", "02"},
      {"[{{#with s}}1{{/with}}{{#with l}}2{{/with}}{{#with f}}3{{/with}}]",
       R"({"s":"","l":[],"f":false})", "[]"},
      {"{{#raw}}{{x}}{{/raw}}", R"({"x":1})", "1"},
  });
}

TEST(Helpers, Lookup) {
  const std::string_view data = R"({"o":{"a b":1,"7":2,"true":3},"l":["x","y"],"k":"a b","i":1})";
  expect_rendered({
      {"{{lookup o k}}{{lookup o \"a b\"}}{{lookup o 7}}{{lookup o true}}", data, "1123"},
      {"{{lookup l i}}{{lookup l 0}}{{lookup l \"1\"}}{{lookup l 1.0}}{{lookup l \"length\"}}",
       data, "yxyy2"},
      {"{{lookup (lookup this \"o\") k}}{{(lookup o k)}}", data, "11"},
      {"{{lookup o \"z\"}}", data, "error 1:3: \"lookup\" finds nothing in \"o\""},
      {"{{lookup l 2}}", data, "error 1:3: \"lookup\" finds nothing in \"l\""},
      {"{{lookup l o}}", data, "error 1:3: \"lookup\" finds nothing in \"l\""},
      {"{{lookup l \"01\"}}", data, "error 1:3: \"lookup\" finds nothing in \"l\""},
      {"{{default (lookup o \"z\") \"d\"}}{{default (lookup nope k) nope \"e\"}}", data, "de"},
      {"{{#lookup o k}}{{/lookup}}", data, "error 1:4: \"lookup\" is no block: {{lookup …}}"},
      {"{{lookup o}}", data, "error 1:3: \"lookup\" takes 2 arguments, not 1"},
  });
}

TEST(Helpers, Comparisons) {
  const std::string_view data =
      R"({"i":1,"d":1.0,"s":"1","big":9007199254740993,"bigger":9007199254740994,"t":true,
          "o":{"a":[1]},"p":{"a":[1.0]},"n":null})";
  const RenderCase cases[] = {
      {"{{eq i d}}{{eq i s}}{{eq o p}}{{eq n null}}{{eq big bigger}}", data,
       "truefalsetruetruefalse"},
      {"{{ne i d}}{{ne i s}}{{ne n false}}", data, "falsetruetrue"},
      {"{{gt big bigger}}{{lt big bigger}}{{gte i d}}{{lte i d}}", data, "falsetruetruetrue"},
      {"{{gt \"b\" \"a\"}}{{lt \"10\" \"9\"}}{{lt 9 \"10\"}}{{gt \"10\" 9}}", data,
       "truetruetruetrue"},
      {"{{gt t false}}{{lt t false}}", data, "truefalse"},
      {"{{gt i o}}", data, "error 1:3: \"gt\" cannot order number and object"},
      {"{{lte \"x\" 1}}", data, "error 1:3: \"lte\" cannot order string and number"},
      {"{{gte n 1}}", data, "error 1:3: \"gte\" cannot order null and number"},
      {"{{#eq i 1}}yes{{else}}no{{/eq}}{{#gt i 5}}yes{{else}}no{{/gt}}", data, "yesno"},
      {"{{#if (and t (or n (not n)) (lt i 2))}}yes{{/if}}", data, "yes"},
      {"{{and i s t}}{{and i n}}{{or n 0 \"\"}}{{or n 0 s}}{{not n}}{{not t}}", data,
       "truefalsefalsetruetruefalse"},
      {"{{and gone t}}{{or gone t}}{{not gone}}", data, "falsetruetrue"},
      {"{{#and t t}}a{{/and}}{{#not t}}b{{else}}c{{/not}}", data, "ac"},
      {"{{and}}", data, "error 1:3: \"and\" takes 1 or more arguments, not 0"},
  };
  expect_rendered(cases);
}

TEST(Helpers, JsonLenDefault) {
  const std::string_view data = R"({"s":"日本\"x","l":[1,[2]],"o":{"a":1,"b":2},"n":null,"i":12})";
  const RenderCase cases[] = {
      {"{{len s}}{{len l}}{{len o}}{{len n}}{{len i}}{{len \"\"}}", data, "422000"},
      {"{{json s}}{{json l}}{{json (lookup o \"b\")}}", data, R"("日本\"x"[1,[2]]2)"},
      {"{{len (json l)}}{{{default (json s) 1}}}{{(json s)}}", data, R"(7"日本\"x""日本\"x")"},
      {"{{default n i}}{{default gone.x \"d\"}}{{default n gone 3}}{{default \"\" \"x\"}}|", data,
       "12d3|"},
      {"[{{default n null}}]", data, "[]"},
      {"{{default gone gone}}", data, "error 1:3: \"default\" finds nothing in \"gone\""},
      {"{{json}}", data, "error 1:3: \"json\" takes 1 argument, not 0"},
  };
  expect_rendered(cases);
}

TEST(Helpers, LogTellsPlacesAndNoValues) {
  std::string lines;
  set_log_sink([&](std::string_view line) { lines.append(line).append("\n"); });
  set_log_level(LogLevel::kDebug);
  EXPECT_EQ(
      rendered("a\n{{log o.key gone \"SECRET\" level=\"error\"}}b", R"({"o":{"key":"SECRET"}})"),
      "a\nb");
  set_log_level(LogLevel::kInfo);
  EXPECT_EQ(rendered("{{log o.key}}", R"({"o":{"key":"SECRET"}})"), "");
  set_log_sink(nullptr);
  EXPECT_NE(lines.find("o.key"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("SECRET"), std::string::npos) << lines;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1) << lines;
}

}  // namespace
}  // namespace weir::handlebars
