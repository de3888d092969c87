// Every warning: that it appears at its place, that what its remedy says silences it, and that
// --strict makes an error of it. And the table of codes against the code that uses them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "catalog/codes.h"
#include "catalog/test_catalog.h"
#include "catalog/validate.h"

namespace weir::catalog {
namespace {

// A catalog whose one trigger warns of nothing, `with` in the place of `what`. Its trigger begins
// in line 12.
constexpr std::string_view kQuiet = R"(collections:
  c:
    key: [/id]
    schema: { type: object, required: [id], properties: { id: { type: integer } } }
materializations:
  m:
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - { resource: { table: t }, source: { name: c } }
    triggers:
      config:
        - name: first
          url: https://example.com/hook
          headers: { X-Team: data }
          payloadTemplate: '{"id": "{{request_id}}"}'
          onExhausted: failTask
          interval: 1m
)";

struct Replaced {
  std::string_view what, with;
};
struct Case {
  std::string_view code;
  std::vector<Replaced> warns;     // makes it appear
  std::string place;               // "line:column pointer"
  std::vector<Replaced> silences;  // after that
};

constexpr std::string_view kSecond =
    "          interval: 1m\n        - { url: \"https://a.example/\", payloadTemplate: '{}', "
    "onExhausted: failTask, interval: 1m }\n";
constexpr std::string_view kTrigger = "/materializations/m/triggers/config/0";

std::vector<Case> cases() {
  const std::string trigger(kTrigger);
  static const std::string clear = "{ X-Api-Key: canary }", kept = "{ X-Api-Key: \"${env:KEY}\" }";
  return {
      {"W101",
       {{"          onExhausted: failTask\n", ""}},
       "12:11 " + trigger,
       {{"name: first", "name: first\n          onExhausted: failTask"}}},
      {"W101",
       {{"          onExhausted: failTask\n", ""}},
       "12:11 " + trigger,
       {{"name: first", "name: first\n          delivery: background"}}},
      {"W101",
       {{"          onExhausted: failTask\n", ""}},
       "12:11 " + trigger,
       {{"name: first", "name: first\n          enabled: false"}}},
      {"W102",
       {{"interval: 1m", "timeout: 1m"}},
       "12:11 " + trigger,
       {{"timeout: 1m", "interval: 0s"}}},
      {"W102",
       {{"interval: 1m", "timeout: 1m"}},
       "12:11 " + trigger,
       {{"timeout: 1m", "enabled: false"}}},
      {"W102",
       {{"interval: 1m", "timeout: 1m"}},
       "12:11 " + trigger,
       {{"timeout: 1m", "mergePending: false"}}},
      {"W103",
       {{"name: first", "enabled: true"}, {"          interval: 1m\n", kSecond}},
       "12:11 " + trigger,
       {{"enabled: true", "name: first"}}},
      {"W104",
       {{"{ X-Team: data }", clear}},
       "14:33 " + trigger + "/headers/X-Api-Key",
       {{clear, kept}}},
      {"W104",
       {{"headers: { X-Team: data }", "secrets: { key: canary }"}},
       "14:27 " + trigger + "/secrets/key",
       {{"canary", "\"${file:key}\""}}},
      {"W105",
       {{"/hook", "/?token=canary"}},
       "13:16 " + trigger + "/url",
       {{"https://example.com/?token=canary", "\"${env:URL}\""}}},
      {"W106",
       {{"https:", "http:"}, {"{ X-Team: data }", kept}},
       "13:16 " + trigger + "/url",
       {{"http:", "https:"}}},
      {"W107",
       {{"{ X-Team: data }", kept}, {"{{request_id}}", "{{headers.X-Api-Key}}"}},
       "15:29 " + trigger + "/payloadTemplate",
       {{"headers: {", "secrets: {"}, {"X-Api-Key", "key"}, {"headers.X-Api-Key", "secrets.key"}}},
      {"W108",
       {{"    key: [/id]", "    files: [a.jsonl]\n    key: [/id]"},
        {"{{request_id}}", "{{flow_published_at_min}}"}},
       "13:11 " + trigger,
       {{"{{flow", "{{#if flow_published_at_min}}{{flow"}, {"_min}}\"}", "_min}}{{/if}}\"}"}}},
      {"W109",
       {{"interval: 1m", "interval: 1m\n          maxAttempts: 30"}},
       "12:11 " + trigger,
       {{"maxAttempts: 30", "maxAttempts: 30\n          delivery: inline"}}},
      {"W110",
       {{"{ name: c } }", "{ name: c, notBefore: 2024-01-01T00:00:00Z }, backfill: 1 }"}},
       "9:43 /materializations/m/bindings/0/source",
       {{", notBefore: 2024-01-01T00:00:00Z", ""}}},
      {"W111",
       {{"{{request_id}}", "{{{materialization_name}}}"}},
       "15:37 " + trigger + "/payloadTemplate",
       {{"{{{materialization_name}}}", "{{materialization_name}}"}}},
      {"W112",
       {{"type: object,", "type: object, $ref: \"flow://connector-schema\","}},
       "4:35 /collections/c/schema/$ref",
       {{"$ref: \"flow://connector-schema\",", ""}}},
  };
}

std::string replaced(std::string text, const std::vector<Replaced>& all) {
  for (const Replaced& each : all) {
    const std::size_t at = text.find(each.what);
    EXPECT_NE(at, std::string::npos) << each.what << " in\n" << text;
    if (at != std::string::npos) text.replace(at, each.what.size(), each.with);
  }
  return text;
}

std::string warnings_of(const std::string& flow) {
  std::string out;
  for (const Problem& p : validate(load_text(flow))) {
    if (p.severity == Severity::kError) out += "error ";
    out += fmt::format("{} {}:{} {}\n", p.code, p.location.place.line, p.location.place.column,
                       p.location.pointer);
  }
  return out;
}

TEST(Warnings, AppearAreSilencedAndAreErrorsWhenStrict) {
  EXPECT_EQ(warnings_of(std::string(kQuiet)), "");
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.code);
    const std::string warned = replaced(std::string(kQuiet), c.warns);
    const std::string found = warnings_of(warned);
    EXPECT_EQ(found.substr(0, found.find('\n')), fmt::format("{} {}", c.code, c.place));
    EXPECT_EQ(found.find("error"), std::string::npos) << found;
    const auto strict = validate(load_text(warned), {.strict = true, .constraints_of = nullptr});
    EXPECT_TRUE(has_errors(strict));
    EXPECT_EQ(warnings_of(replaced(warned, c.silences)), "");
  }
}

