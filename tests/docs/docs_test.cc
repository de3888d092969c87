// The pages hold what they say: their commands run, their catalogs validate, their links lead
// somewhere, and their lists are those of the code.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "catalog/codes.h"
#include "catalog/trigger_context.h"
#include "handlebars/helpers.h"
#include "json/events.h"
#include "store/keys.h"
#include "testing/canary.h"
#include "tests/docs/page.h"
#include "trigger/prepared.h"

namespace weir::docs {
namespace {

#ifdef WEIR_FAULT_POINTS
constexpr bool kFaultPoints = true;
#else
constexpr bool kFaultPoints = false;
#endif

constexpr std::string_view kPort = "8417";  // that the pages listen on

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-docs-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
  }
  // Secrets in what weir keeps: state, journals, tables.
  std::string leaks() const {
    return secrecy::lines(secrecy::leaks_in_folder(path_, [](const std::string& name) {
      return !name.starts_with(".weir/") && !name.starts_with("journals/") &&
             name.find(".sqlite") == std::string::npos;
    }));
  }
  // The command's exit code; its output is in the files `out` and `err`.
  int run(const std::string& command) const {
    const std::string program = std::filesystem::path(WEIR_PROGRAM).parent_path().string();
    const std::string whole = "cd '" + path_ + "' && PATH='" + program + "':\"$PATH\" " + command +
                              " > out 2> err < /dev/null";
    const int status = std::system(whole.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  std::string path_;
};

// A port that nobody listens on.
std::string free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ::close(listener);
  return std::to_string(ntohs(address.sin_port));
}

std::string replaced(std::string text, std::string_view from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// What the pages write for secrets becomes what is recognised where it leaks.
std::string with_canaries(std::string script) {
  for (const std::string_view secret : {"Bearer 4711", "Bearer 4712", "only-an-example"})
    script = replaced(std::move(script), secret, fmt::format("canary-{}", secret));
  return script;
}

// Sources of the tree, one text.
std::string sources(const std::vector<std::string>& folders) {
  std::string out;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".cc") out += read_text(entry.path().string());
    }
  }
  return out;
}

// What stands between `begin` and the next `end`, everywhere in `text`. (Regular expressions take
// seconds for the whole tree.)
std::set<std::string> between(std::string_view text, std::string_view begin, std::string_view end) {
  std::set<std::string> out;
  for (std::size_t at = 0; (at = text.find(begin, at)) != std::string_view::npos;) {
    at += begin.size();
    out.emplace(text.substr(at, text.find(end, at) - at));
  }
  return out;
}

std::set<std::string> set_of(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

std::set<std::string> read_test_names() {
  const std::string tree = sources({"src", "connectors", "testing", "tests"});
  std::set<std::string> out;
  for (const std::string_view macro : {"\nTEST(", "\nTEST_F(", "\nTEST_P("}) {
    for (std::string name : between(tree, macro, ")")) {
      std::erase_if(name, [](unsigned char c) { return std::isspace(c) != 0; });
      std::replace(name.begin(), name.end(), ',', '.');
      out.insert(std::move(name));
    }
  }
  return out;
}

// Every test of the tree, as `Suite.Name`.
const std::set<std::string>& tests_of_the_tree() {
  static const std::set<std::string> names = read_test_names();
  return names;
}

bool is_there(const std::string& test) {
  if (test.ends_with(".test")) return std::filesystem::exists("tests/scenarios/" + test);
  return tests_of_the_tree().count(test) > 0;
}

std::vector<std::string> missing_tests(const std::vector<std::string>& named) {
  static const std::regex test(R"([A-Z]\w*\.[A-Z]\w*|[a-z-]+\.test)");
  std::vector<std::string> missing;
  for (const std::string& name : named) {
    if (!std::regex_match(name, test) || !is_there(name)) missing.push_back(name);
  }
  return missing;
}

// --- commands and catalogs ---

class DocsPage : public testing::TestWithParam<std::string> {};

TEST_P(DocsPage, CommandsDoWhatItSays) {
  const Page& shown = page(GetParam());
  std::string script = script_of(shown, kFaultPoints);
  if (script.empty()) return;
  const Scratch scratch;
  scratch.write("script", replaced(with_canaries(std::move(script)), kPort, free_port()));
  EXPECT_EQ(scratch.run("bash script"), 0) << read_text(scratch.file("err"));
  EXPECT_EQ(scratch.leaks(), "");
  const std::string out = read_text(scratch.file("out"));
  for (std::size_t i = 1; i < shown.blocks.size(); ++i) {
    if (shown.blocks[i].info != "text output") continue;
    if (!kFaultPoints && shown.blocks[i - 1].info == "sh run fault-points") continue;
    EXPECT_NE(out.find(shown.blocks[i].text), std::string::npos)
        << shown.path << ":" << shown.blocks[i].line << ": not in the output:\n"
        << out;
  }
}

TEST_P(DocsPage, CatalogsValidate) {
  for (const Block& block : page(GetParam()).blocks) {
    if (block.info != "yaml catalog") continue;
    const Scratch scratch;
    scratch.write("flow.yaml", block.text);
    EXPECT_EQ(scratch.run("weir validate --strict"), 0) << GetParam() << ":" << block.line << ":\n"
                                                        << read_text(scratch.file("err"));
  }
}

TEST_P(DocsPage, LinksLeadSomewhere) {
  for (const std::string& link : links_of(page(GetParam()))) {
    if (link.starts_with("https://") || link.starts_with("#")) continue;
    const std::string target = link.substr(0, link.find('#'));
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(GetParam()).parent_path() / target))
        << GetParam() << " links to " << link;
  }
}

