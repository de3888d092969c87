// The public JSON-Schema-Test-Suite: every case of both drafts, optional ones and annotations
// included.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "json/events.h"
#include "json/host/re2_regex.h"
#include "json/pointer.h"
#include "json/schema.h"
#include "json/uri.h"

namespace weir::json {
namespace {

namespace fs = std::filesystem;

fs::path suite_folder() {
  const char* suites = std::getenv("WEIR_SUITES");
  return fs::path(suites != nullptr ? suites : "../shared/suites") / "json-schema";
}

Tree read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  auto tree = parse_tree(text);
  EXPECT_TRUE(tree.has_value()) << path << ": " << (tree ? "" : tree.error().message);
  return tree ? *std::move(tree) : Tree();
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Cases left out, each with its reason. The prefix is of "FILE: GROUP: CASE".
struct LeftOut {
  std::string_view draft, prefix, reason;
};
constexpr LeftOut kLeftOut[] = {
    {"", "optional/format/idn-hostname.json",
     "the format is not checked: it needs the tables of IDNA"},
};

class SchemaSuite : public testing::TestWithParam<std::string_view> {
 protected:
  struct Remote {
    std::string uri;
    Tree tree;
  };
  static std::vector<Remote> read_remotes() {
    std::vector<Remote> remotes;
    const fs::path folder = suite_folder() / "remotes";
    for (const fs::path& file : json_files(folder)) {
      const std::string relative = fs::relative(file, folder).generic_string();
      // Other drafts reuse the $ids of these.
      const bool other = relative.starts_with("draft3") || relative.starts_with("draft4") ||
                         relative.starts_with("draft6") || relative.starts_with("draft-next");
      if (!other) remotes.push_back({"http://localhost:1234/" + relative, read_file(file)});
    }
    return remotes;
  }
  static const LeftOut* left_out(std::string_view draft, std::string_view name) {
    for (const LeftOut& entry : kLeftOut) {
      if ((entry.draft.empty() || entry.draft == draft) && name.starts_with(entry.prefix))
        return &entry;
    }
    return nullptr;
  }
};

TEST_P(SchemaSuite, EveryCase) {
  if (!fs::exists(suite_folder())) GTEST_SKIP() << "skipped: no suites at " << suite_folder();
  const std::string_view draft = GetParam();
  const fs::path folder = suite_folder() / draft;
  const std::vector<Remote> remotes = read_remotes();
  int ran = 0, optional = 0, number = 0;
  std::map<std::string, int> reasons;
  for (const fs::path& file : json_files(folder)) {
    const std::string name = fs::relative(file, folder).generic_string();
    const bool is_optional = name.starts_with("optional/");
    const Tree groups = read_file(file);
    for (const Value& group : groups.root.items()) {
      const std::string group_name =
          fmt::format("{}: {}", name, group.find("description")->as_string());
      SchemaOptions options;
      options.dialect = draft == "draft2019-09" ? Dialect::k2019_09 : Dialect::k2020_12;
      options.regex = re2_regex_factory();
      options.assert_formats = name.starts_with("optional/format/");
      const std::string uri = fmt::format("https://suite.test/{}/{}", draft, ++number);
      // A store per group, for groups reuse each other's $ids.
      SchemaStore own;
      for (const Remote& remote : remotes)
        ASSERT_TRUE(own.add(remote.uri, remote.tree.root).has_value());
      const auto added = own.add(uri, *group.find("schema"));
      ASSERT_TRUE(added.has_value()) << group_name << ": " << added.error().message;
      const auto schema = own.compile(uri, options);
      const LeftOut* group_left_out = left_out(draft, group_name);
      if (group_left_out == nullptr) {
        EXPECT_TRUE(schema.has_value()) << group_name << ": " << schema.error().message;
      }
      Outcome outcome;
      for (const Value& test : group.find("tests")->items()) {
        const std::string test_name =
            fmt::format("{}: {}", group_name, test.find("description")->as_string());
        if (const LeftOut* entry = left_out(draft, test_name)) {
          ++reasons[fmt::format("{} ({})", entry->prefix, entry->reason)];
          continue;
        }
        if (!schema) continue;
        ++(is_optional ? optional : ran);
        const bool expected = test.find("valid")->as_bool();
        const Value& data = *test.find("data");
        (*schema)->validate(data, outcome);
        EXPECT_EQ(outcome.valid, expected) << test_name << "\n  " << to_text(*group.find("schema"));
        EXPECT_EQ((*schema)->is_valid(data), expected) << test_name;
        EXPECT_EQ(outcome.problems.empty(), outcome.valid) << test_name;
      }
    }
  }
  std::printf("%s: %d required and %d optional cases ran\n", std::string(draft).c_str(), ran,
              optional);
  for (const auto& [reason, count] : reasons)
    std::printf("  left out: %d of %s\n", count, reason.c_str());
  EXPECT_GT(ran, 1000);
  EXPECT_GT(optional, 300);
}

INSTANTIATE_TEST_SUITE_P(Drafts, SchemaSuite, testing::Values("draft2019-09", "draft2020-12"));

// The URI of a schema location, decoded so that spellings do not matter.
std::string plain(std::string_view uri) {
  return percent_decode(uri);
}

TEST(SchemaAnnotations, EveryCase) {
  const fs::path folder = suite_folder() / "annotations" / "tests";
  if (!fs::exists(folder)) GTEST_SKIP() << "skipped: no suites at " << suite_folder();
  int ran = 0;
  for (const fs::path& file : json_files(folder)) {
    const Tree tree = read_file(file);
    for (const Value& group : tree.root.find("suite")->items()) {
      SchemaOptions options;
      options.regex = re2_regex_factory();
      SchemaStore store;
      const std::string uri = "https://suite.test/annotations";
      ASSERT_TRUE(store.add(uri, *group.find("schema")).has_value());
      const auto schema = store.compile(uri, options);
      ASSERT_TRUE(schema.has_value()) << schema.error().message;
      const Value* id = group.find("schema")->find("$id");
      const std::string base(id != nullptr ? id->as_string() : uri);
      for (const Value& test : group.find("tests")->items()) {
        const Value& instance = *test.find("instance");
        Outcome outcome;
        (*schema)->validate(instance, outcome);
        EXPECT_TRUE(outcome.valid);
        for (const Value& assertion : test.find("assertions")->items()) {
          ++ran;
          const Value* at = Pointer::parse(assertion.find("location")->as_string())->find(instance);
          std::map<std::string, std::string> expected, found;
          for (const Member& member : assertion.find("expected")->members()) {
            expected[plain(resolve_uri(base, member.name))] = to_text(member.value);
          }
          for (const Annotation& annotation : outcome.annotations) {
            const AnnotationSite& site = (*schema)->sites()[annotation.site];
            if (annotation.instance != at) continue;
            if (site.keyword != assertion.find("keyword")->as_string()) continue;
            found[plain(site.schema_location)] = to_text(site.value);
          }
          EXPECT_EQ(found, expected)
              << file.filename() << ": " << group.find("description")->as_string() << " at "
              << assertion.find("location")->as_string();
        }
      }
    }
  }
  std::printf("annotations: %d assertions ran\n", ran);
  EXPECT_GT(ran, 60);
}

}  // namespace
}  // namespace weir::json
