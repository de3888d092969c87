#include <fmt/core.h>

#include "secrets/test_support.h"

namespace weir::secrets {
namespace {

std::string encrypted(std::string_view plain, Armor armor = Armor::kNo) {
  const Identity identity = test_identity();
  return *age_encrypt(plain, {{identity.recipient()}}, armor, counting_entropy());
}

TEST(Age, PiecesOfAnySizeGiveTheSame) {
  const Identity identity = test_identity();
  const std::string plain(150'000, 'x');
  for (const Armor armor : {Armor::kNo, Armor::kYes}) {
    const std::string file = encrypted(plain, armor);
    for (const std::size_t piece : {1ul, 7ul, 4096ul, 65552ul, 1ul << 20}) {
      std::string out;
      AgeReader reader({.identities = {&identity, 1}}, [&out](std::string_view bytes) -> Status {
        out += bytes;
        return {};
      });
      for (std::size_t at = 0; at < file.size(); at += piece) {
        ASSERT_TRUE(reader.write(std::string_view(file).substr(at, piece)));
      }
      ASSERT_TRUE(reader.finish());
      EXPECT_EQ(out, plain);
    }
  }
}

TEST(Age, EveryTruncationFails) {
  const Identity identity = test_identity();
  for (const Armor armor : {Armor::kNo, Armor::kYes}) {
    const std::string file = encrypted("hello, hidden world", armor);
    // The line end behind the last line of armor is free.
    const std::size_t whole = file.size() - (armor == Armor::kYes ? 1 : 0);
    for (std::size_t size = 0; size < whole; ++size) {
      EXPECT_FALSE(age_decrypt(file.substr(0, size), {.identities = {&identity, 1}})) << size;
    }
  }
}

TEST(Age, EveryChangedByteFailsWithoutSayingWhatWasHidden) {
  const Identity identity = test_identity();
  const std::string file = encrypted("canary-7f3a");
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 0x04);
    const auto plain = age_decrypt(changed, {.identities = {&identity, 1}});
    ASSERT_FALSE(plain) << i;
    EXPECT_EQ(plain.error().message.find("canary"), std::string::npos);
  }
}

TEST(Age, SeveralRecipientsAndStrangers) {
  const auto first = Identity::generate(system_entropy());
  const auto second = Identity::generate(system_entropy());
  const auto stranger = Identity::generate(system_entropy());
  const auto file = age_encrypt("both", {{first->recipient(), second->recipient()}}, Armor::kNo,
                                system_entropy());
  for (const Identity& each : {*first, *second}) {
    EXPECT_EQ(age_decrypt(*file, {.identities = {&each, 1}})->reveal(), "both");
  }
  const auto refused = age_decrypt(*file, {.identities = {&*stranger, 1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kSealed);
}

TEST(Age, NobodyToEncryptFor) {
  const auto file = age_encrypt("x", {}, Armor::kNo, system_entropy());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::kInvalid);
}

TEST(Age, WorkOfAPassphraseIsBounded) {
  const std::string header =
      "age-encryption.org/v1\n-> scrypt rF0/NwblUHHTpgQgRpe5CQ {}\n"
      "qW9eVsT0NVb/Vswtw8kPIxUnaYmm9Px1dYmq2+4+qZA\n--- "
      "38TpQMxQRRNMfmYYpBX6DDrPx4/QY5UmJnhPyVoX/cw\n";
  const Secret passphrase{std::string("password")};
  for (const char* work : {"23", "64", "99999999999999999999"}) {
    std::string text = header;
    text.replace(text.find("{}"), 2, work);
    const auto plain = age_decrypt(text, {.passphrase = &passphrase});
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().code, Code::kLimit) << work;
  }
}

TEST(AgeKey, TextRoundTrip) {
  const Identity identity = test_identity();
  EXPECT_EQ(Identity::parse(identity.text().reveal())->scalar().reveal(),
            identity.scalar().reveal());
  EXPECT_EQ(*Recipient::parse(identity.recipient().text()), identity.recipient());
}

TEST(AgeKey, RefusesOtherTexts) {
  const std::string recipient = test_identity().recipient().text();
  const std::string identity(test_identity().text().reveal());
  std::string lower = identity;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  std::string upper = recipient;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& text : {upper, recipient + " ", " " + recipient, recipient.substr(1),
                                  identity, std::string("age1pq1xyz"), std::string()}) {
    EXPECT_FALSE(Recipient::parse(text)) << text;
  }
  for (const std::string& text : {lower, identity + "\r", recipient, std::string()}) {
    const auto parsed = Identity::parse(text);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message.find("EGTZ"), std::string::npos);
  }
}

TEST(AgeKey, FilesOfIdentities) {
  const std::string key(test_identity().text().reveal());
  EXPECT_EQ(parse_identities("# a comment\n\n" + key + "\r\n" + key + "\n")->size(), 2u);
  const auto broken = parse_identities("# a comment\nAGE-SECRET-KEY-1CANARY\n");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("line 2"), std::string::npos) << broken.error().message;
  EXPECT_EQ(broken.error().message.find("CANARY"), std::string::npos);
  const std::string plugin = "AGE-PLUGIN-YUBIKEY-1CANARY\n";
  EXPECT_EQ(parse_identities(plugin + key + "\n" + plugin)->size(), 1u);
  const auto alone = parse_identities("# a comment\n" + plugin);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().message.find("line 2: "), 0u) << alone.error().message;
  EXPECT_EQ(alone.error().message.find("CANARY"), std::string::npos);
  for (const std::string first : {"age-encryption.org/v1", "-----BEGIN AGE ENCRYPTED FILE-----"}) {
    const auto sealed = parse_identities(first + "\n");
    ASSERT_FALSE(sealed);
    EXPECT_NE(sealed.error().message.find("age --decrypt"), std::string::npos);
  }
}

}  // namespace
}  // namespace weir::secrets