INSTANTIATE_TEST_SUITE_P(Docs, DocsPage,
                         testing::Values("README.md", "CONTRIBUTING.md", "docs/architecture.md",
                                         "docs/catalog.md", "docs/departures.md", "docs/files.md",
                                         "docs/formats.md", "docs/glossary.md", "docs/http.md",
                                         "docs/operating.md", "docs/reliability.md",
                                         "docs/secrets.md", "docs/service.md", "docs/triggers.md",
                                         "docs/watching.md", "docs/web.md"),
                         [](const auto& each) {
                           std::string name = std::filesystem::path(each.param).stem();
                           return name;
                         });

TEST(Docs, EveryPageIsTested) {
  std::set<std::string> found;
  for (const Page& each : pages()) found.insert(each.path);
  EXPECT_EQ(found.size(), 16u) << "list the new page above";
}

TEST(Docs, CommandsAndCatalogsAreFound) {
  for (const char* path : {"README.md", "docs/formats.md", "docs/reliability.md"}) {
    EXPECT_NE(script_of(page(path), true), "") << path;
  }
  const std::vector<Block>& blocks = page("docs/triggers.md").blocks;
  EXPECT_TRUE(std::any_of(blocks.begin(), blocks.end(),
                          [](const Block& block) { return block.info == "yaml catalog"; }));
}

// --- lists ---

TEST(Docs, StoreKeysAreThoseOfTheCode) {
  std::string expected;
  for (const store::KeyRow& row : store::key_table()) {
    expected += fmt::format("| `{}` | {} | {} |\n", row.pattern, row.value, row.written);
  }
  EXPECT_NE(page("docs/formats.md").text.find("| --- | --- | --- |\n" + expected + "\n"),
            std::string::npos)
      << "the table should be:\n"
      << expected;
}

TEST(Docs, FaultPointsAreThoseOfTheCode) {
  const auto listed = quoted_in_tables(page("docs/reliability.md"), 0, "<!-- fault points",
                                       "<!-- end of fault points");
  const std::set<std::string> points =
      between(sources({"src", "connectors"}), "fault_point(\"", "\"");
  EXPECT_EQ(set_of(listed), points);
  EXPECT_EQ(listed.size(), points.size()) << "one is listed twice";
}

TEST(Docs, CommandsAndExitCodesAreThoseOfTheProgram) {
  const Scratch scratch;
  ASSERT_EQ(scratch.run("weir --help"), 0);
  const std::string help = read_text(scratch.file("out"));
  static const std::regex row(R"((?:^|\n)  (\S+(?: \S+)?)  +(\S[^\n]*))");
  int rows = 0;
  for (std::sregex_iterator it(help.begin(), help.end(), row), end; it != end; ++it, ++rows) {
    const std::string name = (*it)[1];
    const bool is_code = std::isdigit(static_cast<unsigned char>(name[0])) != 0;
    const std::string wanted =
        is_code ? fmt::format("| {} | {} |", name, (*it)[2].str()) : fmt::format("`{}`", name);
    EXPECT_NE(page("README.md").text.find(wanted), std::string::npos) << wanted;
  }
  EXPECT_GT(rows, 20);
}

TEST(Docs, TriggerMembersAreThoseOfTheSchema) {
  const Scratch scratch;
  ASSERT_EQ(scratch.run("weir schema triggers"), 0);
  const auto schema = json::parse_tree(read_text(scratch.file("out")));
  ASSERT_TRUE(schema);
  std::set<std::string> members;
  for (const json::Member& member : schema->root.find("properties")->members()) {
    members.emplace(member.name);
  }
  const json::Value* trigger = schema->root.find("$defs")->find("TriggerConfig");
  for (const json::Member& member : trigger->find("properties")->members()) {
    members.emplace(member.name);
  }
  const auto listed =
      quoted_in_tables(page("docs/triggers.md"), 0, "Of the block:", "Durations are");
  EXPECT_EQ(set_of(listed), members);
}

