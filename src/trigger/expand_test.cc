#include "trigger/expand.h"

#include <gtest/gtest.h>

#include <map>

namespace weir::trigger {
namespace {

Surroundings surroundings() {
  Surroundings out;
  out.variable = [](const std::string& name) -> std::optional<std::string> {
    static const std::map<std::string, std::string> kVariables = {{"TOKEN", "canary-token"},
                                                                  {"EMPTY", ""}};
    const auto found = kVariables.find(name);
    if (found == kVariables.end()) return std::nullopt;
    return found->second;
  };
  out.file = [](const std::string& path) -> Result<std::string> {
    if (path == "/etc/key") return std::string("canary-key\n");
    if (path == "/srv/catalog/key.txt") return std::string("canary-near\r\n");
    return error(Code::kNotFound, "no such file");
  };
  return out;
}

TEST(Expand, LooksReferencesUp) {
  struct Case {
    std::string text, expected;
  };
  const Case cases[] = {
      {"plain", "plain"},
      {"", ""},
      {"Bearer ${env:TOKEN}", "Bearer canary-token"},
      {"${env:TOKEN}-${env:TOKEN}", "canary-token-canary-token"},
      {"${env:EMPTY}", ""},
      {"${file:/etc/key}", "canary-key"},
      {"${file:key.txt}!", "canary-near!"},
      {"$${env:TOKEN}", "${env:TOKEN}"},
      {"a$b$", "a$b$"},
      {"$$${env:TOKEN}", "$${env:TOKEN}"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto expanded = expand(Secret(c.text), "/srv/catalog", surroundings());
    ASSERT_TRUE(expanded) << expanded.error().message;
    EXPECT_EQ(expanded->reveal(), c.expected);
  }
}

TEST(Expand, ErrorsNameTheReferenceAndNeverAValue) {
  struct Case {
    std::string text, message;
  };
  const Case cases[] = {
      {"${env:TOKEN}${env:MISSING}",
       "the environment variable MISSING is not set, which ${env:MISSING} names"},
      {"${file:gone}", "${file:gone}: no such file"},
      {"${vault:x}", "${vault:x} is no reference; there are ${env:NAME} and ${file:PATH}"},
      {"${env:TOKEN} ${env:X", "a ${ without its }"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto expanded = expand(Secret(c.text), "/srv/catalog", surroundings());
    ASSERT_FALSE(expanded);
    EXPECT_EQ(expanded.error().code, Code::kSealed);
    EXPECT_EQ(expanded.error().message, c.message);
  }
}

TEST(Expand, TheEnvironmentIsCheckedWithoutReadingFiles) {
  EXPECT_TRUE(check_environment(Secret(std::string("${file:gone} ${env:TOKEN}")), surroundings()));
  EXPECT_FALSE(check_environment(Secret(std::string("${env:GONE}")), surroundings()));
}

}  // namespace
}  // namespace weir::trigger