TEST(Warnings, EachHasACaseAbove) {
  std::set<std::string_view> shown;
  for (const Case& c : cases()) shown.insert(c.code);
  for (const CodeInfo& info : codes()) {
    if (info.severity() == Severity::kWarning) EXPECT_TRUE(shown.contains(info.code)) << info.code;
  }
}

// Codes as they stand in the sources, in quotes.
std::map<std::string, std::string> codes_of_the_sources() {
  namespace fs = std::filesystem;
  static const std::regex code(R"re("([EW][0-9]{3})")re");
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator("src")) {
    const std::string path = entry.path();
    if (!entry.is_regular_file() || path.ends_with("_test.cc") || path.ends_with("codes.cc"))
      continue;
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::sregex_iterator it(text.begin(), text.end(), code), end; it != end; ++it)
      out.emplace((*it)[1], path);
  }
  return out;
}

TEST(Codes, EachThatIsUsedIsExplainedAndEachRowIsUsed) {
  const auto used = codes_of_the_sources();
  EXPECT_GT(used.size(), 60u);
  for (const auto& [code, path] : used)
    EXPECT_NE(find_code(code), nullptr) << code << " in " << path;
  for (const CodeInfo& info : codes())
    EXPECT_EQ(used.count(std::string(info.code)), 1u) << info.code;
}

// `weir explain` tells what is the matter, why it matters, and what to do, in sentences.
TEST(Codes, EachTellsCauseAndWayOut) {
  std::set<std::string_view> titles, explanations;
  for (const CodeInfo& info : codes()) {
    SCOPED_TRACE(info.code);
    EXPECT_GE(info.title.size(), 5u);
    EXPECT_FALSE(info.title.ends_with('.'));
    EXPECT_TRUE(titles.insert(info.title).second);
    EXPECT_TRUE(explanations.insert(info.explanation).second);
    EXPECT_GE(info.explanation.size(), 35u);
    EXPECT_TRUE(info.explanation.ends_with('.')) << info.explanation;
    // "Add it." is a way out; an explanation once more is none.
    EXPECT_GE(info.remedy.size(), 7u);
    EXPECT_NE(info.remedy, info.explanation);
    EXPECT_FALSE(info.remedy.starts_with("The ")) << "not what to do: " << info.remedy;
  }
}

}  // namespace
}  // namespace weir::catalog
