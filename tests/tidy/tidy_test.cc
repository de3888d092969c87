// Style as a test: the tree follows each rule, and each rule catches a planted violation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/tidy/cmake_rules.h"
#include "tests/tidy/layers.h"
#include "tests/tidy/rules.h"
#include "tests/tidy/secrecy.h"
#include "tests/tidy/source.h"

namespace weir::tidy {
namespace {

const std::vector<Source>& tree() {
  static const std::vector<Source> sources = read_tree();
  return sources;
}
const std::vector<Source>& cmake_files() {
  static const std::vector<Source> files = read_cmake_files();
  return files;
}
const Layers& layers() {
  static const Layers read = Layers::parse(read_text("tools/layers.txt"));
  return read;
}

std::string list(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.text() + "\n";
  return text;
}

using FileRule = std::vector<Finding> (*)(const Source&);
constexpr FileRule kFileRules[] = {check_file_length, check_function_length, check_banned,
                                   check_header_guard, check_todo};

// --- the tree ---

TEST(Tree, IsThere) {
  EXPECT_GT(tree().size(), 50u) << "run from the root of the tree";
  EXPECT_FALSE(layers().rows().empty());
}

TEST(Tree, FollowsTheRulesOfFiles) {
  Allowed allowed = Allowed::parse(read_text("tests/tidy/allow.txt"));
  std::vector<Finding> findings;
  for (const Source& source : tree()) {
    for (const FileRule rule : kFileRules) {
      for (Finding& finding : rule(source)) {
        if (!allowed.covers(finding)) findings.push_back(std::move(finding));
      }
    }
  }
  for (const Source& source : read_test_texts()) {
    for (Finding& finding : check_secret_words(source)) {
      if (!allowed.covers(finding)) findings.push_back(std::move(finding));
    }
  }
  EXPECT_EQ(list(findings), "");
  EXPECT_EQ(allowed.complaints(), std::vector<std::string>());
}

TEST(Tree, IncludesWhatItsLayersAllow) {
  EXPECT_EQ(list(check_includes(layers(), tree())), "");
}
TEST(Tree, HasARowForEachFolder) {
  EXPECT_EQ(list(check_rows(layers(), tree())), "");
}
TEST(Tree, LinksWhatItsLayersAllow) {
  EXPECT_EQ(list(check_links(layers(), cmake_files())), "");
}
TEST(Tree, BuildsEachFile) {
  EXPECT_EQ(list(check_listed(tree(), cmake_files())), "");
}

TEST(Tree, IsFormatted) {
  if (std::system("command -v clang-format-14 >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "skipped: clang-format-14 is not installed (scripts/setup --with-dev)";
  }
  std::string command = "clang-format-14 --dry-run --style=file --ferror-limit=1";
  for (const Source& source : tree()) command += " " + source.path;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string said;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) said.append(buffer, n);
  ::pclose(pipe);
  EXPECT_EQ(said, "") << "run scripts/format";
}

// --- the rules ---

struct Planted {
  const char* rule;  // nullptr: nothing is wrong
  std::string path;
  std::string text;
};

std::string lines(std::size_t count, std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line;
  return text;
}

TEST(Rules, CatchPlantedViolations) {
  const Planted cases[] = {
      {"file-length", "src/io/a.cc", lines(601, "\n")},
      {nullptr, "src/io/a.cc", lines(600, "\n")},
      {"function-length", "src/io/a.cc", "int f(int a) {\n" + lines(69, "  g();\n") + "}\n"},
      {nullptr, "src/io/a.cc", "int f(int a) {\n" + lines(68, "  g();\n") + "}\n"},
      {"function-length", "src/io/a.cc",
       "namespace n {\nclass C {\n C() : a_{1}, b_(2) {\n" + lines(80, "  g();\n") + " }\n};\n}\n"},
      {"function-length", "src/io/a_test.cc",
       "TEST(A, B) {\n  if (x) {\n" + lines(98, "  g();\n") + "  }\n}\n"},
      {nullptr, "src/io/a_test.cc",
       "TEST(A, B) {\n  if (x) {\n" + lines(90, "  g();\n") + "  }\n}\n"},
      {nullptr, "src/io/a.cc", "constexpr int kTable[] = {\n" + lines(90, "  f(1),\n") + "};\n"},
      {nullptr, "src/io/a.cc", "namespace n {\n" + lines(90, "int f();\n") + "}\n"},
      {nullptr, "src/io/a.cc", "struct S {\n" + lines(90, "  int f();\n") + "};\n"},
      {"banned-sleep", "src/io/a.cc", "void f() { std::this_thread::sleep_for(x); }\n"},
      {"banned-sleep", "tests/x/a_test.cc", "void f() { usleep(3); }\n"},
      {"banned-system-clock", "src/runtime/a.cc", "auto t = std::chrono::system_clock::now();\n"},
      {nullptr, "src/base/system_clock.cc", "auto t = std::chrono::system_clock::now();\n"},
      {nullptr, "src/io/a.cc", "auto t = std::chrono::steady_clock::now();\n"},
      {"banned-time", "src/store/a.cc", "auto t = time(nullptr);\n"},
      {nullptr, "src/store/a.cc", "auto t = record.time(); auto u = run_time(3);\n"},
      {"banned-rand", "testing/a.cc", "int x = std::rand();\n"},
      {"banned-printf", "src/store/a.cc", "void f() { printf(\"x\"); }\n"},
      {nullptr, "src/app/a.cc", "void f() { printf(\"x\"); }\n"},
      {nullptr, "src/store/a.cc", "// printf\nauto s = \"printf(\"; auto r = R\"(printf())\";\n"},
      {"banned-throw", "src/json/a.cc", "void f() { throw 1; }\n"},
      {nullptr, "src/json/host/a.cc", "void f() { throw 1; }\n"},
      {"banned-throw", "src/catalog/a.h", "#pragma once\nvoid f() { try { } }\n"},
      {"banned-value", "src/handlebars/a.cc", "auto x = result.value();\n"},
      {nullptr, "src/runtime/a.cc", "auto x = result.value();\n"},
      {"banned-detach", "src/io/a.cc", "thread.detach();\n"},
      {"banned-exit", "src/io/a.cc", "void f() { exit(1); }\n"},
      {"header-guard", "src/io/a.h", "// What it is.\nint f();\n"},
      {nullptr, "src/io/a.h", "// What it is.\n#pragma once\nint f();\n"},
      {"todo", "src/io/a.cc", "// TODO: later\n"},
      {"todo", "src/io/a.cc", "int x;  /* FIXME */\n"},
      {nullptr, "src/io/a.cc", "// TODO(perf): later\n"},
  };
  for (const Planted& planted : cases) {
    SCOPED_TRACE(planted.path + "\n" + planted.text.substr(0, 200));
    const Source source = make_source(planted.path, planted.text);
    std::vector<Finding> findings;
    for (const FileRule rule : kFileRules) {
      for (Finding& finding : rule(source)) findings.push_back(std::move(finding));
    }
    if (planted.rule == nullptr) {
      EXPECT_EQ(list(findings), "");
    } else {
      ASSERT_EQ(findings.size(), 1u) << list(findings);
      EXPECT_EQ(findings[0].rule, planted.rule);
    }
  }
}

TEST(Rules, SecretWordsCatchPlantedOnes) {
  const std::pair<const char*, bool> cases[] = {
      {"  headers: { Authorization: Bearer hunter2 }\n", true},
      {"  headers: { Authorization: \"Bearer canary-1\" }\n", false},
      {"  headers: { Authorization: 'Bearer ${env:TOKEN}' }\n", false},
      {R"("{\"password\": \"hunter2\"}")", true},
      {"password: canary\n", false},
      {"X-Api-Key: \"hunter2\"\n", true},
      {"Authorization_sops: ENC[AES256_GCM,data:x]\n", false},
      {"secrets: { key: hunter2 }\n", true},
      {"secrets: { key: '${file:key.txt}' }\n", false},
      {"Authorization: [hidden]\n", false},
  };
  for (const auto& [text, found] : cases) {
    EXPECT_EQ(check_secret_words(make_source("tests/a.yaml", text)).size(), found ? 1u : 0u)
        << text;
  }
}

TEST(Rules, FindingsNameTheLine) {
  const Source source =
      make_source("src/io/a.cc", "int a;\n/* x\n*/ // TODO\nvoid f() {\n  usleep(1);\n}\n");
  EXPECT_EQ(list(check_todo(source)),
            "src/io/a.cc:3: todo: write TODO(kind): with a kind of perf, limit, test, format\n");
  EXPECT_EQ(list(check_banned(source)),
            "src/io/a.cc:5: banned-sleep: instead: wait on a WakeUp, or a latch in tests\n");
}

TEST(Rules, LayersCatchPlantedEdges) {
  const Layers planted =
      Layers::parse("# list\nsrc/base:\nsrc/json: base\nsrc/app: *\ntesting: *\n");
  struct Case {
    const char* path;
    const char* include;
    bool allowed;
  };
  const Case cases[] = {
      {"src/json/a.cc", "base/result.h", true},      {"src/json/host/a.cc", "base/result.h", true},
      {"src/json/a.cc", "json/b.h", true},           {"src/base/a.cc", "json/value.h", false},
      {"src/app/a.cc", "json/value.h", true},        {"src/app/a.cc", "testing/fake.h", false},
      {"src/json/a.cc", "testing/fake.h", false},    {"src/json/a_test.cc", "testing/fake.h", true},
      {"src/base/a_test.cc", "json/value.h", false}, {"testing/a.cc", "json/value.h", true},
      {"src/json/a.cc", "generated.pb.h", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} includes {}", c.path, c.include));
    const std::vector<Source> one{make_source(c.path, fmt::format("#include \"{}\"\n", c.include))};
    EXPECT_EQ(check_includes(planted, one).empty(), c.allowed);
  }
  EXPECT_EQ(check_rows(planted, {make_source("src/new/a.cc", "")}).size(), 1u);
}

TEST(Rules, LinksCatchPlantedTargets) {
  const Layers planted = Layers::parse("src/base:\nsrc/json: base\nconnectors/sqlite: base json\n");
  const auto link = [&](const char* path, const char* target) {
    const std::string text =
        fmt::format("weir_library(x\n  SOURCES a.cc\n  DEPENDS {} fmt::fmt)\n", target);
    return check_links(planted, {make_source(path, text)}).size();
  };
  EXPECT_EQ(link("src/json/CMakeLists.txt", "weir_base"), 0u);
  EXPECT_EQ(link("src/base/CMakeLists.txt", "weir_json"), 1u);
  EXPECT_EQ(link("src/json/CMakeLists.txt", "weir_sqlite"), 1u);
  EXPECT_EQ(link("connectors/sqlite/CMakeLists.txt", "weir_json"), 0u);
}

TEST(Rules, ListedCatchesForgottenFiles) {
  const std::vector<Source> cmake{
      make_source("src/io/CMakeLists.txt",
                  "weir_library(io SOURCES a.cc sub/b.cc\n"
                  "  ${PROJECT_SOURCE_DIR}/testing/fake.cc) # c.cc\n"),
      make_source("fuzz/CMakeLists.txt",
                  "foreach(name json)\nweir_fuzzer(x SOURCES ${name}_fuzz.cc)\n")};
  const auto check = [&](const char* path) {
    return list(check_listed({make_source(path, "")}, cmake));
  };
  EXPECT_EQ(check("src/io/a.cc"), "");
  EXPECT_EQ(check("testing/fake.cc"), "");
  EXPECT_NE(check("testing/other.cc"), "");
  EXPECT_EQ(check("src/io/sub/b.cc"), "");
  EXPECT_EQ(check("fuzz/json_fuzz.cc"), "");
  EXPECT_EQ(check("src/io/c.cc"), "src/io/c.cc: not-built: no CMakeLists.txt names it\n");
  EXPECT_EQ(check("src/io/c_test.cc"),
            "src/io/c_test.cc: test-not-run: no CMakeLists.txt names it\n");
  EXPECT_EQ(check("fuzz/yaml_fuzz.cc"),
            "fuzz/yaml_fuzz.cc: not-built: no CMakeLists.txt names it\n");
}

TEST(Rules, ExceptionsNeedAReasonAndAUse) {
  Allowed allowed = Allowed::parse("# comment\ntodo | src/a.cc | known\ntodo | src/b.cc |\n");
  EXPECT_TRUE(allowed.covers({"todo", "src/a.cc", 1, ""}));
  EXPECT_FALSE(allowed.covers({"banned-rand", "src/a.cc", 1, ""}));
  EXPECT_EQ(allowed.complaints(),
            (std::vector<std::string>{"todo | src/b.cc: has no reason",
                                      "todo | src/b.cc: allows nothing any more"}));
}

}  // namespace
}  // namespace weir::tidy
