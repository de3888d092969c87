// Both ways with Debian's age.
#include <fmt/core.h>

#include "secrets/test_support.h"

namespace weir::secrets {
namespace {

constexpr std::size_t kLengths[] = {0, 1, 65535, 65536, 65537, 131073};

std::string sample(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 131 + (i >> 8)) & 0xff);
  return out;
}

TEST(AgeInterop, DebiansAgeReadsOurs) {
  if (!on_path("age")) GTEST_SKIP() << "skipped: no age program (scripts/setup installs it)";
  const TestFolder folder;
  const Identity identity = test_identity();
  write_file(folder.file("key"), identity.text().reveal());
  for (const std::size_t length : kLengths) {
    for (const Armor armor : {Armor::kNo, Armor::kYes}) {
      SCOPED_TRACE(fmt::format("{} bytes, armor {}", length, armor == Armor::kYes));
      const auto file =
          age_encrypt(sample(length), {{identity.recipient()}}, armor, system_entropy());
      ASSERT_TRUE(file);
      write_file(folder.file("in"), *file);
      EXPECT_EQ(folder.run("age -d -i key in"), sample(length));
    }
  }
}

TEST(AgeInterop, WeReadDebiansAge) {
  if (!on_path("age")) GTEST_SKIP() << "skipped: no age program (scripts/setup installs it)";
  const TestFolder folder;
  const Identity identity = test_identity();
  for (const std::size_t length : kLengths) {
    write_file(folder.file("plain"), sample(length));
    for (const char* armor : {"", "-a "}) {
      SCOPED_TRACE(fmt::format("{} bytes, {}", length, armor));
      const std::string file =
          folder.run(fmt::format("age {}-r {} plain", armor, identity.recipient().text()));
      const auto plain = age_decrypt(file, {.identities = {&identity, 1}});
      ASSERT_TRUE(plain) << plain.error().message;
      EXPECT_EQ(plain->reveal(), sample(length));
    }
  }
}

TEST(AgeInterop, KeygenUnderstandsOurKeys) {
  if (!on_path("age-keygen")) GTEST_SKIP() << "skipped: no age-keygen (scripts/setup installs it)";
  const TestFolder folder;
  const auto identity = Identity::generate(system_entropy());
  ASSERT_TRUE(identity);
  write_file(folder.file("key"), identity_file(*identity, "2026-11-22T17:03:04Z").reveal());
  EXPECT_EQ(folder.run("age-keygen -y key"), identity->recipient().text() + "\n");
  const auto theirs = parse_identities(folder.run("age-keygen 2>/dev/null"));
  ASSERT_TRUE(theirs);
  EXPECT_EQ(theirs->size(), 1u);
}

}  // namespace
}  // namespace weir::secrets