TEST(Docs, MetricsAreThoseOfTheProgram) {
  const auto listed = quoted_in_tables(page("docs/http.md"), 0, "## Metrics", "## Limits");
  std::set<std::string> families;
  for (const std::string& name : between(read_text("src/app/metrics.cc"), "\"weir_", "\""))
    families.insert("weir_" + name);
  std::set<std::string> named;
  for (const std::string& name : listed) {
    for (const std::string_view suffix : {"_total", "_info", ""}) {
      if (!name.ends_with(suffix)) continue;
      named.insert(name.substr(0, name.size() - suffix.size()));
      break;
    }
  }
  EXPECT_EQ(named, families);
}

TEST(Docs, VariablesHelpersAndWarningsAreThoseOfTheCode) {
  const Page& triggers = page("docs/triggers.md");
  const auto names = [&](std::string_view text) {
    return triggers.text.find(fmt::format("`{}", text)) != std::string::npos;
  };
  json::Arena arena;
  const catalog::TriggerFacts facts =
      catalog::sample_facts(catalog::Sample::kOneTable, "acme/tables", "ci");
  for (const json::Member& member : catalog::make_context(facts, {}, {}, arena).members()) {
    EXPECT_TRUE(names(member.name)) << "variable " << member.name;
  }
  for (const handlebars::Helper& helper : handlebars::helpers()) {
    EXPECT_TRUE(names(helper.name)) << "helper " << helper.name;
  }
  for (const catalog::CodeInfo& info : catalog::codes()) {
    const bool is_warning = info.severity() == catalog::Severity::kWarning;
    const bool is_listed =
        triggers.text.find(fmt::format("\n| {} |", info.code)) != std::string::npos;
    EXPECT_EQ(is_listed, is_warning) << info.code;
  }
}

TEST(Docs, EveryPromiseAndDepartureNamesTestsThatExist) {
  const auto departures = quoted_in_tables(page("docs/departures.md"), 2, "## ", "");
  EXPECT_GT(departures.size(), 50u);
  EXPECT_THAT(missing_tests(departures), testing::IsEmpty());
  const auto promises = quoted_in_tables(page("docs/reliability.md"), 2, "## Promises", "## How");
  EXPECT_GT(promises.size(), 20u);
  EXPECT_THAT(missing_tests(promises), testing::IsEmpty());
}

TEST(Docs, PicturesAreThoseOfTheProgram) {
  const Scratch scratch;
  const std::string script =
      "python3 '" + std::filesystem::absolute("scripts/screenshots").string() + "'";
  ASSERT_EQ(scratch.run(script + " --self-test"), 0) << read_text(scratch.file("err"));
  ASSERT_EQ(scratch.run(script + " --weir '" WEIR_PROGRAM "' --out images"), 0)
      << read_text(scratch.file("err"));
  std::size_t pictures = 0;
  for (const auto& entry : std::filesystem::directory_iterator("docs/images")) {
    if (entry.path().extension() != ".svg") continue;
    const std::string name = entry.path().filename();
    EXPECT_EQ(read_text(scratch.file("images/" + name)), read_text("docs/images/" + name))
        << "scripts/screenshots makes it anew";
    ++pictures;
  }
  EXPECT_EQ(pictures, 4u);
}

TEST(Docs, ATestThatIsNotThereIsNoticed) {
  EXPECT_EQ(
      missing_tests({"Docs.ATestThatIsNotThereIsNoticed", "No.Such", "no-such.test", "words"}),
      (std::vector<std::string>{"No.Such", "no-such.test", "words"}));
}

TEST(DocsScript, StopsAtTheFirstFailureAndKnowsExitCodes) {
  const Scratch scratch;
  const auto run = [&](const std::string& commands) {
    scratch.write("script", script_of(parse_page("p", "```sh run\n" + commands + "\n```\n"), true));
    return scratch.run("bash script");
  };
  EXPECT_EQ(run("true\nfalse"), 1);
  EXPECT_EQ(run("false\ntrue"), 1);
  EXPECT_EQ(run("(exit 3)   # exit 3\ntrue"), 0);
  EXPECT_EQ(run("(exit 3)   # exit 4\ntrue"), 1);
  EXPECT_EQ(run("true   # exit 3\ntrue"), 1);
  EXPECT_EQ(script_of(parse_page("p", "```sh\nfalse\n```\n"), true), "");
}

// --- departures that have no better place ---

TEST(DocsDepartures, CollectionNamesAreSortedOnceEach) {
  trigger::RequestFacts facts;
  facts.tables = {{"t1", {"t1"}, "z/last"}, {"t2", {"t2"}, "a/first"}, {"t3", {"t3"}, "z/last"}};
  facts.window.through = 1;
  for (std::uint32_t table = 0; table < 3; ++table) {
    facts.window.tables.push_back({.table = table, .documents = 1, .stored = 1});
  }
  EXPECT_EQ(trigger::facts_of(facts, {}, "ci").collection_names,
            (std::vector<std::string>{"a/first", "z/last"}));
}

}  // namespace
}  // namespace weir::docs
