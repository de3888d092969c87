// The age testkit: each file says in its header what must come of it.
#include <fmt/core.h>
#include <zlib.h>

#include <map>

#include "base/digest.h"
#include "base/text.h"
#include "secrets/test_support.h"

namespace weir::secrets {
namespace {

struct Vector {
  std::string expect, payload_sha256, file;
  std::vector<Identity> identities;
  std::vector<Secret> passphrases;
  bool post_quantum = false;
};

std::string inflated(const std::string& bytes) {
  std::string out(32u << 20, '\0');
  uLongf size = out.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                       reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()),
            Z_OK);
  out.resize(size);
  return out;
}

Vector read_vector(const std::string& path) {
  const std::string text = read_file(path);
  Vector out;
  const std::size_t end = text.find("\n\n");
  bool compressed = false;
  for (const std::string_view line : split(std::string_view(text).substr(0, end), '\n')) {
    const std::size_t colon = line.find(": ");
    const std::string_view name = line.substr(0, colon);
    const std::string value(line.substr(colon + 2));
    if (name == "expect") out.expect = value;
    if (name == "payload") out.payload_sha256 = value;
    if (name == "passphrase") out.passphrases.emplace_back(value);
    if (name == "compressed") compressed = true;
    if (name == "identity") {
      if (value.starts_with("AGE-SECRET-KEY-PQ-")) {
        out.post_quantum = true;
        continue;
      }
      auto identity = Identity::parse(value);
      EXPECT_TRUE(identity) << path;
      if (identity) out.identities.push_back(*std::move(identity));
    }
  }
  out.file = text.substr(end + 2);
  if (compressed) out.file = inflated(out.file);
  return out;
}

// All identities at once, then each passphrase; the first that finds its stanza decides.
Result<Secret> decrypt(const Vector& vector) {
  if (vector.passphrases.empty()) {
    return age_decrypt(vector.file, {.identities = vector.identities});
  }
  for (const Secret& passphrase : vector.passphrases) {
    auto plain =
        age_decrypt(vector.file, {.identities = vector.identities, .passphrase = &passphrase});
    if (plain || plain.error().code != Code::kSealed) return plain;
  }
  return error(Code::kSealed, "no passphrase fits");
}

TEST(AgeSuite, EveryFileThatNeedsNoPostQuantumKey) {
  SKIP_WITHOUT_SUITE("age/testkit");
  std::map<std::string, int> ran;
  std::string left_out;
  int count = 0, post_quantum = 0;
  for (const auto& entry : std::filesystem::directory_iterator(suite_path("age/testkit"))) {
    const std::string name = entry.path().filename();
    SCOPED_TRACE(name);
    const Vector vector = read_vector(entry.path());
    if (vector.post_quantum) {
      ++post_quantum;
      left_out += " " + name;
      continue;
    }
    ++ran[vector.expect];
    ++count;
    const auto plain = decrypt(vector);
    EXPECT_EQ(plain.has_value(), vector.expect == "success")
        << (plain ? "" : plain.error().message);
    if (plain) {
      EXPECT_EQ(hex_lower(sha256(plain->reveal())), vector.payload_sha256);
      continue;
    }
    if (vector.expect == "no match") {
      EXPECT_EQ(plain.error().code, Code::kSealed) << plain.error().message;
    } else {
      EXPECT_NE(plain.error().code, Code::kSealed) << plain.error().message;
    }
  }
  fmt::print("age testkit: {} files ran (", count);
  for (const auto& [expect, times] : ran) fmt::print(" {} {};", times, expect);
  fmt::print(" ), {} left out for their post-quantum key:{}\n", post_quantum, left_out);
  EXPECT_GE(count, 100);
}

}  // namespace
}  // namespace weir::secrets
