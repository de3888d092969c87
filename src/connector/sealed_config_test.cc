#include "connector/sealed_config.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "json/host/re2_regex.h"

namespace weir::connector {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kTestdata = "src/secrets/testdata/";

std::string read_file(const std::string& name) {
  std::ifstream in(kTestdata + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

secrets::Keyring keyring(const std::string& file) {
  secrets::Keyring out;
  out.identities = *secrets::parse_identities(read_file(file));
  out.regex = json::re2_syntax_factory();
  return out;
}

TEST(SealedConfig, OpensWhatSopsWrote) {
  const std::string config = read_file("sops-encrypted-regex.json");
  ASSERT_TRUE(is_sealed(config));
  const auto opened = open_config("endpoint.sqlite", config, keyring("identity.txt"));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_THAT(std::string(opened->reveal()), HasSubstr("\"password\":\"hunter2\""));
  EXPECT_THAT(std::string(opened->reveal()), Not(HasSubstr("\"sops\"")));
}

TEST(SealedConfig, TwoMembersThatWouldHaveOneName) {
  const auto opened = open_config("endpoint.sqlite", read_file("sops-encrypted-suffix.json"),
                                  keyring("identity.txt"));
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("would be called \"password\""));
}

TEST(SealedConfig, OfAConnectorTheInnerConfigIsOpened) {
  const std::string config =
      fmt::format(R"({{"image": "x", "config": {}}})", read_file("sops-mac-only.json"));
  ASSERT_TRUE(is_sealed(config));
  const auto opened = open_config("endpoint.connector", config, keyring("identity.txt"));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_THAT(std::string(opened->reveal()), HasSubstr("\"password\":\"hunter2\""));
  EXPECT_THAT(std::string(opened->reveal()), HasSubstr("\"image\":\"x\""));
}

TEST(SealedConfig, ClearConfigsStayAsTheyAre) {
  const std::string config = R"({"path": "a.db"})";
  EXPECT_FALSE(is_sealed(config));
  EXPECT_EQ(open_config("endpoint.sqlite", config, {})->reveal(), config);
}

TEST(SealedConfig, AMissingIdentityNamesPlaceAndRecipients) {
  const auto opened =
      open_config("endpoint.sqlite", read_file("sops-plain.json"), keyring("second.txt"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kSealed);
  EXPECT_THAT(opened.error().message, HasSubstr("endpoint.sqlite: none of the 1 identities"));
  EXPECT_THAT(opened.error().message, HasSubstr("age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0m"));
}

TEST(SealedConfig, TheShapeIsToldWithoutOpening) {
  const std::string shape = without_seal(
      R"({"path": "a.db", "key_sops": "ENC[x]", "sops": {"encrypted_suffix": "_sops"}})");
  EXPECT_EQ(shape, R"({"path":"a.db","key":"ENC[x]"})");
  EXPECT_EQ(
      without_seal(
          R"({"image":"i","config":{"k_sops":"ENC[x]","sops":{"encrypted_suffix":"_sops"}}})"),
      R"({"image":"i","config":{"k":"ENC[x]"}})");
}

TEST(SealedConfig, TheShapeHasTheTypesOfEncryptedValues) {
  const std::string shape = without_seal(read_file("sops-plain.json"));
  EXPECT_THAT(shape, HasSubstr("\"yes\":true"));
  EXPECT_THAT(shape, HasSubstr("\"integer\":0"));
  EXPECT_THAT(shape, HasSubstr("\"text\":\"sealed\""));
}

TEST(SealedConfig, KeyServicesAreLeftToTheProgram) {
  std::string config = read_file("sops-encrypted-suffix.json");
  const std::size_t from = config.find("\"kms\": null");
  ASSERT_NE(from, std::string::npos);
  config.replace(from, 11, R"("kms": [{"arn": "arn:aws:kms:x", "enc": "x"}])");
  auto ring = keyring("second.txt");
  EXPECT_THAT(open_config("e", config, ring).error().message, HasSubstr("kms arn:aws:kms:x"));
  std::string asked;
  ring.sops = [&asked](std::string_view document) -> Result<Secret> {
    asked = document;
    return error(Code::kSealed, "no credentials");
  };
  EXPECT_THAT(open_config("e", config, ring).error().message, HasSubstr("no credentials"));
  EXPECT_THAT(asked, HasSubstr("\"sops\":{"));
}

}  // namespace
}  // namespace weir::connector
