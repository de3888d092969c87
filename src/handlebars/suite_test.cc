// The public suites of the language. Where the engine departs from them, the case is named with the
// reason; a departure that no longer departs fails the test, so that it is removed.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "handlebars/template.h"
#include "json/events.h"

namespace weir::handlebars {
namespace {

std::string suite_path(const std::string& file) {
  const char* folder = std::getenv("WEIR_SUITES");
  return std::string(folder != nullptr ? folder : "../shared/suites") + "/handlebars/" + file;
}

json::Tree read_suite(const std::string& file) {
  std::ifstream in(suite_path(file), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto tree = json::parse_tree(text, json::Duplicates::kLastWins);
  EXPECT_TRUE(tree.has_value()) << file;
  return tree ? *std::move(tree) : json::Tree{};
}

#define SKIP_WITHOUT_SUITE(file)                        \
  if (!std::filesystem::exists(suite_path(file))) {     \
    GTEST_SKIP() << "skipped: no " << suite_path(file); \
  }

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

struct Settings {
  ParseOptions parse;
  RenderOptions render;
  std::map<std::string, Template> partials;
};

bool flag(const json::Value* options, std::string_view name) {
  const json::Value* value = options == nullptr ? nullptr : options->find(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

// The options that a case names, as ours. False if a partial does not parse.
bool read_settings(const json::Value& test, Settings& out) {
  const json::Value* options = test.find("options");
  const json::Value* compile = options == nullptr ? nullptr : options->find("compile");
  out.parse.ignore_standalone = flag(compile, "ignoreStandalone");
  out.render.strict = flag(compile, "strict");
  out.render.assume_objects = flag(compile, "assumeObjects");
  out.render.compat = flag(compile, "compat");
  out.render.explicit_partial_context = flag(compile, "explicitPartialContext");
  out.render.prevent_indent = flag(compile, "preventIndent");
  out.render.escape = flag(compile, "noEscape") ? Escape::kNone : Escape::kHtml;
  if (options == nullptr) return true;
  if (const json::Value* runtime = options->find("runtime"))
    out.render.data = runtime->find("data");
  if (const json::Value* partials = options->find("partials")) {
    for (const json::Member& member : partials->members()) {
      auto parsed = Template::parse(member.value.as_string(), out.parse);
      if (!parsed) return false;
      out.partials.emplace(std::string(member.name), *std::move(parsed));
    }
  }
  for (const auto& [name, partial] : out.partials) out.render.partials[name] = &partial;
  return true;
}

// The output, or "error: …".
std::string outcome(const json::Value& test, const Settings& settings) {
  static const json::Value kAbsent;
  const json::Value* data = test.find("data");
  const auto parsed = Template::parse(text_of(test, "template"), settings.parse);
  if (!parsed) return "error: " + parsed.error().text();
  const auto out = render(*parsed, data == nullptr ? kAbsent : *data, settings.render);
  return out ? *out : "error: " + out.error().text();
}
bool is_error(const std::string& outcome) {
  return outcome.starts_with("error: ");
}

using Departures = std::map<std::string, std::string>;

void report(const std::string& what, std::size_t cases, const Departures& departures) {
  std::printf("%s: %zu cases run, %zu of them named departures\n", what.c_str(), cases,
              departures.size());
  for (const auto& [id, reason] : departures) std::printf("  %s: %s\n", id.c_str(), reason.c_str());
}

// Names of cases that the suite does not have (any more) are mistakes too.
void expect_known(const json::Tree& suite, const Departures& departures) {
  std::set<std::string> ids;
  for (const json::Value& test : suite.root.find("cases")->items()) ids.insert(text_of(test, "id"));
  for (const auto& [id, reason] : departures) EXPECT_TRUE(ids.contains(id)) << id << ": " << reason;
}

// The line that an expected message of the parser names, as our message begins; else nothing.
std::string expected_line(const json::Value& test) {
  const json::Value* exception = test.find("exception");
  const std::string regex = exception == nullptr ? "" : text_of(*exception, "regex");
  constexpr std::string_view kPrefix = "Parse error on line ";
  if (!regex.starts_with(kPrefix)) return {};
  return "error: " + regex.substr(kPrefix.size()) + ":";
}

// Cases that must differ from what the suite expects, and do.
void judge(const std::string& id, bool agrees, const Departures& departures, const std::string& got,
           const std::string& expected) {
  if (departures.contains(id)) {
    EXPECT_FALSE(agrees) << id << " is named as a departure, but agrees: remove it from the list";
  } else {
    EXPECT_TRUE(agrees) << id << "\n     got: " << got << "\nexpected: " << expected;
  }
}

TEST(Suite, Cases) {
  SKIP_WITHOUT_SUITE("cases.json");
  const std::string proto = "asks for access to prototypes, which values here do not have";
  const std::string escape = "strings are JSON strings: \\b in one is a backspace";
  const Departures departures = {
      {"regressions-011", "braces close at the first two: the third is text"},
      {"regressions-012", "arrays print as compact JSON"},
      {"security-033", proto},
      {"security-036", escape},
      {"security-037", escape},
      {"security-038", escape},
      {"security-039", proto},
  };
  const json::Tree suite = read_suite("cases.json");
  std::size_t count = 0;
  for (const json::Value& test : suite.root.find("cases")->items()) {
    ++count;
    Settings settings;
    ASSERT_TRUE(read_settings(test, settings));
    const std::string got = outcome(test, settings);
    const bool fails = test.find("exception") != nullptr;
    const std::string expected = fails ? "an error" : text_of(test, "expected");
    judge(text_of(test, "id"), fails ? is_error(got) : got == expected, departures, got, expected);
  }
  expect_known(suite, departures);
  report("cases.json", count, departures);
}

// The strict table has the answers of four engines. The engine we follow is handlebars.js 5; the
// second list names where it is handlebars-rust 6 instead, the third where neither.
TEST(Suite, StrictCases) {
  SKIP_WITHOUT_SUITE("cases-strict-noescape.json");
  const std::string proto = "asks for access to prototypes, which values here do not have";
  const std::string escape = "strings are JSON strings: \\b in one is a backspace";
  const std::string name = "names of prototypes are missing like any other";
  const std::string lookup = "lookup of something missing is an error";
  Departures follows_rust = {
      {"builtins-042", lookup},
      {"regressions-022", "a property of null is missing, and unless admits that"},
      {"security-001", lookup},
      {"security-037", escape},
      {"security-038", escape},
  };
  for (int i = 8; i <= 19; ++i) follows_rust[fmt::format("security-{:03}", i)] = name;
  for (int i = 20; i <= 31; ++i) follows_rust[fmt::format("security-{:03}", i)] = lookup;
  const Departures departures = {
      {"regressions-012", "arrays print as compact JSON"},
      {"security-033", proto},
      {"security-036", escape},
      {"security-039", proto},
  };
  const json::Tree suite = read_suite("cases.json");
  const json::Tree answers = read_suite("cases-strict-noescape.json");
  std::size_t count = 0;
  for (const json::Value& test : suite.root.find("cases")->items()) {
    ++count;
    const std::string id = text_of(test, "id");
    Settings settings;
    ASSERT_TRUE(read_settings(test, settings));
    settings.render.strict = true;
    settings.render.assume_objects = false;
    settings.render.escape = Escape::kNone;
    const std::string got = outcome(test, settings);
    const json::Value* answer = answers.root.find("results")->find(id);
    ASSERT_NE(answer, nullptr) << id;
    const auto agrees = [&](std::string_view engine) {
      const json::Value* its = answer->find(engine);
      return its->find("error") != nullptr ? is_error(got) : got == text_of(*its, "out");
    };
    if (follows_rust.contains(id)) {
      EXPECT_TRUE(agrees("rust6")) << id << " got " << got;
      EXPECT_FALSE(agrees("js5")) << id << " agrees with JS: remove it from the list";
      continue;
    }
    judge(id, agrees("js5"), departures, got, json::to_text(*answer->find("js5")));
  }
  expect_known(suite, departures);
  expect_known(suite, follows_rust);
  report("cases-strict-noescape.json, as handlebars.js 5", count, departures);
  std::printf("  and %zu cases as handlebars-rust 6:\n", follows_rust.size());
  for (const auto& [id, why] : follows_rust) std::printf("  %s: %s\n", id.c_str(), why.c_str());
}

TEST(Suite, Parser) {
  SKIP_WITHOUT_SUITE("parser-cases.json");
  const Departures departures = {
      {"parser-077", "its template is a tree, not text"},
  };
  const json::Tree suite = read_suite("parser-cases.json");
  std::size_t count = 0;
  for (const json::Value& test : suite.root.find("cases")->items()) {
    ++count;
    const bool is_text = test.find("template")->is_string();
    const auto parsed = Template::parse(text_of(test, "template"));
    const std::string got = parsed ? parsed->print() : "error: " + parsed.error().text();
    const bool fails = test.find("exception") != nullptr;
    const std::string expected = fails ? "an error" : text_of(test, "ast");
    judge(text_of(test, "id"), is_text && (fails ? is_error(got) : got == expected), departures,
          got, expected);
    EXPECT_TRUE(got.starts_with(expected_line(test))) << text_of(test, "id") << " " << got;
  }
  expect_known(suite, departures);
  report("parser-cases.json", count, departures);
}

}  // namespace
}  // namespace weir::handlebars
