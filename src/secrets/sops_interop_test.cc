// Other programs' documents, and the real sops program both ways.
#include <fmt/core.h>
#include <gmock/gmock.h>

#include "secrets/sops_test_support.h"
#include "secrets/suffix.h"

namespace weir::secrets {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(SopsInterop, PublicDocuments) {
  SKIP_WITHOUT_SUITE("sops/public");
  const auto identities = [](const std::string& file) {
    return *parse_identities(read_file(suite_path("sops/public/" + file)));
  };
  for (const char* file : {"flow-empty-input.json", "flow-hyphen-suffix.json",
                           "flow-no-suffix.json", "flow-under-suffix.json"}) {
    SCOPED_TRACE(file);
    const std::string text = read_file(suite_path(std::string("sops/public/") + file));
    EXPECT_THAT(decrypted(text, Format::kJson, identities("identity-flow.txt")),
                Not(StartsWith("error")));
  }
  EXPECT_THAT(decrypted(read_file(suite_path("sops/public/flux-age.yaml")), Format::kYaml,
                        identities("identity-flux.txt")),
              HasSubstr("kind: Secret"));
  EXPECT_THAT(decrypted(read_file(suite_path("sops/public/flux-binary.json")), Format::kJson,
                        identities("identity-flux.txt")),
              Not(StartsWith("error")));
}

TEST(SopsInterop, SuffixesAreStrippedOnceAtEveryDepth) {
  SKIP_WITHOUT_SUITE("sops/public");
  const auto document =
      document_of(read_file(suite_path("sops/public/flow-hyphen-suffix.json")), Format::kJson);
  const auto identities = *parse_identities(read_file(suite_path("sops/public/identity-flow.txt")));
  const auto opened = open_file(*document, identities, json::re2_syntax_factory());
  ASSERT_TRUE(opened);
  const auto json = opened_json(document->roots()[0], opened->leaves, opened->stanza);
  ASSERT_TRUE(json);
  EXPECT_THAT(std::string(json->reveal()), HasSubstr("\"inner-sops\":"));
  EXPECT_THAT(std::string(json->reveal()), HasSubstr("\"s1\":"));
  EXPECT_THAT(std::string(json->reveal()), Not(HasSubstr("\"sops\"")));
}

const std::vector<EncryptOptions>& all_options() {
  static const auto second = identities_of({"second.txt"});
  static const std::vector<EncryptOptions> options{
      {},
      {.rule_kind = "encrypted_suffix", .rule = "_sops"},
      {.rule_kind = "unencrypted_suffix", .rule = "_unencrypted"},
      {.rule_kind = "encrypted_regex", .rule = "^(password|list)"},
      {.rule_kind = "unencrypted_regex", .rule = "(?i)TEXT|^nested$"},
      {.rule_kind = "encrypted_regex", .rule = "password", .mac_only_encrypted = true},
      {.groups = {{test_identity().recipient()}, {second[0].recipient()}}, .threshold = 2},
  };
  return options;
}

TEST(SopsInterop, SopsReadsOurs) {
  if (!on_path("sops")) GTEST_SKIP() << "skipped: no sops (scripts/setup --with-sops builds it)";
  const TestFolder folder;
  write_file(folder.file("keys"),
             read_file(kTestdata + "identity.txt") + read_file(kTestdata + "second.txt"));
  for (const char* ending : {"json", "yaml"}) {
    const Format format = format_of(std::string("x.") + ending);
    const std::string plain = read_file(kTestdata + "values." + ending);
    for (const EncryptOptions& options : all_options()) {
      SCOPED_TRACE(fmt::format("{} {} {}", ending, options.rule_kind, options.rule));
      write_file(folder.file(std::string("in.") + ending), encrypted(plain, format, options));
      const std::string back =
          folder.run(fmt::format("SOPS_AGE_KEY_FILE=keys sops --decrypt in.{}", ending));
      // What sops makes of the plain file itself.
      write_file(folder.file(std::string("plain.") + ending), plain);
      folder.run(fmt::format("sops --encrypt --age {} plain.{} > own.{}",
                             test_identity().recipient().text(), ending, ending));
      const std::string own =
          folder.run(fmt::format("SOPS_AGE_KEY_FILE=keys sops --decrypt own.{}", ending));
      EXPECT_TRUE(json::equal(tree_of(back, format).root, tree_of(own, format).root)) << back;
    }
  }
}

TEST(SopsInterop, WeReadSops) {
  if (!on_path("sops")) GTEST_SKIP() << "skipped: no sops (scripts/setup --with-sops builds it)";
  const TestFolder folder;
  write_file(folder.file("keys"), read_file(kTestdata + "identity.txt"));
  const char* kArguments[] = {"", "--encrypted-suffix _sops", "--unencrypted-regex '^list$'",
                              "--mac-only-encrypted --encrypted-regex pass"};
  for (const char* ending : {"json", "yaml"}) {
    const Format format = format_of(std::string("x.") + ending);
    write_file(folder.file(std::string("in.") + ending), read_file(kTestdata + "values." + ending));
    for (const char* arguments : kArguments) {
      SCOPED_TRACE(fmt::format("{} {}", ending, arguments));
      folder.run(fmt::format("sops --encrypt --age {} {} in.{} > out.{}",
                             test_identity().recipient().text(), arguments, ending, ending));
      const std::string theirs =
          folder.run(fmt::format("SOPS_AGE_KEY_FILE=keys sops --decrypt out.{}", ending));
      const std::string ours = decrypted(read_file(folder.file(std::string("out.") + ending)),
                                         format, {test_identity()});
      EXPECT_TRUE(json::equal(tree_of(ours, format).root, tree_of(theirs, format).root)) << ours;
    }
  }
}

// What a double does not hold is exact where it is encrypted, and refused where it would be clear.
TEST(SopsInterop, BigIntegersStayExact) {
  if (!on_path("sops")) GTEST_SKIP() << "skipped: no sops (scripts/setup --with-sops builds it)";
  const TestFolder folder;
  write_file(folder.file("keys"), read_file(kTestdata + "identity.txt"));
  const std::string json =
      R"({"largest": 9223372036854775807, "smallest": -9223372036854775808, "odd": 9007199254740993})";
  const std::string yaml =
      "largest: 9223372036854775807\nsmallest: -9223372036854775808\nodd: 9007199254740993\n";
  for (const auto& [ending, plain] : {std::pair("json", json), std::pair("yaml", yaml)}) {
    SCOPED_TRACE(ending);
    const Format format = format_of(std::string("x.") + ending);
    write_file(folder.file(std::string("in.") + ending), encrypted(plain, format));
    const std::string back =
        folder.run(fmt::format("SOPS_AGE_KEY_FILE=keys sops --decrypt in.{}", ending));
    EXPECT_TRUE(json::equal(tree_of(back, format).root, tree_of(plain, format).root)) << back;
  }
  write_file(folder.file("clear.yaml"), yaml);
  folder.run(fmt::format("sops --encrypt --age {} clear.yaml > out.yaml",
                         test_identity().recipient().text()));
  const std::string ours =
      decrypted(read_file(folder.file("out.yaml")), Format::kYaml, {test_identity()});
  EXPECT_TRUE(json::equal(tree_of(ours, Format::kYaml).root, tree_of(yaml, Format::kYaml).root));
}

TEST(SopsInterop, SopsBringsOurCommentsBack) {
  if (!on_path("sops")) GTEST_SKIP() << "skipped: no sops (scripts/setup --with-sops builds it)";
  const TestFolder folder;
  write_file(folder.file("keys"), read_file(kTestdata + "identity.txt"));
  const std::string sealed = encrypted(read_file(kTestdata + "values.yaml"), Format::kYaml);
  EXPECT_THAT(sealed, Not(HasSubstr("# a comment")));
  write_file(folder.file("in.yaml"), sealed);
  const std::string back = folder.run("SOPS_AGE_KEY_FILE=keys sops --decrypt in.yaml");
  for (const char* comment : {"# a comment at the top", "# a comment in the middle",
                              "# a comment inside", "# behind a key", "# behind a value"}) {
    EXPECT_THAT(back, HasSubstr(comment));
  }
}

// The real program, where a document is damaged: both refuse it.
TEST(SopsInterop, BothRefuseWhatWasChanged) {
  if (!on_path("sops")) GTEST_SKIP() << "skipped: no sops (scripts/setup --with-sops builds it)";
  const TestFolder folder;
  write_file(folder.file("keys"), read_file(kTestdata + "identity.txt"));
  const std::string sealed = encrypted("{\"clear\": \"x\", \"a_sops\": \"canary\"}", Format::kJson,
                                       {.rule_kind = "encrypted_suffix", .rule = "_sops"});
  std::string changed = sealed;
  changed.replace(changed.find("\"x\""), 3, "\"y\"");
  for (const auto& [text, good] : {std::pair(sealed, true), std::pair(changed, false)}) {
    write_file(folder.file("in.json"), text);
    int status = 0;
    folder.run("SOPS_AGE_KEY_FILE=keys sops --decrypt in.json 2>/dev/null", &status);
    EXPECT_EQ(status == 0, good);
    const std::string ours = decrypted(text, Format::kJson, {test_identity()});
    EXPECT_EQ(ours.find("error: ") != 0, good) << ours;
  }
}

}  // namespace
}  // namespace weir::secrets
